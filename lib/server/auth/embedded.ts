import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { betterAuth, type BetterAuthOptions } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { organization } from "better-auth/plugins";
import { roleFromExternal } from "../../domain/roles.ts";
import { env } from "../env.ts";
import { singleton } from "../singleton.ts";
import type { SignedIn } from "./driver.ts";

/** Better Auth on a SQLite file of its own: people, their passwords, organizations and sessions. */
async function open() {
  const { STUDIO_DATA_DIR, STUDIO_AUTH_SECRET, STUDIO_PUBLIC_URL } = env();
  fs.mkdirSync(STUDIO_DATA_DIR, { recursive: true });
  const database = new DatabaseSync(path.join(STUDIO_DATA_DIR, "auth.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;");
  const firstOrganization = (userId: string): string | undefined => {
    const row = database
      .prepare("SELECT organizationId FROM member WHERE userId = ? ORDER BY createdAt LIMIT 1")
      .get(userId);
    return typeof row?.organizationId === "string" ? row.organizationId : undefined;
  };
  const options = {
    database,
    secret: STUDIO_AUTH_SECRET,
    baseURL: STUDIO_PUBLIC_URL,
    trustedOrigins: [new URL(STUDIO_PUBLIC_URL).origin],
    emailAndPassword: { enabled: true, minPasswordLength: 10, maxPasswordLength: 128 },
    telemetry: { enabled: false },
    plugins: [organization()],
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
  // Before the library looks at the tables: it reports those that are missing as errors.
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  return betterAuth(options);
}

const instance = () => singleton("better-auth", open);

/** Answers everything below `/api/auth/`: sign-up, sign-in, sign-out, organizations. */
export async function embeddedHandler(request: Request): Promise<Response> {
  return await (await instance()).handler(request);
}

/** Who the request's cookie stands for; null where it stands for nobody. */
export async function embeddedIdentity(headers: Headers): Promise<SignedIn | null> {
  const auth = await instance();
  const found = await auth.api.getSession({ headers });
  if (!found) return null;
  const user = { externalId: found.user.id, name: found.user.name, email: found.user.email };
  if (!found.session.activeOrganizationId)
    return { driver: "embedded", user, organization: null, role: "viewer" };
  const full = await auth.api.getFullOrganization({ headers });
  const member = full?.members.find((m) => m.userId === found.user.id);
  if (!full || !member) return { driver: "embedded", user, organization: null, role: "viewer" };
  return {
    driver: "embedded",
    user,
    organization: { externalId: full.id, name: full.name, slug: full.slug },
    role: roleFromExternal(member.role),
  };
}
