import { createHmac, generateKeyPairSync, randomBytes, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { clerkWebhook } from "#server/auth/clerk.ts";
import { principalOf } from "#server/auth/principal.ts";
import { hashSecret } from "#server/auth/opaque.ts";
import { actorOf, dataFor, serviceData } from "#server/convex/client.ts";
import { DataService } from "#tests/data.ts";

const ORIGIN = "https://studio.example";
const instance = generateKeyPairSync("rsa", { modulusLength: 2048 });
const webhookKey = randomBytes(24);
let data: DataService;

beforeAll(async () => {
  data = await DataService.start();
  Object.assign(process.env, {
    ...data.environment(ORIGIN),
    CLERK_PUBLISHABLE_KEY: "pk_test_Y2xlcmsuc3R1ZGlvLmV4YW1wbGUk",
    CLERK_JWT_KEY: instance.publicKey.export({ type: "spki", format: "pem" }).toString(),
    CLERK_WEBHOOK_SECRET: `whsec_${webhookKey.toString("base64")}`,
  });
});
afterAll(async () => await data?.stop());

interface Minting {
  key?: typeof instance.privateKey;
  expiresIn?: number;
  azp?: string;
  /** Seconds. */
  issuedAgo?: number;
}

/** A session token as Clerk makes it, version 2, or with the claims of an older template. */
async function mint(claims: Record<string, unknown>, options: Minting = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return await new SignJWT({ azp: options.azp ?? ORIGIN, sid: "sess_1", v: 2, sts: "active", ...claims })
    .setProtectedHeader({ alg: "RS256", kid: "ins_1", typ: "JWT" })
    .setIssuer("https://clerk.studio.example")
    .setIssuedAt(now - (options.issuedAgo ?? 0))
    .setNotBefore(now - 10)
    .setExpirationTime(now + (options.expiresIn ?? 60))
    .sign(options.key ?? instance.privateKey);
}

const person = (user: string, organization: string, role: string) => ({
  sub: user,
  name: `Name of ${user}`,
  email: `${user}@studio.example`,
  o: { id: organization, slg: `slug-${organization}`, rol: role },
});

async function as(token: string | undefined, init: RequestInit = {}) {
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set("cookie", `theme=dark; __session=${token}`);
  return await principalOf(new Request(`${ORIGIN}/api/studio/sessions`, { ...init, headers }));
}

describe("a person with Clerk's token", () => {
  test("is a member of the organization that it names, in the role that it says", async () => {
    for (const [given, role] of [
      ["admin", "admin"],
      ["org:admin", "admin"],
      ["member", "member"],
      ["something-else", "viewer"],
    ] as const) {
      const found = await as(await mint(person(`user_${role}`, `org_${role}`, given)));
      expect(found).toMatchObject({ kind: "member", role, name: `Name of user_${role}` });
    }
  });

  test("is known by an older template's claims too", async () => {
    const claims = { sub: "user_old", org_id: "org_old", org_slug: "old", org_role: "org:admin" };
    expect(await as(await mint(claims))).toMatchObject({ kind: "member", role: "admin" });
  });

  test("may work with Convex as that member, and in no other organization", async () => {
    const ada = await as(await mint(person("user_ada", "org_ada", "admin")));
    const eve = await as(await mint(person("user_eve", "org_eve", "admin")));
    const session = await serviceData().mutation(api.sandboxSessions.create, {
      actor: actorOf(ada),
      environment: "development",
      provider: "demo",
      model: "demo",
      keySource: "platform",
      title: "t",
    });
    const get = { sessionId: session.id };
    expect((await dataFor(ada).query(api.sandboxSessions.get, get)).id).toBe(session.id);
    await expect(dataFor(eve).query(api.sandboxSessions.get, get)).rejects.toMatchObject({
      data: { code: "not_found" },
    });
  });

  test.each([
    ["no token", async () => undefined],
    ["a token that has run out", async () => await mint(person("u", "o", "admin"), { expiresIn: -60 })],
    [
      "a token of another instance",
      async () =>
        await mint(person("u", "o", "admin"), {
          key: generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey,
        }),
    ],
    [
      "a token for another site",
      async () => await mint(person("u", "o", "admin"), { azp: "https://evil.example" }),
    ],
    [
      "a sign-in that is not complete",
      async () => await mint({ ...person("u", "o", "admin"), sts: "pending" }),
    ],
    ["garbage", async () => "a.b.c"],
  ])("is nobody with %s", async (_what, make) => {
    await expect(as(await make())).rejects.toMatchObject({ code: "unauthenticated" });
  });

  test("without an organization is told so", async () => {
    await expect(as(await mint({ sub: "user_alone" }))).rejects.toMatchObject({ code: "forbidden" });
  });

  test("writes from Studio's own pages alone", async () => {
    const token = await mint(person("user_w", "org_w", "admin"));
    await expect(
      as(token, { method: "POST", headers: { origin: "https://evil.example" } }),
    ).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await as(token, { method: "POST", headers: { origin: ORIGIN } })).toMatchObject({
      kind: "member",
    });
  });
});

