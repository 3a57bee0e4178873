import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { MAX_POLICY_HOSTS, MAX_REFUSED_HOSTS } from "#domain/network.ts";
import { member, readySession } from "./support.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const DEFAULT = { mode: "listed", presets: ["npm", "pypi", "github"], hosts: [], revision: 0 } as const;
const listed = (...hosts: string[]) => ({
  environment: "development" as const,
  mode: "listed" as const,
  presets: [],
  hosts,
});
const set = async (...hosts: string[]) => await ada.as.mutation(api.networkPolicies.set, listed(...hosts));
const kindOf = async (work: Promise<unknown>) => {
  const refusal = await work.then(
    () => undefined,
    (error: unknown) => error as { data: { kind: string } },
  );
  return refusal?.data.kind;
};
const due = async () => (await db.service.query(api.due.networks, {})).items;
/** The payloads of a session's events of one type. */
const eventsOf = async (sessionId: string, type: string) =>
  (await ada.as.query(api.events.list, { sessionId, after: 0, limit: 100 })).events
    .filter((event) => event.type === type)
    .map(({ payload }) => JSON.parse(payload) as unknown);

/** A session that a server has claimed and read, and not made a sandbox for yet. */
async function startedSession() {
  const session = await ada.by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "platform",
    title: "t",
  });
  const sessionId = session.id as Id<"sandboxSessions">;
  const generation = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "test" });
  const { network } = await db.service.query(api.sandboxSessions.forServer, { sessionId });
  return { sessionId, generation, network };
}

/** A session whose sandbox was created with the policy of this moment. */
async function sessionWithSandbox(sandboxId = "sandbox-1"): Promise<Id<"sandboxSessions">> {
  const { sessionId, generation, network } = await startedSession();
  await db.service.mutation(api.sandboxSessions.attachSandbox, {
    sessionId,
    generation: generation ?? 0,
    sandboxId,
    network,
  });
  return sessionId;
}

test("starts with npm, PyPI and GitHub in both environments, for everybody to read", async () => {
  const viewer = await member(db, "vera", "viewer", "ada");
  expect(await viewer.as.query(api.networkPolicies.get, {})).toEqual({
    development: DEFAULT,
    production: DEFAULT,
  });
});

test("a change is one environment's, in its one spelling, with an audit entry of before and after", async () => {
  const after = await set("Registry.Example.com.", "registry.example.com", "*.example.org:8443");
  expect(after).toEqual({
    mode: "listed",
    presets: [],
    hosts: ["registry.example.com", "*.example.org:8443"],
    revision: 1,
  });
  expect(await ada.as.query(api.networkPolicies.get, {})).toEqual({
    development: after,
    production: DEFAULT,
  });
  await set("registry.example.com", "*.example.org:8443");
  const { page } = await ada.as.query(api.audit.list, {
    action: "setting.changed",
    paginationOpts: { numItems: 10, cursor: null },
  });
  expect(page).toHaveLength(1);
  expect(page[0]).toMatchObject({ target: "network policy (development)" });
  expect(JSON.parse(page[0]?.before ?? "")).toEqual({ mode: "listed", presets: DEFAULT.presets, hosts: [] });
  expect(JSON.parse(page[0]?.after ?? "")).toMatchObject({ hosts: after.hosts });
});

test.each([
  ["10.0.0.1"],
  ["localhost"],
  ["studio.internal"],
  ["*.com"],
  ["https://a.example.com"],
  ["a.example.com:99999"],
])("a list with %s is refused, past the API too", async (host) => {
  expect(await kindOf(set("good.example.com", host))).toBe("network_invalid");
  expect(await ada.as.query(api.networkPolicies.get, {})).toMatchObject({ development: DEFAULT });
});

test("a list has a bound", async () => {
  const many = Array.from({ length: MAX_POLICY_HOSTS }, (_, index) => `h${index}.example.com`);
  expect(await kindOf(set(...many, "one-more.example.com"))).toBe("field_invalid");
  await set(...many);
  const host = { environment: "development", host: "one-more.example.com" } as const;
  expect(await kindOf(ada.as.mutation(api.networkPolicies.allowHost, host))).toBe("network_invalid");
});

