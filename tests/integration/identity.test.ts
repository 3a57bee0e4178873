import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { Api } from "#tests/api.ts";
import { sharedStudio } from "#tests/shared-studio.ts";
import { Visitor } from "#tests/visitor.ts";

const { stack } = await sharedStudio();
const owner = (await Visitor.withOrganization(stack.url, "Team")).visitor;

interface Organization {
  id: string;
  members: { id: string; userId: string; role: string; user: { email: string } }[];
}
const organization = async (as: Visitor) =>
  (await as.call<Organization>("GET", "/api/auth/organization/get-full-organization")).body;

/** Somebody new, invited by the owner, who has accepted. */
async function invited(role: string): Promise<Visitor> {
  const email = `${role}-${Date.now()}@studio.example`;
  const invitation = await owner.call<{ id: string }>("POST", "/api/auth/organization/invite-member", {
    email,
    role,
  });
  expect(invitation.status).toBe(200);
  const visitor = await Visitor.signUp(stack.url, email);
  const accepted = await visitor.call("POST", "/api/auth/organization/accept-invitation", {
    invitationId: invitation.body.id,
  });
  expect(accepted.status).toBe(200);
  return visitor;
}

const demo = { environment: "development", provider: "demo", model: "demo" };
const create = async (as: Visitor) => (await as.call("POST", "/api/studio/sessions", demo)).status;

describe("an organization's people", () => {
  test("are invited by a link, with a role that counts", async () => {
    const viewer = await invited("viewer");
    expect((await viewer.call("GET", "/api/studio/sessions")).status).toBe(200);
    expect(await create(viewer)).toBe(403);
    const member = await invited("member");
    expect(await create(member)).toBe(201);
    expect((await member.call("POST", "/api/v1/api-keys", { name: "no" })).status).toBe(403);
    const admin = await invited("admin");
    expect((await admin.call("POST", "/api/v1/api-keys", { name: "yes" })).status).toBe(201);
  });

  test("an invitation is for one person alone, and a viewer invites nobody", async () => {
    const invitation = await owner.call<{ id: string }>("POST", "/api/auth/organization/invite-member", {
      email: "somebody@studio.example",
      role: "admin",
    });
    const other = await Visitor.signUp(stack.url);
    const taken = await other.call("POST", "/api/auth/organization/accept-invitation", {
      invitationId: invitation.body.id,
    });
    expect(taken.status).toBe(403);
    const viewer = await invited("viewer");
    const attempt = { email: "x@studio.example", role: "admin" };
    expect((await viewer.call("POST", "/api/auth/organization/invite-member", attempt)).status).toBe(403);
  });

  test("an invitation's id is shown to those alone who may invite", async () => {
    const made = await owner.call<{ id: string }>("POST", "/api/auth/organization/invite-member", {
      email: `admin-to-be-${Date.now()}@studio.example`,
      role: "admin",
    });
    const { id } = await organization(owner);
    const paths = [
      "get-full-organization",
      `get-full-organization?organizationId=${id}`,
      "list-invitations",
      `list-invitations?organizationId=${id}`,
    ];
    const viewer = await invited("viewer");
    const seen = async (as: Visitor, path: string) =>
      JSON.stringify((await as.call("GET", `/api/auth/organization/${path}`)).body);
    for (const path of paths) {
      expect(await seen(owner, path), path).toContain(made.body.id);
      expect(await seen(viewer, path), path).not.toContain(made.body.id);
    }
    expect((await organization(viewer)).members.length).toBeGreaterThan(1);
  });

  test("a role that is taken away, and a member who is removed, count at once", async () => {
    const admin = await invited("admin");
    const key = await admin.call<{ key: string }>("POST", "/api/v1/api-keys", { name: "theirs" });
    const email = (await admin.call<{ user: { email: string } }>("GET", "/api/auth/get-session")).body.user
      .email;
    const members = (await organization(owner)).members;
    const memberId = members.find((m) => m.user.email === email)?.id;
    await owner.call("POST", "/api/auth/organization/update-member-role", { memberId, role: "viewer" });
    expect(await create(admin)).toBe(403);
    await owner.call("POST", "/api/auth/organization/remove-member", { memberIdOrEmail: email });
    expect((await admin.call("GET", "/api/studio/sessions")).status).toBe(403);
    const withKey = await fetch(`${stack.url}/api/studio/sessions`, {
      headers: { authorization: `Bearer ${key.body.key}` },
    });
    expect(withKey.status).toBe(401);
  });

  test("work in several organizations, one at a time", async () => {
    const visitor = await invited("viewer");
    expect(await create(visitor)).toBe(403);
    const slug = `own-${Date.now()}`;
    const own = await visitor.call<{ id: string }>("POST", "/api/auth/organization/create", {
      name: "Own",
      slug,
    });
    expect(await create(visitor)).toBe(201);
    const team = (await organization(owner)).id;
    await visitor.call("POST", "/api/auth/organization/set-active", { organizationId: team });
    expect(await create(visitor)).toBe(403);
    await visitor.call("POST", "/api/auth/organization/set-active", { organizationId: own.body.id });
    expect(
      (await visitor.call<{ sessions: object[] }>("GET", "/api/studio/sessions")).body.sessions,
    ).toHaveLength(1);
    const foreign = await visitor.call("POST", "/api/auth/organization/set-active", {
      organizationId: "not-one-of-theirs",
    });
    expect(foreign.status).toBeGreaterThanOrEqual(400);
  });
});

