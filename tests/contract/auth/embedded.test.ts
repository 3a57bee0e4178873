import { randomBytes } from "node:crypto";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { authDatabase, outbox } from "#server/auth/database.ts";
import { embeddedHandler, embeddedIdentity, setPassword } from "#server/auth/embedded.ts";
import { drainOutbox } from "#server/auth/identity-changes.ts";
import { env } from "#server/env.ts";
import { makeSecret } from "#server/auth/opaque.ts";
import { memberOf } from "#server/auth/principal.ts";
import { forgetMember } from "#server/auth/mirror.ts";
import { dataFor, serviceData } from "#server/convex/client.ts";
import { DataService } from "#tests/data.ts";

const ORIGIN = "http://localhost:3999";
let data: DataService;

beforeAll(async () => {
  data = await DataService.start();
  Object.assign(process.env, {
    ...data.environment(ORIGIN),
    STUDIO_MAX_ORGANIZATIONS: "3",
    STUDIO_EMBEDDED_AUTH_PUBLIC: "",
  });
});
afterAll(async () => await data?.stop());

let address = 0;
beforeEach(() => void (address += 1));

class Person {
  cookies = "";
  readonly email = `p${randomBytes(6).toString("hex")}@studio.example`;

  async post(route: string, body: object) {
    const response = await embeddedHandler(
      new Request(`${ORIGIN}/api/auth${route}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          origin: ORIGIN,
          cookie: this.cookies,
          "x-studio-client-address": `192.0.2.${address}`,
        },
        body: JSON.stringify(body),
      }),
    );
    const set = response.headers.getSetCookie().map((cookie) => cookie.split(";")[0] ?? "");
    if (set.length > 0) this.cookies = set.join("; ");
    const text = await response.text();
    return {
      status: response.status,
      body: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  async identity() {
    return await embeddedIdentity(new Headers({ cookie: this.cookies }));
  }

  static async signUp(): Promise<Person> {
    const person = new Person();
    const { email } = person;
    const made = await person.post("/sign-up/email", { email, password: PASSWORD, name: "Person" });
    expect(made.status).toBe(200);
    return person;
  }
}
const PASSWORD = "a long enough password";

/** An organization of an owner, and an admin in it who has a key. */
async function team() {
  const owner = await Person.signUp();
  const slug = `org-${randomBytes(5).toString("hex")}`;
  const { body } = await owner.post("/organization/create", { name: "Team", slug });
  const organizationId = String(body.id);
  const admin = await Person.signUp();
  const invitation = await owner.post("/organization/invite-member", {
    email: admin.email,
    role: "admin",
    organizationId,
  });
  await admin.post("/organization/accept-invitation", { invitationId: invitation.body.id });
  await admin.post("/organization/set-active", { organizationId });
  await memberOf(await owner.identity());
  const principal = await memberOf(await admin.identity());
  if (!principal) throw new Error("the admin is a member");
  const { stored } = makeSecret("sk_studio");
  await serviceData().mutation(api.apiKeys.create, {
    actor: { organizationId: principal.organizationId, userId: principal.userId, role: principal.role },
    name: "k",
    environment: "development",
    scopes: ["sessions:read", "organization:export"],
    ...stored,
  });
  const row = authDatabase()
    .prepare("SELECT m.id, m.userId FROM member m JOIN user u ON u.id = m.userId WHERE u.email = ?")
    .get(admin.email);
  return {
    owner,
    admin,
    organizationId,
    memberId: String(row?.id),
    userId: String(row?.userId),
    key: async () => await serviceData().query(api.apiKeys.authenticate, { hash: stored.hash }),
    role: () =>
      authDatabase()
        .prepare("SELECT role FROM member WHERE userId = ? AND organizationId = ?")
        .get(String(row?.userId), organizationId)?.role,
  };
}
type Team = Awaited<ReturnType<typeof team>>;

const ACTS: [string, (t: Team) => Promise<{ status: number }>, (t: Team) => Promise<void>][] = [
  [
    "removing a member",
    async ({ owner, memberId, organizationId }) =>
      await owner.post("/organization/remove-member", { memberIdOrEmail: memberId, organizationId }),
    async (t) => {
      expect(await t.key()).toBeNull();
      expect(t.role()).toBeUndefined();
    },
  ],
  [
    "demoting a member",
    async ({ owner, memberId, organizationId }) =>
      await owner.post("/organization/update-member-role", { memberId, organizationId, role: "viewer" }),
    async (t) => {
      expect(await t.key()).toMatchObject({ role: "viewer" });
      expect(t.role()).toBe("viewer");
    },
  ],
  [
    "leaving",
    async ({ admin, organizationId }) => await admin.post("/organization/leave", { organizationId }),
    async (t) => {
      expect(await t.key()).toBeNull();
      expect(t.role()).toBeUndefined();
    },
  ],
  [
    "deleting an account",
    async ({ admin }) => await admin.post("/delete-user", { password: PASSWORD }),
    async (t) => {
      expect(await t.key()).toBeNull();
      expect(authDatabase().prepare("SELECT 1 FROM user WHERE id = ?").get(t.userId)).toBeUndefined();
    },
  ],
  [
    "deleting an organization",
    async ({ owner, organizationId }) => await owner.post("/organization/delete", { organizationId }),
    async (t) => {
      expect(await t.key()).toBeNull();
      const row = authDatabase().prepare("SELECT 1 FROM organization WHERE id = ?").get(t.organizationId);
      expect(row).toBeUndefined();
    },
  ],
];

describe.each(ACTS)("CODE-1: %s", (_name, act, expectDone) => {
  test("takes effect on both sides", async () => {
    const t = await team();
    expect((await act(t)).status).toBe(200);
    await expectDone(t);
    expect(outbox().due(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  test("with the database killed, is noted and carried through once it is back", async () => {
    const t = await team();
    await data.kill("SIGKILL");
    expect((await act(t)).status).toBe(503);
    // What was decided holds here at once.
    await drainOutbox();
    expect(outbox().due()).toHaveLength(1);
    await data.restart();
    await drainOutbox();
    await expectDone(t);
    expect(outbox().due(Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  test("with the database killed in the moment of the request, and back within a second, just succeeds", async () => {
    const t = await team();
    await data.kill("SIGKILL");
    const [answer] = await Promise.all([act(t), data.restart()]);
    expect(answer.status).toBe(200);
    await expectDone(t);
  });
});

test("CODE-1: a server that dies between the two databases leaves neither behind", async () => {
  const t = await team();
  const change = { kind: "member" as const, userId: t.userId, organizationId: t.organizationId };
  await outbox().begin(change);
  await forgetMember({ driver: "embedded", userId: t.userId, organizationId: t.organizationId });
  // The person is out already, though Better Auth still lists them.
  expect((await t.admin.identity())?.organization).toBeNull();
  expect(outbox().due()).toEqual([]);
  expect(outbox().due(Date.now() + 60_000)).toHaveLength(1);
  for (const pending of outbox().due(Date.now() + 60_000)) await outbox().handOver(pending.id);
  await drainOutbox();
  expect(t.role()).toBeUndefined();
  expect(await t.key()).toBeNull();
});

test("SEC-10: a password is reset with the database down, and the audit log hears of it once that is back", async () => {
  const t = await team();
  await data.kill("SIGKILL");
  const next = "quite another password 7";
  await setPassword(t.admin.email, next);
  expect(await t.admin.identity()).toBeNull();
  const signIn = async (password: string) =>
    (await t.admin.post("/sign-in/email", { email: t.admin.email, password })).status;
  expect([await signIn(PASSWORD), await signIn(next)]).toEqual([401, 200]);
  await drainOutbox();
  expect(outbox().due()).toHaveLength(1);
  await data.restart();
  await drainOutbox();
  expect(outbox().due(Number.MAX_SAFE_INTEGER)).toEqual([]);
  // What was not yet told kept nobody from their organization.
  expect((await t.admin.identity())?.organization?.externalId).toBe(t.organizationId);
  const owner = await memberOf(await t.owner.identity());
  if (!owner) throw new Error("the owner is a member");
  const { page } = await dataFor(owner).query(api.audit.list, {
    action: "member.password_reset",
    paginationOpts: { numItems: 10, cursor: null },
  });
  expect(page).toHaveLength(1);
});

test("people sign up while another process writes, and while rights change", async () => {
  const writer = new Worker(
    `const { DatabaseSync } = require("node:sqlite");
     const database = new DatabaseSync(require("node:worker_threads").workerData, { timeout: 30000 });
     database.exec("CREATE TABLE elsewhere (n INTEGER)");
     setInterval(() => database.exec("INSERT INTO elsewhere VALUES (1)"), 2);`,
    { eval: true, workerData: path.join(data.folder, "auth.db") },
  );
  const changed = async (index: number) => {
    const change = { kind: "role" as const, userId: `u${index}`, organizationId: "o", role: "member" };
    const id = await outbox().begin(change);
    await outbox().handOver(id);
    await outbox().settle(change);
  };
  const indexes = Array.from({ length: 8 }, (_, index) => index);
  await Promise.all([...indexes.map(() => Person.signUp()), ...indexes.map(changed)]);
  await writer.terminate();
  expect(Number(authDatabase().prepare("SELECT count(*) AS n FROM elsewhere").get()?.n)).toBeGreaterThan(0);
  expect(outbox().due(Number.MAX_SAFE_INTEGER)).toEqual([]);
});

test("CODE-1: what the library refuses does not take effect", async () => {
  const t = await team();
  const ownerRow = authDatabase()
    .prepare("SELECT id FROM member WHERE organizationId = ? AND role = 'owner'")
    .get(t.organizationId);
  const refused = [
    await t.owner.post("/organization/leave", { organizationId: t.organizationId }),
    await t.admin.post("/organization/remove-member", {
      memberIdOrEmail: String(ownerRow?.id),
      organizationId: t.organizationId,
    }),
    await t.owner.post("/delete-user", { password: PASSWORD }),
  ];
  for (const { status } of refused) expect(status).toBeGreaterThanOrEqual(400);
  expect((await t.owner.identity())?.role).toBe("admin");
  expect(outbox().due(Number.MAX_SAFE_INTEGER)).toEqual([]);
});

test("SEC-6: an account takes ten failures, whatever the headers say; then its owner is let in by their browser", async () => {
  const victim = await Person.signUp();
  await victim.post("/sign-in/email", { email: victim.email, password: PASSWORD });
  const known = victim.cookies;
  const stranger = new Person();
  const statuses: number[] = [];
  for (let i = 0; i < 15; i += 1)
    statuses.push((await stranger.post("/sign-in/email", { email: victim.email, password: "wrong" })).status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(10);
  expect(statuses.filter((status) => status === 429)).toHaveLength(5);
  victim.cookies = known;
  expect((await victim.post("/sign-in/email", { email: victim.email, password: PASSWORD })).status).toBe(200);
});

test("SEC-21: whether an address has an account can be asked for 30 times a minute, and no oftener", async () => {
  const known = await Person.signUp();
  const stranger = new Person();
  const statuses: number[] = [];
  for (let i = 0; i < 40; i += 1) {
    const body = { email: known.email, password: PASSWORD, name: "P" };
    statuses.push((await stranger.post("/sign-up/email", body)).status);
  }
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(10);
});

test("SEC-22: a common password is refused with what is wrong about it", async () => {
  const person = new Person();
  const body = { email: person.email, password: "1234567890", name: "P" };
  expect(await person.post("/sign-up/email", body)).toMatchObject({
    status: 400,
    body: { code: "PASSWORD_TOO_WEAK", message: expect.stringMatching(/easy to guess/) },
  });
  const made = await Person.signUp();
  const change = { currentPassword: PASSWORD, newPassword: "aaaaaaaaaa" };
  expect((await made.post("/change-password", change)).status).toBe(400);
});

test("SEC-9: accounts are made by those who were invited alone, or by nobody, where the operator says so", async () => {
  const owner = await Person.signUp();
  const slug = `org-${randomBytes(5).toString("hex")}`;
  const { body } = await owner.post("/organization/create", { name: "O", slug });
  const guest = new Person();
  await owner.post("/organization/invite-member", {
    email: guest.email,
    role: "member",
    organizationId: String(body.id),
  });
  const signUp = async (person: Person) =>
    await person.post("/sign-up/email", { email: person.email, password: PASSWORD, name: "P" });
  try {
    env().STUDIO_SIGN_UP = "invited";
    expect(await signUp(new Person())).toMatchObject({ status: 403, body: { code: "SIGN_UP_CLOSED" } });
    expect((await signUp(guest)).status).toBe(200);
    env().STUDIO_SIGN_UP = "closed";
    expect(await signUp(new Person())).toMatchObject({ status: 403, body: { code: "SIGN_UP_CLOSED" } });
  } finally {
    env().STUDIO_SIGN_UP = "open";
  }
});

test("SEC-9: a person makes as many organizations as the operator allows", async () => {
  const person = await Person.signUp();
  const statuses: number[] = [];
  for (let i = 0; i < 4; i += 1) {
    const slug = `org-${randomBytes(5).toString("hex")}`;
    statuses.push((await person.post("/organization/create", { name: "O", slug })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 403]);
});