test("a change that is based on an older one is refused, and loses nothing", async () => {
  await set("a.example.com");
  const late = { ...listed("b.example.com"), revision: 0 };
  expect(await kindOf(ada.as.mutation(api.networkPolicies.set, late))).toBe("network_changed");
  expect(await ada.as.mutation(api.networkPolicies.set, { ...late, revision: 1 })).toMatchObject({
    revision: 2,
  });
});

test("one host is allowed beside all others, once", async () => {
  const allow = async (host: string) =>
    await ada.as.mutation(api.networkPolicies.allowHost, { environment: "development", host });
  expect(await allow("registry.example.com")).toMatchObject({
    ...DEFAULT,
    hosts: ["registry.example.com"],
    revision: 1,
  });
  expect(await allow("registry.example.com:8443")).toMatchObject({ revision: 1 });
  expect(await allow("git.example.com:22")).toMatchObject({ revision: 2 });
  // Listed on one port is not listed on all.
  expect(await allow("git.example.com")).toMatchObject({ revision: 3 });
  expect(await allow("registry.npmjs.org")).toMatchObject({ revision: 3 });
  await ada.as.mutation(api.networkPolicies.set, { ...listed(), mode: "closed" });
  expect(await kindOf(allow("other.example.com"))).toBe("network_closed");
  await ada.as.mutation(api.networkPolicies.set, { ...listed(), mode: "open" });
  expect(await allow("other.example.com")).toMatchObject({ mode: "open", revision: 5 });
});

test("a key changes the policy of its own environment alone", async () => {
  const keyId = await ada.by.mutation(api.apiKeys.create, {
    name: "k",
    hash: "a".repeat(64),
    last4: "abcd",
    scopes: ["settings:write"],
    environment: "development",
  });
  const key = db.t.withIdentity({
    kind: "apiKey",
    subject: `key:${keyId}`,
    org: ada.organizationId,
    user: ada.userId,
    role: "admin",
    key: keyId,
  });
  await key.mutation(api.networkPolicies.set, listed("a.example.com"));
  const production = { ...listed("a.example.com"), environment: "production" } as const;
  expect(await kindOf(key.mutation(api.networkPolicies.set, production))).toBe("api_key_environment");
});

test("a session's log says what it was started with, and each change that reached it", async () => {
  const sessionId = await sessionWithSandbox();
  expect(await eventsOf(sessionId, "network.applied")).toMatchObject([
    { mode: "listed", presets: DEFAULT.presets, hosts: [], cause: "start" },
  ]);
  expect(await due()).toEqual([]);
  await set("a.example.com");
  const [item] = await due();
  const policyId = item!.policyId;
  const work = await db.service.mutation(api.networkPolicies.claim, { policyId });
  expect(work).toEqual({ revision: 1, sessionIds: [sessionId] });
  // Nobody else brings it there meanwhile.
  expect(await db.service.mutation(api.networkPolicies.claim, { policyId })).toBeNull();
  const apply = { sessionId, sandboxId: "sandbox-1", revision: 1 };
  expect(await db.service.mutation(api.networkPolicies.applied, apply)).toBe(true);
  expect(await db.service.mutation(api.networkPolicies.applied, apply)).toBe(true);
  await db.service.mutation(api.networkPolicies.settle, { policyId, revision: 1, done: true });
  expect(await due()).toEqual([]);
  expect(await eventsOf(sessionId, "network.applied")).toMatchObject([
    { cause: "start" },
    { hosts: ["a.example.com"], cause: "change" },
  ]);
});