describe("leaving", () => {
  test("a member who leaves is out at once, and so are their keys", async () => {
    const admin = await invited("admin");
    const key = await admin.call<{ key: string }>("POST", "/api/v1/api-keys", { name: "theirs" });
    const api = Api.withKey(stack.url, key.body.key);
    expect((await api.call("GET", "/api/studio/sessions")).status).toBe(200);
    const { id } = await organization(admin);
    const left = await admin.call("POST", "/api/auth/organization/leave", { organizationId: id });
    expect(left.status).toBe(200);
    expect((await admin.call("GET", "/api/studio/sessions")).status).toBe(403);
    expect((await api.call("GET", "/api/studio/sessions")).status).toBe(401);
    // Invited again, they are back at once.
    const { email } = (await admin.call<{ user: { email: string } }>("GET", "/api/auth/get-session")).body
      .user;
    const again = await owner.call<{ id: string }>("POST", "/api/auth/organization/invite-member", {
      email,
      role: "admin",
    });
    await admin.call("POST", "/api/auth/organization/accept-invitation", { invitationId: again.body.id });
    expect((await admin.call("GET", "/api/studio/sessions")).status).toBe(200);
  });

  test("an only owner hands over or deletes the organization first; then the account goes", async () => {
    const { visitor } = await Visitor.withOrganization(stack.url, "Short-lived");
    const password = { password: "a long enough password" };
    expect((await visitor.call("POST", "/api/auth/delete-user", password)).status).toBe(409);
    const { id } = await organization(visitor);
    expect((await visitor.call("POST", "/api/auth/organization/delete", { organizationId: id })).status).toBe(
      200,
    );
    expect((await visitor.call("GET", "/api/studio/sessions")).status).toBe(403);
    expect((await visitor.call("POST", "/api/auth/delete-user", password)).status).toBe(200);
    expect((await visitor.call("GET", "/api/studio/sessions")).status).toBe(401);
  });
});

test("the operator resets a password by command; the old one and its sessions are over", async () => {
  const email = `forgetful-${Date.now()}@studio.example`;
  const before = await Visitor.signUp(stack.url, email);
  const root = path.resolve(import.meta.dirname, "../..");
  const { stdout } = await promisify(execFile)(
    path.join(root, "node_modules/node/bin/node"),
    ["lib/server/auth/reset-password.ts", email],
    { cwd: root, env: { ...process.env, ...stack.env("web") } },
  );
  const password = / is (\S+)/.exec(stdout)?.[1] ?? "";
  await Visitor.signIn(stack.url, { email, password });
  await expect(Visitor.signIn(stack.url, { email, password: "a long enough password" })).rejects.toThrow(
    "no sign-in",
  );
  expect((await before.call("GET", "/api/studio/sessions")).status).toBe(401);
});
