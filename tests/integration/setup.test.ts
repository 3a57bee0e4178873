import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { until } from "#tests/api.ts";
import { commitOf, git, GIT_PASSWORD, GIT_USER, GitServer } from "#tests/git-server.ts";
import { startStudio } from "#tests/studio.ts";
import { REGISTRY_TOKEN, TokenRegistry } from "#tests/token-registry.ts";

const { stack, api } = await startStudio();
const registry = await TokenRegistry.start();
afterAll(async () => await registry.stop());
const PLACE = "/api/v1/setup/development";
const SECRET = "set-up-secret-8f1c2a";

interface Setup {
  scope: string;
  version: number;
  missing: string[];
  updated_at: string;
  build: {
    id: string;
    status: string;
    cause: string;
    error: string | null;
    started_at: string;
    refused: { host: string; port: number; reason: string }[];
  } | null;
  waiting: boolean;
  prepared_at: string | null;
}

const setup = async (scope = "project"): Promise<Setup> => {
  const { body } = await api.call<{ setups: Setup[] }>("GET", "/api/v1/setup");
  const found = body.setups.find((one) => one.scope === scope);
  if (!found) throw new Error("there is no set-up");
  return found;
};
const save = async (body: object) => {
  const answer = await api.call<{ setup: Setup }>("PUT", PLACE, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.setup;
};
/** The next build that has ended of what is saved now: one of the script before may just have been given up. */
const buildAfter = async (before: string | undefined, scope?: string) =>
  await until("a build has ended", async () => {
    const { build, prepared_at, updated_at } = await setup(scope);
    const isNew = build && build.id !== before && build.started_at >= updated_at;
    return isNew && build.status !== "running" && { ...build, prepared_at };
  });
const output = async () => (await api.call<{ text: string }>("GET", `${PLACE}/output`)).body.text;
const stepsOf = async (sessionId: string) =>
  (await api.events(sessionId))
    .filter(({ type, payload }) => type === "provision.step" && payload["step"] === "setup")
    .map(({ payload }) => payload);
const printed = async (sessionId: string) =>
  (await api.events(sessionId))
    .filter(({ type }) => type === "setup.output")
    .map(({ payload }) => payload["delta"])
    .join("");
const inside = async (sandboxId: string | null | undefined, command: string) =>
  await stack.runInSandbox(sandboxId ?? "", `{ ${command}; } 2>&1 || echo "ended with $?"`);

test("what a script makes is in new sandboxes, without running it there, and its secret is nowhere", async () => {
  const missing = await save({
    script: 'mkdir -p made && date +%s%N > made/at && echo "with $INSTALL_TOKEN" && ls agents',
    requires: ["INSTALL_TOKEN"],
  });
  expect(missing.missing).toEqual(["INSTALL_TOKEN"]);
  const refused = await buildAfter(undefined);
  expect(refused).toMatchObject({ status: "failed", error: expect.stringContaining("needs INSTALL_TOKEN") });
  await api.call("PUT", "/api/v1/variables/INSTALL_TOKEN", { value: SECRET, reach: "setup" });
  await api.call("PUT", "/api/v1/variables/AGENTS_OWN", { value: "for-the-agent" });
  expect((await api.call("POST", `${PLACE}/rebuild`)).status).toBe(202);
  const built = await buildAfter(refused.id);
  expect(built, await output()).toMatchObject({ status: "ready", cause: "manual", error: null });
  expect(built.prepared_at).not.toBeNull();
  expect(await output()).toContain("with ••");
  expect(await output()).not.toContain(SECRET);

  const [one, two] = [await api.createSession(), await api.createSession()];
  const at = await inside(one.sandboxId, "cat /workspace/made/at");
  expect(at).toMatch(/^\d{19}\s*$/);
  // Both begin with the same, and neither with what the other does to it.
  await inside(one.sandboxId, "echo changed > /workspace/made/at; rm /workspace/package.json");
  expect(await inside(two.sandboxId, "cat /workspace/made/at; cat /workspace/package.json")).toContain(at);
  expect(await inside(two.sandboxId, "ls /workspace/package.json /workspace/.env")).not.toContain("ended");
  expect((await stepsOf(two.id)).at(-1)).toMatchObject({
    status: "completed",
    detail: expect.stringContaining("From the snapshot of"),
  });
  expect(await printed(two.id)).toBe("");
  const found = await inside(
    two.sandboxId,
    "cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; grep -rs . /workspace /home/user /tmp --exclude-dir=.git | head -c 2000000",
  );
  expect(found).toContain("AGENTS_OWN=for-the-agent");
  expect(found).not.toContain(SECRET);
  // A snapshot's own key of the project is in no session.
  expect(await inside(two.sandboxId, "cd /workspace && struere pull --force")).not.toContain("ended");
  for (const { id } of [one, two]) await api.stop(id);
});

describe("a snapshot that is of no use", () => {
  test("no longer starts: the script runs, which the step says, and another one is built", async () => {
    const { build } = await setup();
    await stack.forgetSnapshots();
    const session = await api.createSession();
    expect((await stepsOf(session.id)).at(-1)).toMatchObject({
      status: "completed",
      detail: "The snapshot no longer starts, so set-up ran again.",
    });
    expect(await printed(session.id)).toContain("with ••");
    expect(JSON.stringify(await api.events(session.id))).not.toContain(SECRET);
    expect(await inside(session.sandboxId, "cat /workspace/made/at")).toMatch(/^\d{19}\s*$/);
    await api.stop(session.id);
    expect(await buildAfter(build?.id)).toMatchObject({ status: "ready", cause: "broken" });
  });

  test("is of other lockfiles: the script runs in a fresh sandbox", async () => {
    const { build } = await setup();
    // Each sandbox has its own of this one.
    await save({ script: "test ! -e mark && touch mark", lockfiles: [".env", "package.json"] });
    await buildAfter(build?.id);
    const session = await api.createSession();
    expect((await stepsOf(session.id)).at(-1)).toMatchObject({
      status: "completed",
      detail: "The snapshot is stale, since .env changed, so set-up ran again.",
    });
    await api.stop(session.id);
  });
});

test("a script that fails, asks, or leaves something running does not keep a session from its work", async () => {
  const { build } = await setup();
  await save({
    script: [
      "sleep 1000 &",
      'read -r answer || echo "nobody answers"',
      "echo registry down >&2",
      "false",
      "echo never",
    ].join("\n"),
  });
  const built = await buildAfter(build?.id);
  expect(built).toMatchObject({ status: "failed", error: "Set-up failed with exit code 1: registry down" });
  const session = await api.createSession();
  expect(session.status).toBe("ready");
  expect((await stepsOf(session.id)).at(-1)).toMatchObject({ status: "failed", error: built.error });
  expect(await printed(session.id)).toBe("nobody answers\nregistry down\n");
  expect(await inside(session.sandboxId, "ps ax | grep -c '[s]leep 1000'")).toContain("0");
  await api.finish(await api.send(session.id, "say hello"));
  await api.stop(session.id);
});

test("packages come from the organization's own registry, whose token is in no sandbox", async () => {
  const put = async (name: string, body: object) =>
    (
      await api.call<{ registry: { status: string; status_detail: string } }>(
        "PUT",
        `/api/v1/registries/${name}`,
        body,
      )
    ).body.registry;
  const npm = { url: `${registry.url}/npm`, token: REGISTRY_TOKEN, scopes: ["@acme"] };
  expect(await put("house", { ...npm, token: "wrong" })).toMatchObject({ status: "error" });
  expect(await put("house", npm)).toMatchObject({
    status: "active",
    status_detail: expect.stringContaining("as acme-reader"),
  });
  const pypi = { kind: "pypi", url: `${registry.url}/simple`, token: REGISTRY_TOKEN };
  expect(await put("python", pypi)).toMatchObject({ status: "active" });

  const { body: before } = await api.call<{ setups: Setup[] }>("GET", "/api/v1/setup");
  const script = "cd /home/user && npm install --no-fund --fetch-retries=0 @acme/thing @acme/moved";
  await save({ script: `curl -s https://refused.example.com || true\n${script}` });
  const built = await buildAfter(before.setups[0]?.build?.id);
  expect(built, await output()).toMatchObject({ status: "ready", error: null });
  // What the policy kept from the script is told beside its output.
  await until("the refused host is told", async () => {
    const { build } = await setup();
    return build?.refused.some(({ host, reason }) => host === "refused.example.com" && reason === "policy");
  });
  expect(registry.strays).toEqual(["none"]);
  expect(registry.seen.some((one) => one.startsWith("out /npm/@acme"))).toBe(false);

  const session = await api.createSession();
  const works = await inside(
    session.sandboxId,
    'cd /home/user && node -p \'require("@acme/thing") + require("@acme/moved")\' && rm -rf node_modules ~/.npm && npm ci --no-fund --fetch-retries=0',
  );
  expect(works).toContain("@acme/thing@acme/moved");
  expect(works).toContain("added 2 packages");
  const all = await inside(
    session.sandboxId,
    "cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; cat ~/.npmrc; cat /home/user/package-lock.json; grep -rs . /workspace /home/user /tmp --exclude-dir=.git | head -c 2000000",
  );
  expect(all).toContain("/api/registry/house/");
  expect(all).not.toContain(REGISTRY_TOKEN);
  expect(all).not.toContain(registry.url);
  expect(await inside(session.sandboxId, "grep -c resolved /home/user/package-lock.json")).toMatch(/^0\n/);

  // What the endpoint leads to is packages and their files, with a token of a live sandbox, and nothing else.
  const token = /_authToken=(\S+)/.exec(all)?.[1] ?? "";
  const ask = async (tail: string, as = token) =>
    await fetch(`${stack.url}/api/registry/${tail}`, { headers: { authorization: `Bearer ${as}` } });
  expect((await ask("house/@acme%2fthing")).status).toBe(200);
  const page = await ask("python/thing/");
  const [, file = ""] = /href="[^"]*\/api\/registry\/([^"]*)#sha256=0"/.exec(await page.text()) ?? [];
  expect((await ask(file)).status).toBe(200);
  const head = { method: "HEAD", headers: { authorization: `Bearer ${token}` } };
  expect((await fetch(`${stack.url}/api/registry/${file}`, head)).status).toBe(405);
  for (const [status, tail, as] of [
    [401, "house/@acme%2fthing", "sync_studio_wrong"],
    [404, "house/-/whoami"],
    [404, "house/is-number"],
    [404, "house/@acme/none"],
    [404, "other/@acme%2fthing"],
    [404, file.replace("moved-1.0.0", "moved-1.0.1")],
    [404, file.replace("python", "house")],
    [404, `house/-/${"0".repeat(32)}/files/moved-1.0.0.tgz`],
  ] as const)
    expect((await ask(tail, as)).status, tail).toBe(status);

  // A registry that is down, or refuses the token by now, is named as the cause.
  registry.mode = "down";
  const install = "cd /home/user && rm -rf node_modules ~/.npm && npm ci --no-fund --fetch-retries=0";
  expect(await inside(session.sandboxId, install)).toMatch(/127\.0\.0\.1:\d+ can't be reached/);
  registry.mode = "refuses";
  expect(await inside(session.sandboxId, install)).toContain("doesn't accept the credential of the registry");
  const { body } = await api.call<{ registries: { status: string }[] }>("GET", "/api/v1/registries");
  expect(body.registries[0]).toMatchObject({ status: "error" });
  await api.stop(session.id);
  await until("the token has ended", async () => (await ask("house/@acme%2fthing")).status === 401);
  for (const name of ["house", "python"])
    expect((await api.call("DELETE", `/api/v1/registries/${name}`)).status).toBe(204);
});

test("a script that never ends, and prints without end, is stopped at its limit", async () => {
  const { build } = await setup();
  await save({ script: "echo begin; yes", timeout_seconds: 5 });
  const built = await buildAfter(build?.id);
  expect(built).toMatchObject({
    status: "failed",
    error: expect.stringContaining("didn't finish within 5 s"),
  });
  const text = await output();
  expect(text).toMatch(/^begin\ny\n/);
  expect(text.length).toBeLessThan(100_000);
});

test("a policy that changes meanwhile has the script run again; a removed one ends it, and its snapshots go", async () => {
  const { build } = await setup();
  await save({ script: "echo started; echo and on; sleep 300" });
  await until("it runs", async () => {
    const now = await setup();
    return now.build?.id !== build?.id && (await output()).includes("started");
  });
  await api.call("PUT", "/api/v1/network/development", { mode: "closed", presets: [], hosts: [] });
  const interrupted = await until("it begins again", async () => {
    const now = await setup();
    return now.build?.cause === "policy" && now.build.status === "running" && now;
  });
  expect(interrupted.prepared_at).toBeNull();
  expect((await api.call("DELETE", PLACE)).status).toBe(204);
  expect((await api.call("DELETE", PLACE)).status).toBe(404);
  await until("no snapshot is left", async () => (await stack.snapshots()).length === 0);
  const session = await api.createSession();
  expect(await stepsOf(session.id)).toEqual([]);
  await api.stop(session.id);
});

test("a repository's script has made its clone ready, for any of its branches, and pushes nothing", async () => {
  const server = await GitServer.start();
  const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), "setup-clone-"));
  const scope = "house/acme/shop";
  try {
    const lock = "package-lock.json";
    const place = server.make(
      "acme/shop",
      commitOf({ [lock]: "one\n", ".gitignore": "made/\n", old: "old\n" }),
    );
    git(elsewhere, ["clone", "-q", place, "."]);
    const push = (branch: string, change: () => void) => {
      change();
      git(elsewhere, ["add", "-A"]);
      git(elsewhere, ["commit", "-q", "-m", branch]);
      git(elsewhere, ["push", "-q", "origin", `HEAD:refs/heads/${branch}`]);
    };
    await api.call("PUT", "/api/v1/git/connections/house", {
      kind: "git",
      base_url: server.url,
      username: GIT_USER,
      token: GIT_PASSWORD,
      repositories: ["acme/*"],
    });
    const script = [
      `mkdir -p made && pwd > made/where && cat ${lock} > made/lock`,
      "echo changed >> old",
      "git push origin HEAD:refs/heads/theirs || true",
    ].join("\n");
    await save({ scope, script, lockfiles: [lock] });
    const built = await buildAfter(undefined, scope);
    const { body } = await api.call<{ text: string }>("GET", `${PLACE}/output?scope=${scope}`);
    expect(built, body.text).toMatchObject({ status: "ready", error: null });
    expect(body.text).toContain("Set-up reads its repository, and pushes nothing.");

    // Its branch has gone on, and another one has lockfiles of its own.
    push("main", () => {
      fs.rmSync(path.join(elsewhere, "old"));
      fs.writeFileSync(path.join(elsewhere, "new"), "new\n");
    });
    push("other", () => fs.writeFileSync(path.join(elsewhere, lock), "two\n"));
    const begin = async (ref: string) => {
      const answer = await api.call<{ session: { id: string; sandboxId: string } }>(
        "POST",
        "/api/studio/sessions?wait=true",
        { provider: "demo", model: "demo", repository: { connection: "house", url: "acme/shop", ref } },
      );
      const { id, sandboxId } = answer.body.session;
      const [last] = (await stepsOf(id)).slice(-1);
      const look =
        "cd /workspace/shop && cat made/where made/lock && ls && git status --porcelain && git fetch -q";
      const seen = await inside(sandboxId, look);
      await api.stop(id);
      return { last, seen };
    };
    const main = await begin("main");
    expect(main.last).toMatchObject({ detail: expect.stringContaining("From the snapshot of") });
    expect(main.seen).toBe(`/workspace/shop\none\nmade\nnew\n${lock}\n`);
    const other = await begin("other");
    expect(other.last).toMatchObject({
      detail: `shop/${lock} differs from the snapshot's, so set-up of shop ran again.`,
    });
    expect(other.seen).toContain("/workspace/shop\ntwo\n");
    // The snapshot is of another branch, and as good for that as before.
    expect(await setup(scope)).toMatchObject({ build: { id: built.id }, waiting: false });
    expect((await api.call("DELETE", `${PLACE}?scope=${scope}`)).status).toBe(204);
    expect(git(place, ["branch", "--list", "--format=%(refname:short)"])).toBe("main\nother\n");
  } finally {
    await server.stop();
    fs.rmSync(elsewhere, { recursive: true, force: true });
  }
});

test("what cannot be is refused with a sentence", async () => {
  for (const body of [
    {},
    { script: "" },
    { script: "x".repeat(20_001) },
    { script: "a\0b" },
    { script: "true", lockfiles: ["../other"] },
    { script: "true", lockfiles: ["/etc/passwd"] },
    { script: "true", requires: ["PATH"] },
    { script: "true", timeout_seconds: 100_000 },
    { script: "true", scope: "repository:none" },
    { script: "true", scope: "/acme/shop" },
  ])
    expect((await api.call("PUT", PLACE, body)).status, JSON.stringify(body)).toBe(400);
});