describe("Clerk's messages", () => {
  async function send(event: object, options: { secret?: Buffer; ageS?: number } = {}): Promise<boolean> {
    const id = `msg_${randomUUID()}`;
    const at = String(Math.floor(Date.now() / 1000) - (options.ageS ?? 0));
    const body = JSON.stringify(event);
    const signature = createHmac("sha256", options.secret ?? webhookKey)
      .update(`${id}.${at}.${body}`)
      .digest("base64");
    return await clerkWebhook(
      new Request(`${ORIGIN}/api/webhooks/clerk`, {
        method: "POST",
        headers: { "svix-id": id, "svix-timestamp": at, "svix-signature": `v1,${signature}` },
        body,
      }),
    );
  }
  const membership = (type: string, user: string, organization: string, role: string) => ({
    type,
    object: "event",
    data: { role, organization: { id: organization }, public_user_data: { user_id: user } },
  });

  test("change a role at once, whatever the person's token still says", async () => {
    const token = await mint(person("user_bob", "org_bob", "admin"));
    const bob = await as(token);
    const create = async () =>
      await serviceData().mutation(api.apiKeys.create, {
        actor: actorOf(bob),
        name: "k",
        hash: hashSecret(randomUUID()),
        last4: "abcd",
        scopes: [],
        environment: "development",
      });
    await create();
    expect(
      await send(membership("organizationMembership.updated", "user_bob", "org_bob", "org:member")),
    ).toBe(true);
    await expect(create()).rejects.toMatchObject({ data: { code: "forbidden" } });
    expect(
      await send(membership("organizationMembership.deleted", "user_bob", "org_bob", "org:member")),
    ).toBe(true);
    await expect(create()).rejects.toMatchObject({ data: { code: "unauthenticated" } });
  });

  test("are not undone by a token that is older than they are", async () => {
    const token = await mint(person("user_ghost", "org_ghost", "admin"));
    await as(token);
    await send(membership("organizationMembership.deleted", "user_ghost", "org_ghost", "org:admin"));
    // Another server process, which has not seen this person yet, is shown a token from before.
    const before = { ...person("user_ghost", "org_ghost", "admin"), name: "As another process sees them" };
    await expect(as(await mint(before, { issuedAgo: 5 }))).rejects.toMatchObject({
      data: { code: "unauthenticated" },
    });
    // Who is let in again has a newer token.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await as(await mint({ ...before, name: "Back again" }))).toMatchObject({ role: "admin" });
  });

  test("do nothing where they are forged, old, or changed", async () => {
    await as(await mint(person("user_kim", "org_kim", "admin")));
    const event = membership("organizationMembership.deleted", "user_kim", "org_kim", "org:admin");
    expect(await send(event, { secret: randomBytes(24) })).toBe(false);
    expect(await send(event, { ageS: 600 })).toBe(false);
    const kim = await as(await mint(person("user_kim", "org_kim", "admin")));
    expect(
      (await dataFor(kim).query(api.sessionLists.search, { paginationOpts: { numItems: 1, cursor: null } }))
        .page,
    ).toEqual([]);
  });

  test("of people and organizations that nobody knows do no harm", async () => {
    expect(await send({ type: "user.deleted", object: "event", data: { id: "user_unknown" } })).toBe(true);
    expect(await send({ type: "organization.deleted", object: "event", data: { id: "org_unknown" } })).toBe(
      true,
    );
    expect(await send({ type: "session.created", object: "event", data: { id: "sess" } })).toBe(true);
  });
});
