import { randomUUID } from "node:crypto";
import fs from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { loadSecrets } from "#cli/up/secrets.ts";
import { DataService } from "#tests/data.ts";
import { FUNCTIONS } from "#tests/functions.ts";

let data: DataService;
beforeAll(async () => {
  data = await DataService.start();
});
afterAll(async () => await data?.stop());

/** Calls a function as any HTTP client would; only the token matters here. */
async function call(path: string, token: string): Promise<number> {
  const response = await fetch(`${data.url}/api/function`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ path, format: "convex_encoded_json", args: [{}] }),
  });
  await response.body?.cancel();
  return response.status;
}

describe("a token that is not right", () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const unsigned = (alg: string) =>
    `${encode({ alg, typ: "JWT" })}.${encode({ iss: "https://issuer.studio.invalid", aud: "convex", sub: "x", kind: "service", exp: 4e9 })}.`;

  test("opens no function at all", async () => {
    const folder = `${data.folder}/other`;
    fs.mkdirSync(folder);
    const foreign = loadSecrets(folder).signingKey;
    const wrong = {
      expired: await data.token({ kind: "service" }, { expiresIn: -60 }),
      "signed by another key": await data.token({ kind: "service" }, { signingKey: foreign }),
      "of another issuer": await data.token({ kind: "service" }, { issuer: "https://evil.example" }),
      "for another audience": await data.token({ kind: "service" }, { audience: "other" }),
      "not signed": unsigned("none"),
      "signed with a shared secret": `${unsigned("HS256")}AAAA`,
      "no token": "garbage",
    };
    for (const [what, token] of Object.entries(wrong))
      for (const path of Object.keys(FUNCTIONS))
        expect(await call(path, token), `${path}, ${what}`).toBe(401);
  });

  test("internal functions do not exist for clients, not even for a server", async () => {
    const client = await data.service();
    const refusal = async (path: string) =>
      await client.mutation(path as never, {}).then(
        () => `${path} ran`,
        (error: Error) => error.message.replace(/Request ID: \w+/, ""),
      );
    const nothing = await refusal("nothing:here");
    expect(nothing).toContain("Server Error");
    for (const path of ["approvals:expire", "sync:project"]) expect(await refusal(path)).toBe(nothing);
  });
});

describe("credits under load", () => {
  async function session(): Promise<{
    sessionId: Id<"sandboxSessions">;
    organizationId: Id<"organizations">;
    userId: Id<"users">;
  }> {
    const service = await data.service();
    const name = randomUUID();
    const { organizationId, userId } = await service.mutation(api.identity.mirror, {
      driver: "test",
      user: { externalId: name, name, email: "e" },
      organization: { externalId: name, name, slug: name },
      role: "admin",
      assertedAt: Date.now(),
      welcomeMicroUsd: 1_000_000,
    });
    const made = await service.mutation(api.sandboxSessions.create, {
      actor: { organizationId, userId, role: "admin" },
      environment: "development",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      title: "t",
    });
    return { sessionId: made.id as Id<"sandboxSessions">, organizationId, userId };
  }

  test("a thousand calls at once on one dollar never hold more than there is", async () => {
    const { sessionId } = await session();
    const client = await data.service();
    const answers = await Promise.all(
      Array.from(
        { length: 1_000 },
        async (_, n) =>
          await client.mutation(
            api.usage.reserve,
            {
              sessionId,
              requestId: `parallel-${n}`,
              keySource: "platform" as const,
              inputMicroUsd: 1_000,
              outputMicroUsdPerMillion: 4_000_000,
              maxOutputTokens: 4_000,
            },
            { skipQueue: true },
          ),
      ),
    );
    const held = answers.reduce((sum, answer) => sum + (answer.ok ? answer.amountMicroUsd : 0), 0);
    expect(held).toBeLessThanOrEqual(1_000_000);
    expect(held).toBeGreaterThan(900_000);
    expect(answers.filter((answer) => !answer.ok).length).toBeGreaterThan(900);
  });

  test("killed again and again under load, it loses no charge and makes none twice", async () => {
    const { sessionId, ...owner } = await session();
    const load = { on: true };
    const acknowledged: string[] = [];
    const killer = (async () => {
      for (let round = 0; round < 5; round++) {
        const before = acknowledged.length;
        await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before + 10);
        await data.kill();
        await data.restart();
      }
    })().finally(() => {
      load.on = false;
    });
    const worker = async (name: number) => {
      for (let n = 0; load.on; n++) {
        const requestId = `kill-${name}-${n}`;
        // Repeated until it is acknowledged, as the gateway does it.
        for (;;) {
          try {
            await (
              await data.service()
            ).mutation(api.usage.record, {
              sessionId,
              requestId,
              provider: "demo",
              model: "demo",
              keySource: "platform" as const,
              inputTokens: 1,
              cachedTokens: 0,
              outputTokens: 1,
              costMicroUsd: 7,
            });
            acknowledged.push(requestId);
            break;
          } catch {
            // Nobody knows whether it was carried out: that is what the request's id is for.
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }
      }
    };
    await Promise.all([killer, ...Array.from({ length: 8 }, async (_, name) => await worker(name))]);
    const after = await (await data.admin(owner)).query(api.sandboxSessions.get, { sessionId });
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(after.totalInputTokens).toBe(acknowledged.length);
    expect(after.totalCreditsConsumed).toBe(acknowledged.length * 7);
  });
});
