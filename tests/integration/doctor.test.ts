import { execFile } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import webPush from "web-push";
import { sharedStudio } from "#tests/shared-studio.ts";

const { stack } = await sharedStudio();
const root = path.resolve(import.meta.dirname, "../..");

interface Seen {
  state: string;
  detail: string;
  advice?: string;
}

/** What the doctor finds with the web server's settings, some of them others. */
async function findings(
  changed: Record<string, string> = {},
): Promise<{ ok: boolean; of: Map<string, Seen> }> {
  const env = { ...process.env, ...stack.env("web"), ...changed };
  const program = [path.join(root, "lib/server/doctor/main.ts"), "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, program, { cwd: root, env }).catch(
    (failed: { stdout: string }) => failed,
  );
  const { ok, findings: all } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as {
    ok: boolean;
    findings: (Seen & { name: string })[];
  };
  return { ok, of: new Map(all.map(({ name, ...finding }) => [name, finding])) };
}

test("nothing is wrong with a Studio that runs, and what isn't set is said", async () => {
  const { ok, of } = await findings();
  expect([...of].filter(([, { state }]) => state === "wrong")).toEqual([]);
  expect(ok).toBe(true);
  expect(of.get("Sandboxes")?.detail).toMatch(/^studio starts in \d+ ms, and reaches studio\.internal:/);
  expect(of.get("Saved work")?.detail).toBe("folder: written, read, removed");
  expect(of.get("Stripe")?.detail).toContain("/api/webhooks/stripe");
  expect([of.get("Worker")?.state, of.get("Models")?.state, of.get("Telemetry")?.state]).toEqual([
    "off",
    "off",
    "off",
  ]);
});

test("each wrong setting is named with what to do, and hides no other", async () => {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const nobody = "http://127.0.0.1:1";
  const { ok, of } = await findings({
    STUDIO_SIGNING_KEY: JSON.stringify({ ...privateKey.export({ format: "jwk" }), kid: "other" }),
    CONVEX_SITE_URL: stack.env("web").CONVEX_URL ?? "",
    STUDIO_KEK: "nothing that opens anything, though it is long enough",
    E2B_API_KEY: "e2b_0000000000000000000000000000000000000000",
    STUDIO_CHECKPOINT_DIR: "/dev/null/nowhere",
    STUDIO_PUBLIC_URL: nobody,
    STUDIO_ENGINE: "external",
    XAI_API_KEY: "xai-nobody",
    XAI_BASE_URL: `${nobody}/v1`,
    STRIPE_SECRET_KEY: "sk_test_of_somebody_else",
    SMTP_URL: "smtp://127.0.0.1:1",
    SMTP_FROM: "Studio <studio@example.com>",
    WEB_PUSH_PUBLIC_KEY: webPush.generateVAPIDKeys().publicKey,
    WEB_PUSH_PRIVATE_KEY: webPush.generateVAPIDKeys().privateKey,
    WEB_PUSH_SUBJECT: "mailto:operator@example.com",
    OTEL_EXPORTER_OTLP_ENDPOINT: nobody,
  });
  expect(ok).toBe(false);
  const wrong = [...of].filter(([, { state }]) => state === "wrong");
  expect(wrong.map(([name]) => name)).toEqual([
    "Studio's functions",
    "HTTP actions",
    "Secrets' key",
    "Sandboxes",
    "Saved work",
    "Web server",
    "Worker",
    "Models: xai",
    "Stripe",
    "E-mail",
    "Web Push",
    "Telemetry",
  ]);
  for (const [, { advice }] of wrong) expect(advice).toMatch(/\w/);
  expect(of.get("Studio's functions")?.advice).toContain("STUDIO_JWKS");
  expect(of.get("Convex")?.state).toBe("ok");
});

test("settings that are missing are all named at once", async () => {
  const { of } = await findings({ STUDIO_KEK: "", STUDIO_PUBLIC_URL: "no address" });
  expect(of.get("Settings")).toMatchObject({
    state: "wrong",
    detail: expect.stringMatching(/STUDIO_PUBLIC_URL.*STUDIO_KEK/),
  });
  expect(of.size).toBe(1);
});
