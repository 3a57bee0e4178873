import { describe, expect, test } from "vitest";
import { until } from "#tests/api.ts";
import { hostFlags, REGISTRY, wayToRegistry } from "#tests/registry.ts";
import { startStudio } from "#tests/studio.ts";
import { testWhere } from "#tests/test-where.ts";

const way = await wayToRegistry();
const testWithRegistry = testWhere(typeof way !== "string", typeof way === "string" ? way : "");
/** What an operator of this machine would give to `npm start`, as the sandbox host takes it. */
const flags = typeof way === "string" ? [] : hostFlags(way);
const { stack, api } = await startStudio(async (all) =>
  all.map((service) =>
    service.name === "sandboxes" ? { ...service, args: [...service.args, ...flags] } : service,
  ),
);
const session = await api.createSession();
const sandboxId = session.sandboxId ?? "";
const POLICY = "/api/v1/network/development";

const run = async (command: string) =>
  await stack.runInSandbox(sandboxId, `{ ${command}; } 2>&1 || echo "ended with $?"`);
const install = async (folder: string) =>
  await run(
    `mkdir -p ~/${folder} && cd ~/${folder} && npm install --no-audit --no-fund --fetch-retries=0 --cache ~/cache-${folder} is-number`,
  );
const payloads = async (type: string) =>
  (await api.events(session.id)).filter((event) => event.type === type).map(({ payload }) => payload);
const applied = async () => (await payloads("network.applied")).at(-1);
const set = async (mode: string, presets: string[], hosts: string[] = []) => {
  const { status, body } = await api.call("PUT", POLICY, { mode, presets, hosts });
  expect(status, JSON.stringify(body)).toBe(200);
  await until("the sandbox follows", async () => (await applied())?.mode === mode);
};

describe("the policy that an organization starts with", () => {
  test("is in the session's log, and in the settings", async () => {
    expect(await applied()).toEqual({
      mode: "listed",
      presets: ["npm", "pypi", "github"],
      hosts: [],
      cause: "start",
    });
    const { body } = await api.call("GET", "/api/v1/network");
    expect(body).toMatchObject({ network: { development: { mode: "listed", revision: 0 } } });
  });

  testWithRegistry(
    "lets npm install from the registry",
    async () => {
      expect(await install("first")).toContain("added 1 package");
    },
    120_000,
  );
});

test("a refused host is told once, is allowed with one call, and the live sandbox follows", async () => {
  const reach = async () => await run("curl -sS -m 20 https://registry.example.com/");
  expect(await reach()).toContain("403");
  await reach();
  await until("the refusal is told", async () => (await payloads("network.refused")).length > 0);
  expect(await payloads("network.refused")).toEqual([
    { host: "registry.example.com", port: 443, reason: "policy" },
  ]);
  const sandbox = await api.call("GET", `/api/studio/sessions/${session.id}/sandbox`);
  expect(sandbox.body).toMatchObject({ refusalsTold: true });

  const allowed = await api.call("POST", `${POLICY}/hosts`, { host: "registry.example.com" });
  expect(allowed).toMatchObject({ status: 200, body: { policy: { hosts: ["registry.example.com"] } } });
  await until("the sandbox follows", async () => (await applied())?.cause === "change");
  expect(await applied()).toMatchObject({ hosts: ["registry.example.com"] });
  // There is no such host, so that the way to it ends elsewhere, and not at the policy.
  expect(await reach()).not.toContain("403");
  const { body } = await api.call<{ entries: { target: string }[] }>("GET", "/api/v1/audit?action=setting");
  expect(body.entries.map(({ target }) => target)).toContain("network policy (development)");
});

test("what no policy may list is refused with a sentence", async () => {
  for (const host of ["10.0.0.1", "localhost", "*.com", "studio.internal", "https://a.example.com"]) {
    const answer = await api.call<{ detail: string }>("POST", `${POLICY}/hosts`, { host });
    expect(answer, host).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(answer.body.detail).toMatch(/\.$/);
  }
  expect((await api.call("PUT", "/api/v1/network/staging", { mode: "open" })).status).toBe(400);
});

testWithRegistry(
  "an install fails in the policy's words once the registry is off the list, and works when it is back",
  async () => {
    await set("closed", []);
    const refused = await install("second");
    expect(refused).toContain("Blocked by Studio's network policy");
    expect(refused).toContain("ended with");
    const closed = await api.call("POST", `${POLICY}/hosts`, { host: REGISTRY });
    expect(closed).toMatchObject({ status: 400, body: { kind: "network_closed" } });
    await until("the refusal is told", async () =>
      (await payloads("network.refused")).some(({ host }) => host === REGISTRY),
    );
    await set("listed", [], [`${REGISTRY}:443`]);
    expect(await install("second")).toContain("added 1 package");
    // The agent and the project went on all the while.
    expect(await run("cd /workspace && struere pull --force")).not.toContain("ended with");
    await set("open", []);
    expect(await install("third")).toContain("added 1 package");
  },
  240_000,
);

test("a session that starts later starts with the changed policy", async () => {
  await set("closed", []);
  const later = await api.createSession();
  const [first] = (await api.events(later.id)).filter(({ type }) => type === "network.applied");
  expect(first?.payload).toMatchObject({ mode: "closed", cause: "start" });
  await api.stop(later.id);
});
