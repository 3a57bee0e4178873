import type { DatabaseSync } from "node:sqlite";
import { APIError, type BetterAuthOptions } from "better-auth";
import { createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { createAccessControl } from "better-auth/plugins/access";
import { organization } from "better-auth/plugins";
import { adminAc, defaultStatements, memberAc, ownerAc } from "better-auth/plugins/organization/access";
import { roleAtLeast, roleFromExternal } from "#domain/roles.ts";
import { env } from "../env.ts";
import { CLIENT_ADDRESS } from "../http/connection.ts";
import { actingAs, hashAhead, hashOf, noteFault } from "./acting.ts";
import { authDatabase, authTurns, outbox } from "./database.ts";
import { takeEffect } from "./identity-changes.ts";
import { mirrored } from "./mirror.ts";
import { MAX_PASSWORD_CHARS, MIN_PASSWORD_CHARS } from "#domain/limits.ts";
import { problemFor } from "#domain/problems.ts";
import { passwordFault } from "./password.ts";
import { requestLimit } from "./sign-in-limit.ts";

const access = createAccessControl(defaultStatements);
/** Better Auth's own roles, and one that only looks on. */
const roles = {
  owner: access.newRole(ownerAc.statements),
  admin: access.newRole(adminAc.statements),
  member: access.newRole(memberAc.statements),
  viewer: access.newRole({}),
};

/** How long an invitation can be accepted. */
const INVITATION_S = 7 * 24 * 3600;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The embedded sign-in knows passwords and nothing else, so it does not go on a public address by accident.
 * @throws Error that says which setting allows it
 */
export function checkEmbeddedAllowed(): void {
  const { STUDIO_PUBLIC_URL, STUDIO_EMBEDDED_AUTH_PUBLIC } = env();
  const { hostname, protocol } = new URL(STUDIO_PUBLIC_URL);
  if (LOOPBACK.test(hostname)) return;
  if (!STUDIO_EMBEDDED_AUTH_PUBLIC)
    throw new Error(
      `STUDIO_PUBLIC_URL is ${STUDIO_PUBLIC_URL}, a public address. Set Clerk's keys, or allow the embedded sign-in there with STUDIO_EMBEDDED_AUTH_PUBLIC=true.`,
    );
  if (protocol !== "https:")
    throw new Error(
      "STUDIO_PUBLIC_URL must begin with https:// where it is a public address: passwords pass through it.",
    );
}

/** Organizations of which the person is the only owner: deleting the person would leave them to nobody. */
function ownedAlone(database: DatabaseSync, userId: string): { id: string; name: string }[] {
  const rows = database
    .prepare(
      `SELECT o.id, o.name FROM member m JOIN organization o ON o.id = m.organizationId
       WHERE m.userId = ? AND m.role LIKE '%owner%' AND NOT EXISTS (
         SELECT 1 FROM member x WHERE x.organizationId = m.organizationId AND x.userId <> m.userId AND x.role LIKE '%owner%')`,
    )
    .all(userId);
  return rows.map((row) => ({ id: String(row.id), name: String(row.name) }));
}

const AFTER = new Set([
  "/organization/leave",
  "/organization/list-invitations",
  "/organization/get-full-organization",
]);

/** Routes whose hooks ask who acts. */
const ACTS = /^\/(organization|delete-user)/;

/** What is asked before some of the library's routes: whether one may sign up, and with that password. */
const beforeRoutes = (database: DatabaseSync) =>
  createAuthMiddleware(async (ctx) => {
    if (ACTS.test(ctx.path)) {
      const session = await getSessionFromCtx(ctx);
      if (session) actingAs(session.user.id);
    }
    const body = (ctx.body ?? {}) as Record<string, unknown>;
    const text = (field: string) => (typeof body[field] === "string" ? body[field] : "");
    switch (ctx.path) {
      case "/sign-up/email":
        checkSignUp(database, text("email").toLowerCase());
        checkPassword(text("password"), [text("email"), text("name")]);
        // An address that has an account is refused without a hash.
        return isKnown(database, text("email").toLowerCase()) ? undefined : await hashAhead(text("password"));
      case "/change-password":
      case "/set-password":
      case "/reset-password": {
        const session = await getSessionFromCtx(ctx);
        return checkPassword(text("newPassword"), session ? [session.user.email, session.user.name] : []);
      }
      case "/organization/leave": {
        const session = await getSessionFromCtx(ctx);
        const organizationId = text("organizationId");
        // What the route itself would refuse must not take effect in Convex.
        if (session && mayLeave(database, session.user.id, organizationId))
          await takeEffect({ kind: "member", userId: session.user.id, organizationId });
        return undefined;
      }
      default:
        return undefined;
    }
  });

function checkPassword(password: string, own: readonly string[]): undefined {
  const fault = passwordFault(password, own);
  if (fault !== null) throw new APIError("BAD_REQUEST", { code: "PASSWORD_TOO_WEAK", message: fault });
}

const isKnown = (database: DatabaseSync, email: string): boolean =>
  database.prepare("SELECT 1 FROM user WHERE email = ?").get(email) !== undefined;

/** @throws APIError FORBIDDEN where accounts are not made here, or not for that address */
function checkSignUp(database: DatabaseSync, email: string): void {
  const { STUDIO_SIGN_UP } = env();
  if (STUDIO_SIGN_UP === "open") return;
  // Somebody has to be the first.
  if (database.prepare("SELECT 1 FROM user LIMIT 1").get() === undefined) return;
  const invited =
    STUDIO_SIGN_UP === "invited" &&
    database
      .prepare(
        "SELECT 1 FROM invitation WHERE lower(email) = ? AND status = 'pending' AND expiresAt > ? LIMIT 1",
      )
      .get(email, new Date().toISOString()) !== undefined;
  if (!invited) {
    const { code, message } = problemFor(STUDIO_SIGN_UP === "closed" ? "sign_up_closed" : "sign_up_invited");
    throw new APIError("FORBIDDEN", { code, message });
  }
}

function mayLeave(database: DatabaseSync, userId: string, organizationId: string): boolean {
  const row = database
    .prepare("SELECT role FROM member WHERE userId = ? AND organizationId = ?")
    .get(userId, organizationId);
  return row !== undefined && !ownedAlone(database, userId).some(({ id }) => id === organizationId);
}

/**
 * What the library leaves to do after some of its routes. Leaving has no hook of its own there. And an invitation's
 * id is what opens the door, since nobody's address is verified: it is shown to those alone who may invite.
 */
const afterRoutes = (roleIn: (userId: string, organizationId: string) => string | undefined) =>
  createAuthMiddleware(async (ctx) => {
    const { returned } = ctx.context;
    if (!AFTER.has(ctx.path) || returned instanceof Error) return undefined;
    const session = await getSessionFromCtx<Record<string, never>, { activeOrganizationId?: string | null }>(
      ctx,
    );
    const mayInvite = (organizationId: string) =>
      session !== null && roleFromExternal(roleIn(session.user.id, organizationId)) === "admin";
    if (ctx.path === "/organization/leave") {
      const { organizationId } = ctx.body as { organizationId: string };
      if (session) await outbox().settle({ kind: "member", userId: session.user.id, organizationId });
      return undefined;
    }
    if (ctx.path === "/organization/list-invitations") {
      const asked = (ctx.query as { organizationId?: string } | undefined)?.organizationId;
      return mayInvite(asked ?? session?.session.activeOrganizationId ?? "") ? undefined : ctx.json([]);
    }
    const organization = returned as { id: string } | null;
    return !organization || mayInvite(organization.id)
      ? undefined
      : ctx.json({ ...organization, invitations: [] });
  });

/** Whether a change of role takes rights away. */
function narrows(before: string, after: string): boolean {
  return roleAtLeast(roleFromExternal(before), roleFromExternal(after));
}

/** Better Auth on a SQLite file of its own: people, their passwords, organizations and sessions. */
export function embeddedOptions() {
  checkEmbeddedAllowed();
  const { STUDIO_AUTH_SECRET, STUDIO_PUBLIC_URL, STUDIO_MAX_ORGANIZATIONS } = env();
  const database = authDatabase();
  const firstOrganization = (userId: string): string | undefined => {
    const row = database
      .prepare("SELECT organizationId FROM member WHERE userId = ? ORDER BY createdAt LIMIT 1")
      .get(userId);
    return typeof row?.organizationId === "string" ? row.organizationId : undefined;
  };
  const roleIn = (userId: string, organizationId: string): string | undefined => {
    const row = database
      .prepare("SELECT role FROM member WHERE userId = ? AND organizationId = ?")
      .get(userId, organizationId);
    return typeof row?.role === "string" ? row.role : undefined;
  };
  return {
    database: { db: authTurns(), type: "sqlite" as const, transaction: true },
    secret: STUDIO_AUTH_SECRET,
    baseURL: STUDIO_PUBLIC_URL,
    trustedOrigins: [new URL(STUDIO_PUBLIC_URL).origin],
    emailAndPassword: {
      enabled: true,
      minPasswordLength: MIN_PASSWORD_CHARS,
      maxPasswordLength: MAX_PASSWORD_CHARS,
      password: { hash: hashOf },
    },
    telemetry: { enabled: false },
    // Set by `watchConnections`, whatever a client sends.
    advanced: { ipAddress: { ipAddressHeaders: [CLIENT_ADDRESS] } },
    rateLimit: {
      enabled: true,
      customStorage: requestLimit,
      customRules: {
        // Counted by failures, in `embedded.ts`.
        "/sign-in/email": false,
        // It tells which addresses have an account, since nobody's address is verified: see SECURITY.md.
        "/sign-up/email": { window: 60, max: 30 },
      },
    },
    user: {
      deleteUser: {
        enabled: true,
        beforeDelete: async (user) => {
          const alone = ownedAlone(database, user.id);
          if (alone.length > 0)
            throw new APIError("CONFLICT", {
              message: problemFor("only_owner", { organizations: alone.map(({ name }) => name) }).message,
            });
          await takeEffect({ kind: "user", userId: user.id });
        },
        afterDelete: async (user) => await outbox().settle({ kind: "user", userId: user.id }),
      },
    },
    plugins: [
      organization({
        ac: access,
        roles,
        invitationExpiresIn: INVITATION_S,
        cancelPendingInvitationsOnReInvite: true,
        organizationLimit: STUDIO_MAX_ORGANIZATIONS,
        organizationHooks: {
          beforeUpdateMemberRole: async ({ member, newRole, organization: { id } }) => {
            const change = {
              kind: "role" as const,
              userId: member.userId,
              organizationId: id,
              role: newRole,
            };
            // A wider role is given after it stands here: nobody may be an admin there and not here.
            if (narrows(member.role, newRole)) await takeEffect(change);
          },
          afterUpdateMemberRole: async ({ member, organization: { id } }) => {
            const change = {
              kind: "role" as const,
              userId: member.userId,
              organizationId: id,
              role: member.role,
            };
            await takeEffect(change);
            await outbox().settle(change);
          },
          beforeRemoveMember: async ({ member, organization: { id } }) =>
            await takeEffect({ kind: "member", userId: member.userId, organizationId: id }),
          afterRemoveMember: async ({ member, organization: { id } }) => {
            await outbox().settle({ kind: "member", userId: member.userId, organizationId: id });
            mirrored().clear();
          },
          beforeDeleteOrganization: async ({ organization: { id } }) =>
            await takeEffect({ kind: "organization", organizationId: id }),
          afterDeleteOrganization: async ({ organization: { id } }) =>
            await outbox().settle({ kind: "organization", organizationId: id }),
        },
      }),
    ],
    // In place of its own log, so that the request can be refused with what was wrong.
    onAPIError: { onError: noteFault },
    hooks: { before: beforeRoutes(database), after: afterRoutes(roleIn) },
    databaseHooks: {
      session: {
        create: {
          // A person who signs in lands in an organization of theirs, not in none.
          before: async (session) => {
            const activeOrganizationId = firstOrganization(session.userId);
            return { data: activeOrganizationId ? { ...session, activeOrganizationId } : session };
          },
        },
      },
    },
  } satisfies BetterAuthOptions;
}
