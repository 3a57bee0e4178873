import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { APIError, type BetterAuthOptions } from "better-auth";
import { createAuthMiddleware, getSessionFromCtx } from "better-auth/api";
import { createAccessControl } from "better-auth/plugins/access";
import { organization } from "better-auth/plugins";
import { adminAc, defaultStatements, memberAc, ownerAc } from "better-auth/plugins/organization/access";
import { roleFromExternal } from "../../domain/roles.ts";
import { env } from "../env.ts";
import { forgetMember, forgetOrganization, forgetUser, mirrorRole } from "./mirror.ts";
import { signInLimit } from "./sign-in-limit.ts";

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

function openDatabase(): DatabaseSync {
  const { STUDIO_DATA_DIR } = env();
  fs.mkdirSync(STUDIO_DATA_DIR, { recursive: true });
  const database = new DatabaseSync(path.join(STUDIO_DATA_DIR, "auth.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  return database;
}

/** Organizations of which the person is the only owner: deleting the person would leave them to nobody. */
function ownedAlone(database: DatabaseSync, userId: string): string[] {
  const rows = database
    .prepare(
      `SELECT o.name FROM member m JOIN organization o ON o.id = m.organizationId
       WHERE m.userId = ? AND m.role LIKE '%owner%' AND NOT EXISTS (
         SELECT 1 FROM member x WHERE x.organizationId = m.organizationId AND x.userId <> m.userId AND x.role LIKE '%owner%')`,
    )
    .all(userId);
  return rows.map((row) => String(row.name));
}

const AFTER = new Set([
  "/organization/leave",
  "/organization/list-invitations",
  "/organization/get-full-organization",
]);

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
      if (session) await forgetMember("embedded", session.user.id, organizationId);
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

/** Better Auth on a SQLite file of its own: people, their passwords, organizations and sessions. */
export function embeddedOptions() {
  checkEmbeddedAllowed();
  const { STUDIO_AUTH_SECRET, STUDIO_PUBLIC_URL } = env();
  const database = openDatabase();
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
    database,
    secret: STUDIO_AUTH_SECRET,
    baseURL: STUDIO_PUBLIC_URL,
    trustedOrigins: [new URL(STUDIO_PUBLIC_URL).origin],
    emailAndPassword: { enabled: true, minPasswordLength: 10, maxPasswordLength: 128 },
    telemetry: { enabled: false },
    // By address of the network: an office shares one, and a password of ten characters outlasts this.
    rateLimit: {
      enabled: true,
      customStorage: signInLimit,
      customRules: {
        "/sign-in/email": { window: 60, max: 30 },
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
              message: `You are the only owner of ${alone.join(", ")}. Make somebody else an owner, or delete the organization first.`,
            });
        },
        afterDelete: async (user) => await forgetUser("embedded", user.id),
      },
    },
    plugins: [
      organization({
        ac: access,
        roles,
        invitationExpiresIn: INVITATION_S,
        cancelPendingInvitationsOnReInvite: true,
        organizationHooks: {
          afterUpdateMemberRole: async ({ member, organization: { id } }) =>
            await mirrorRole("embedded", member.userId, id, roleFromExternal(member.role)),
          afterRemoveMember: async ({ member, organization: { id } }) =>
            await forgetMember("embedded", member.userId, id),
          beforeDeleteOrganization: async ({ organization: { id } }) =>
            await forgetOrganization("embedded", id),
        },
      }),
    ],
    hooks: { after: afterRoutes(roleIn) },
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