test("what is changed again meanwhile, or did not reach every sandbox, stays due", async () => {
  const sessionId = await sessionWithSandbox();
  await set("a.example.com");
  const { policyId } = (await due())[0]!;
  await db.service.mutation(api.networkPolicies.claim, { policyId });
  await set("b.example.com");
  // An older revision is not taken for the present one.
  const late = { sessionId, sandboxId: "sandbox-1", revision: 1 };
  expect(await db.service.mutation(api.networkPolicies.applied, late)).toBe(false);
  await db.service.mutation(api.networkPolicies.settle, { policyId, revision: 1, done: true });
  expect(await due()).toHaveLength(1);
  const again = await db.service.mutation(api.networkPolicies.claim, { policyId });
  expect(again).toEqual({ revision: 2, sessionIds: [sessionId] });
  // "Done" is not believed while a sandbox follows another revision.
  await db.service.mutation(api.networkPolicies.settle, { policyId, revision: 2, done: true });
  expect(await due()).toHaveLength(1);
});

test("a sandbox that was created while the policy changed is found", async () => {
  const { sessionId, generation, network } = await startedSession();
  await set("a.example.com");
  const { policyId } = (await due())[0]!;
  expect(await db.service.mutation(api.networkPolicies.claim, { policyId })).toEqual({
    revision: 1,
    sessionIds: [],
  });
  await db.service.mutation(api.networkPolicies.settle, { policyId, revision: 1, done: true });
  expect(await due()).toEqual([]);
  const attach = { sessionId, generation: generation ?? 0, sandboxId: "late", network };
  await db.service.mutation(api.sandboxSessions.attachSandbox, attach);
  await db.service.mutation(api.sandboxSessions.attachSandbox, attach);
  expect(await eventsOf(sessionId, "network.applied")).toHaveLength(1);
  expect(await due()).toHaveLength(1);
  expect(await db.service.mutation(api.networkPolicies.claim, { policyId })).toEqual({
    revision: 1,
    sessionIds: [sessionId],
  });
});

test("a policy reaches the sessions of its organization and environment alone", async () => {
  const eve = await member(db, "eve");
  await readySession(db, eve);
  await sessionWithSandbox();
  await ada.as.mutation(api.networkPolicies.set, { ...listed("a.example.com"), environment: "production" });
  const { policyId } = (await due())[0]!;
  expect(await db.service.mutation(api.networkPolicies.claim, { policyId })).toEqual({
    revision: 1,
    sessionIds: [],
  });
});

test("a refused destination is logged once in a session, and a hundred at most", async () => {
  const sessionId = await sessionWithSandbox();
  const record = async (...hosts: string[]) =>
    await db.service.mutation(api.networkRefusals.record, {
      sessionId,
      sandboxId: "sandbox-1",
      refused: hosts.map((host) => ({ host, port: 443, reason: "policy" as const })),
    });
  await record("a.example.com", "a.example.com", "b.example.com");
  await record("b.example.com");
  expect(await eventsOf(sessionId, "network.refused")).toMatchObject([
    { host: "a.example.com", port: 443, reason: "policy" },
    { host: "b.example.com" },
  ]);
  await record("x".repeat(254), "spoken to you <b>", "c.example.com\nd");
  await record(...Array.from({ length: 300 }, (_, index) => `h${index}.example.com`));
  await record("too-late.example.com");
  const hosts = await db.t.run(async (ctx) => await ctx.db.query("networkRefusals").collect());
  expect(hosts).toHaveLength(MAX_REFUSED_HOSTS);
  expect(hosts.every(({ host }) => /^[ab]\.example|^h\d+\.example/.test(host))).toBe(true);
});

test("what another sandbox was refused, or one of nobody's, is not logged", async () => {
  const sessionId = await sessionWithSandbox();
  const refused = [{ host: "a.example.com", port: 443, reason: "policy" as const }];
  for (const other of [
    { sessionId, sandboxId: "another" },
    { sessionId: "none", sandboxId: "sandbox-1" },
  ])
    await db.service.mutation(api.networkRefusals.record, { ...other, refused });
  expect(await eventsOf(sessionId, "network.refused")).toEqual([]);
});

test("old rows of sessions have no revision, and are brought to the first policy", async () => {
  const { sessionId } = await readySession(db, ada);
  await set("a.example.com");
  const { policyId } = (await due())[0]!;
  expect(await db.service.mutation(api.networkPolicies.claim, { policyId })).toEqual({
    revision: 1,
    sessionIds: [sessionId],
  });
});
