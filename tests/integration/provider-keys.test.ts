import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { creditsResponse, ledgerResponse } from "#contracts/billing.ts";
import { providerKeyResponse, providerKeysResponse } from "#contracts/providers.ts";
import { WELCOME_MICRO_USD } from "#domain/ledger.ts";
import { startStudio } from "#tests/studio.ts";
import { Visitor } from "#tests/visitor.ts";

const CANARY = "sk-canary-0123456789abcdefghij-KEY9";
let accepted = CANARY;

const { stack, api } = await startStudio();
// A model server next door, which knows one key.
const endpoint = http.createServer((request, response) => {
  const known = request.url === "/v1/models" && request.headers.authorization === `Bearer ${accepted}`;
  response.writeHead(known ? 200 : 401, { "content-type": "application/json" });
  // Some providers repeat the key in their refusal.
  response.end(JSON.stringify(known ? { data: [] } : { error: `bad key ${request.headers.authorization}` }));
});
await new Promise<void>((resolve) => endpoint.listen(0, "127.0.0.1", resolve));
const baseUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/v1/`;
afterAll(async () => {
  endpoint?.close();
});

const path = "/api/v1/provider-keys";
const body = () => ({ api_key: CANARY, name: "Next door", base_url: baseUrl, models: [{ id: "local-1" }] });
const put = async (provider: string, what: unknown, as = api) =>
  await as.call("PUT", `${path}/${provider}`, what);
const list = async (as = api) => providerKeysResponse.parse((await as.call("GET", path)).body).provider_keys;

describe("an organization's model keys", () => {
  test("are tested when they are saved, and shown masked ever after", async () => {
    const saved = providerKeyResponse.parse((await put("compatible:next-door", body())).body).provider_key;
    expect(saved).toMatchObject({
      status: "active",
      masked: "sk-c…KEY9",
      base_url: baseUrl.replace(/\/$/, ""),
    });
    expect(saved.models).toEqual([
      { id: "local-1", name: "local-1", context_tokens: 128_000, output_tokens: 16_384 },
    ]);
    expect(await list()).toEqual([saved]);
  });

  test("are found out when the provider takes them no more, and again when it does", async () => {
    const tested = async () =>
      providerKeyResponse.parse((await api.call("POST", `${path}/compatible:next-door/test`)).body)
        .provider_key;
    accepted = "another";
    expect(await tested()).toMatchObject({
      status: "error",
      status_detail: expect.stringContaining("rejected"),
    });
    accepted = CANARY;
    expect(await tested()).toMatchObject({ status: "active" });
  });

  test("a provider that is out of reach leaves the key untested, not lost", async () => {
    const answer = await put("compatible:far-away", { ...body(), base_url: "http://127.0.0.1:1/v1" });
    expect(providerKeyResponse.parse(answer.body).provider_key).toMatchObject({ status: "inactive" });
    expect((await api.call("DELETE", `${path}/compatible:far-away`)).status).toBe(204);
    expect((await api.call("DELETE", `${path}/compatible:far-away`)).status).toBe(404);
  });

  test.each([
    ["an unknown provider", "acme", () => body(), "unknown_provider"],
    [
      "a compatible endpoint without an address",
      "compatible:x",
      () => ({ api_key: CANARY }),
      "invalid_request",
    ],
    [
      "an address of another scheme",
      "compatible:x",
      () => ({ ...body(), base_url: "file:///etc" }),
      "invalid_request",
    ],
    ["an address for a provider that has its own", "xai", () => body(), "invalid_request"],
    ["a key with spaces", "xai", () => ({ api_key: "two words here" }), "invalid_request"],
    ["no key", "xai", () => ({}), "invalid_request"],
  ])("%s is refused", async (_what, provider, make, code) => {
    const answer = await put(provider, make());
    expect(answer).toMatchObject({ status: 400, body: { code } });
  });

  test("belong to their organization alone, and to its admins", async () => {
    const { api: stranger } = await Visitor.withOrganization(stack.url, "Strangers");
    expect(await list(stranger)).toEqual([]);
    expect((await stranger.call("DELETE", `${path}/compatible:next-door`)).status).toBe(404);
    expect((await stranger.call("POST", `${path}/compatible:next-door/test`)).status).toBe(404);
    expect((await list())[0]?.provider).toBe("compatible:next-door");
  });

  test("are nowhere in clear: not in the data, not in a log", async () => {
    await put("compatible:next-door", { ...body(), api_key: `${CANARY}-wrong` });
    const found = execFileSync("sh", ["-c", `grep -rlaF "${CANARY}" "${stack.data}" || true`], {
      encoding: "utf8",
    });
    expect(found).toBe("");
  });
});

describe("credits", () => {
  test("a new organization has its welcome, and the ledger says so", async () => {
    const { api: fresh } = await Visitor.withOrganization(stack.url, "Fresh");
    const credits = creditsResponse.parse((await fresh.call("GET", "/api/v1/credits")).body);
    expect(credits).toEqual({
      balance_micro_usd: WELCOME_MICRO_USD,
      held_micro_usd: 0,
      available_micro_usd: WELCOME_MICRO_USD,
      spent_micro_usd: 0,
    });
    const { entries } = ledgerResponse.parse((await fresh.call("GET", "/api/v1/credits/ledger")).body);
    expect(entries).toMatchObject([{ kind: "grant", delta_micro_usd: WELCOME_MICRO_USD }]);
  });

  test("what a session costs is in the ledger to the micro-dollar", async () => {
    const session = await api.createSession();
    await api.finish(await api.send(session.id, "list files"));
    const { totalCreditsConsumed, totalCostMicroUsd } = await api.session(session.id);
    await api.stop(session.id);
    const { entries } = ledgerResponse.parse(
      (await api.call("GET", "/api/v1/credits/ledger?limit=100")).body,
    );
    const charged = entries.filter((entry) => entry.session_id === session.id);
    expect(charged.reduce((sum, entry) => sum - entry.delta_micro_usd, 0)).toBe(totalCreditsConsumed);
    expect(totalCreditsConsumed).toBe(totalCostMicroUsd);
    expect(totalCreditsConsumed).toBeGreaterThan(0);
    const { balance_micro_usd, held_micro_usd } = creditsResponse.parse(
      (await api.call("GET", "/api/v1/credits")).body,
    );
    expect(balance_micro_usd).toBe(entries.reduce((sum, entry) => sum + entry.delta_micro_usd, 0));
    expect(held_micro_usd).toBe(0);
  });
});

// The last of all: the server itself was started with the old key.
test("keys outlast a change of the operator's key, by command", async () => {
  const before = stack.env("web").STUDIO_KEK ?? "";
  const next = `2:${randomBytes(32).toString("base64")}`;
  const run = async (kek: string) =>
    await promisify(execFile)(process.execPath, ["lib/server/keys/rotate.ts"], {
      cwd: resolve(import.meta.dirname, "../.."),
      env: { ...process.env, ...stack.env("web"), STUDIO_KEK: kek },
    });
  expect((await run(`${before},${next}`)).stdout).toMatch(/Done: [1-9]\d* data keys/);
  expect((await run(next)).stdout).toContain("Done: 0 data keys");
});
