import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { roleFromExternal } from "../../domain/roles.ts";
import { boundedHandler } from "../http/bounded.ts";
import { singleton } from "../singleton.ts";
import type { SignedIn } from "./driver.ts";
import { embeddedOptions } from "./embedded-options.ts";

async function open() {
  const options = embeddedOptions();
  // Before the library looks at the tables: it reports those that are missing as errors.
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  return betterAuth(options);
}

/** The one instance of this process. */
export const instance = () => singleton("better-auth", open);

/** Answers everything below `/api/auth/`: sign-up, sign-in, sign-out, organizations, invitations. */
export const embeddedHandler = boundedHandler(async (request) => await (await instance()).handler(request));

/** Who the request's cookie stands for; null where it stands for nobody. */
export async function embeddedIdentity(headers: Headers): Promise<SignedIn | null> {
  const assertedAt = Date.now();
  const auth = await instance();
  const found = await auth.api.getSession({ headers });
  if (!found) return null;
  const user = { externalId: found.user.id, name: found.user.name, email: found.user.email };
  const nowhere: SignedIn = { driver: "embedded", user, organization: null, role: "viewer", assertedAt };
  if (!found.session.activeOrganizationId) return nowhere;
  // Refused where the person is a member no longer, though their cookie still names the organization.
  const full = await auth.api.getFullOrganization({ headers }).catch(() => null);
  const member = full?.members.find((m) => m.userId === found.user.id);
  if (!full || !member) return nowhere;
  return {
    driver: "embedded",
    user,
    organization: { externalId: full.id, name: full.name, slug: full.slug },
    role: roleFromExternal(member.role),
    assertedAt,
  };
}

/**
 * Sets a person's password on the operator's word, and signs them out everywhere.
 * @throws Error where there is no such person, or the password is too short
 */
export async function setPassword(email: string, password: string): Promise<void> {
  const { internalAdapter, password: rules } = await (await instance()).$context;
  if (password.length < rules.config.minPasswordLength)
    throw new Error(`A password has at least ${rules.config.minPasswordLength} characters.`);
  const found = await internalAdapter.findUserByEmail(email.toLowerCase(), { includeAccounts: true });
  if (!found) throw new Error(`Nobody signs in as ${email}.`);
  await internalAdapter.updatePassword(found.user.id, await rules.hash(password));
  await internalAdapter.deleteUserSessions(found.user.id);
}
