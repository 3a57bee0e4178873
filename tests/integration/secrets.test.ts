import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Api, until } from "#tests/api.ts";
import { sharedStudio } from "#tests/shared-studio.ts";

const { stack, api } = await sharedStudio();

test("variables reach whom they are for, and are in no log; a session keeps those that it began with", async () => {
  const forAll = "postgres://app:correct-horse@db.example/app";
  const forPeople = "-----BEGIN KEY-----\nabcdefghijklmnopqrstuvwxyz0123456789\n-----END KEY-----";
  const put = async (name: string, body: object) =>
    (await api.call("PUT", `/api/v1/variables/${name}`, body)).status;
  expect(await put("DATABASE_URL", { value: forAll, description: "The tests' database" })).toBe(200);
  expect(await put("DEPLOY_KEY", { value: forPeople, reach: "terminals" })).toBe(200);
  expect(await put("FAR_AWAY", { value: "of production alone", environment: "production" })).toBe(200);
  expect(await put("PATH", { value: "/tmp" })).toBe(400);
  expect(await put("A-B", { value: "x" })).toBe(400);
  expect(await put("NUL", { value: "a\0b" })).toBe(400);
  expect(await put("NONE", {})).toBe(400);
  expect(await put("LONG", { value: "x".repeat(8_001) })).toBe(400);

  const session = await api.idleSession();
  const sandboxId = session.sandboxId ?? "";
  // As what cannot be masked, since nothing of the value is in it.
  const digest = (value: string) => createHash("sha256").update(value).digest("hex");
  const script = [
    "```demo",
    "run printenv DATABASE_URL",
    "run printenv DATABASE_URL | base64 -w 20",
    "run printf %s $DATABASE_URL | sha256sum",
    "run printenv DEPLOY_KEY FAR_AWAY || echo neither is here",
    "say I read postgres://app:correct-horse@db.example/app there.",
    "```",
  ].join("\n");
  await api.finish(await api.send(session.id, script));
  const log = JSON.stringify(await api.events(session.id));
  expect(log).toContain(digest(forAll));
  expect(log).toContain("neither is here");
  // The message is the person's own words; what the sandbox printed, and what the model said, are masked.
  const told = (await api.events(session.id)).filter(({ type }) => !/^(message\.user|run\.)/.test(type));
  expect(told.map(({ type }) => type)).toContain("message.assistant");
  expect(JSON.stringify(told)).not.toMatch(/correct-horse|Y29ycmVjdC1ob3JzZ/);

  // Neither is what a person saves in a file, nor a command that goes on.
  const file = { path: "settings.txt", content: `url: ${forAll}\n`, expectedHash: null };
  expect((await api.call("PUT", `/api/studio/sessions/${session.id}/files`, file)).status).toBe(200);
  await api.finish(
    await api.send(
      session.id,
      "```demo\nrun nohup sh -c 'sleep 60; echo $0' $DATABASE_URL > /dev/null 2>&1 &\n```",
    ),
  );
  const { body: left } = await api.call<{ processes: { command: string }[] }>(
    "GET",
    `/api/studio/sessions/${session.id}/processes`,
  );
  expect(left.processes.map(({ command }) => command)).toContain("sh -c sleep 60; echo $0 ••••••••");
  const changes = (await api.events(session.id)).filter(({ type }) => type === "file.changed");
  expect(JSON.stringify(changes)).toContain("url: ••••••••");
  expect(JSON.stringify(changes)).not.toContain("correct-horse");

  const size = { cols: 80, rows: 24 };
  const path = `/api/studio/sessions/${session.id}/terminals`;
  const { body: terminal } = await api.call<{ id: string }>("POST", path, size);
  const data = 'printf %s "$DEPLOY_KEY" | sha256sum > /tmp/seen\r';
  await api.call("POST", `${path}/${terminal.id}/input`, { data });
  const seen = async () => await stack.runInSandbox(sandboxId, "cat /tmp/seen 2>/dev/null || true");
  await until("the terminal has it", async () => (await seen()).startsWith(digest(forPeople)));

  for (const name of ["DATABASE_URL", "DEPLOY_KEY"])
    expect((await api.call("DELETE", `/api/v1/variables/${name}`)).status).toBe(204);
  expect((await api.call("DELETE", "/api/v1/variables/DATABASE_URL")).status).toBe(404);
  const { body: kept } = await api.call<{ variables: { name: string }[] }>("GET", "/api/v1/variables");
  expect(kept.variables.map(({ name }) => name)).toEqual(["FAR_AWAY"]);
  await api.finish(await api.send(session.id, "run `printenv DATABASE_URL`"));
  const later = JSON.stringify((await api.events(session.id)).slice(-12));
  expect(later).toContain("••••••••");
  expect(later).not.toContain("correct-horse");
  const stored = execFileSync("sh", ["-c", `grep -rlaF "BEGIN KEY" "${stack.data}/convex" || true`], {
    encoding: "utf8",
  });
  expect(stored, "a value, in the data").toBe("");
});

test("a server's secrets are nowhere but where they belong", async () => {
  const settings = stack.env("web");
  const secrets = {
    "the cookies' secret": settings.STUDIO_AUTH_SECRET ?? "",
    "the operator's key": (settings.STUDIO_KEK ?? "").slice(2),
    "the signing key": (JSON.parse(settings.STUDIO_SIGNING_KEY ?? "{}") as { d: string }).d,
    "the sandbox host's key": settings.E2B_API_KEY ?? "",
    "a person's API key": stack.credentials.apiKey,
  };
  const session = await api.idleSession();
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
