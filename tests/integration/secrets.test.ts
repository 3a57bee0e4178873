import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { Api } from "#tests/api.ts";
import { startStudio } from "#tests/studio.ts";

const { stack, api } = await startStudio();

test("a server's secrets are nowhere but where they belong", async () => {
  const settings = stack.env("web");
  const secrets = {
    "the cookies' secret": settings.STUDIO_AUTH_SECRET ?? "",
    "the operator's key": (settings.STUDIO_KEK ?? "").slice(2),
    "the signing key": (JSON.parse(settings.STUDIO_SIGNING_KEY ?? "{}") as { d: string }).d,
    "the sandbox host's key": settings.E2B_API_KEY ?? "",
    "a person's API key": stack.credentials.apiKey,
  };
  const session = await api.createSession();
  const sandboxId = session.sandboxId ?? "";
  const everything =
    "env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'; cat /workspace/.env /workspace/*.json; find / -xdev -type f -size -200k \\( -path /proc -o -path /usr \\) -prune -o -type f -size -200k -print0 2>/dev/null | xargs -0 cat 2>/dev/null | head -c 20000000";
  const inside = await stack.runInSandbox(sandboxId, everything);
  expect(inside).toContain("STRUERE_API_KEY=");
  const gatewayToken = (await stack.runInSandbox(sandboxId, "printenv DEMO_API_KEY")).trim();
  const syncKey = (await stack.runInSandbox(sandboxId, "printenv STRUERE_API_KEY")).trim();
  await api.finish(await api.send(session.id, "run `env`"));
  const answers = JSON.stringify([
    await api.events(session.id),
    await api.session(session.id),
    (await api.call("GET", "/api/v1/api-keys")).body,
    (await api.call("GET", "/api/studio/models")).body,
  ]);
  const logs = (["data", "sandboxes", "demo model", "web"] as const)
    .map((name) => stack.log(name))
    .join("\n");
  for (const [what, secret] of Object.entries(secrets)) {
    expect(secret.length, what).toBeGreaterThan(20);
    expect(inside.includes(secret), `${what}, in the sandbox`).toBe(false);
    expect(answers.includes(secret), `${what}, in an answer`).toBe(false);
    expect(logs.includes(secret), `${what}, in a log`).toBe(false);
  }
  // The sandbox's own two keys stay in the sandbox: what it prints of them is masked in the log.
  for (const [what, token] of Object.entries({ gatewayToken, syncKey })) {
    expect(token.length, what).toBeGreaterThan(20);
    expect(answers.includes(token), `${what}, in an answer`).toBe(false);
    expect(logs.includes(token), `${what}, in a log`).toBe(false);
    const stored = execFileSync("sh", ["-c", `grep -rlaF "${token}" "${stack.data}/convex" || true`], {
      encoding: "utf8",
    });
    expect(stored, `${what}, in the data`).toBe("");
  }
  // And they open nothing but what they are for.
  for (const token of [gatewayToken, syncKey])
    expect((await Api.withKey(stack.url, token).call("GET", "/api/studio/sessions")).status).toBe(401);
  await api.stop(session.id);
  const late = await fetch(`${stack.url}/api/gateway/demo/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gatewayToken}`, "content-type": "application/json" },
    body: "{}",
  });
  expect(late.status).toBeGreaterThanOrEqual(400);
});
