import { createClerkClient, verifyToken } from "@clerk/backend";
import { verifyWebhook } from "@clerk/backend/webhooks";
import { roleFromExternal } from "#domain/roles.ts";
import { cacheOf } from "../cache.ts";
import { env } from "../env.ts";
import { log, messageOf } from "../log.ts";
import { fromClerkClaims } from "./clerk-claims.ts";
import type { SignedIn } from "./driver.ts";
import { forgetMember, forgetOrganization, forgetUser, mirrorRole } from "./mirror.ts";

const MAX_PROFILES = 2_000;
const PROFILE_MS = 10 * 60_000;

/** The session token in a request's cookies: Clerk's own name, or one with an instance's suffix. */
function sessionToken(headers: Headers): string | undefined {
  for (const part of (headers.get("cookie") ?? "").split(/;\s*/)) {
    const [name = "", value] = part.split("=", 2);
    if (value && (name === "__session" || name.startsWith("__session_"))) return value;
  }
  return undefined;
}

interface Profile {
  name: string;
  email: string;
}

/** A person's name and address from Clerk, where their token does not say; what cannot be had is left as it is. */
async function withProfile(who: SignedIn): Promise<SignedIn> {
  if (who.user.email !== "" || !env().CLERK_SECRET_KEY) return who;
  const profiles = cacheOf<Profile>("clerk-profiles", { max: MAX_PROFILES, ttlMs: PROFILE_MS });
  let profile = profiles.get(who.user.externalId);
  if (!profile) {
    try {
      const client = createClerkClient({ secretKey: env().CLERK_SECRET_KEY ?? "" });
      const user = await client.users.getUser(who.user.externalId);
      const email = user.primaryEmailAddress?.emailAddress ?? "";
      profile = {
        email,
        name: user.fullName ?? user.username ?? (email || "Member"),
      };
      profiles.set(who.user.externalId, profile);
    } catch (error) {
      log("warn", "a person's name could not be had from Clerk", { error: messageOf(error) });
      return who;
    }
  }
  return { ...who, user: { ...who.user, name: profile.name, email: profile.email } };
}

/** Asks Clerk something that needs the key. @throws what Clerk says where it doesn't take it */
export async function askClerk(): Promise<void> {
  const client = createClerkClient({ secretKey: env().CLERK_SECRET_KEY ?? "" });
  await client.organizations.getOrganizationList({ limit: 1 });
}

/** Who the request's session token stands for; null where it stands for nobody, or no longer. */
export async function clerkIdentity(headers: Headers): Promise<SignedIn | null> {
  const token = sessionToken(headers);
  if (!token) return null;
  const { CLERK_JWT_KEY, CLERK_SECRET_KEY, STUDIO_PUBLIC_URL } = env();
  try {
    const payload = await verifyToken(token, {
      authorizedParties: [new URL(STUDIO_PUBLIC_URL).origin],
      ...(CLERK_JWT_KEY ? { jwtKey: CLERK_JWT_KEY } : { secretKey: CLERK_SECRET_KEY }),
    });
    const who = fromClerkClaims(payload);
    return who && (await withProfile(who));
  } catch {
    // Expired, foreign, changed: the caller is signed out, and their browser gets a new token from Clerk.
    return null;
  }
}

const memberIn = (data: { public_user_data: { user_id: string }; organization: { id: string } }) => ({
  driver: "clerk" as const,
  userId: data.public_user_data.user_id,
  organizationId: data.organization.id,
});

/**
 * Takes a change at Clerk over into the mirror. Repeating a message does no harm: each sets a state.
 * @returns false where the signature is not right, or is older than five minutes
 */
export async function clerkWebhook(request: Request): Promise<boolean> {
  let event;
  try {
    event = await verifyWebhook(request, { signingSecret: env().CLERK_WEBHOOK_SECRET ?? "" });
  } catch (error) {
    log("warn", "a webhook was not signed by Clerk", { error: messageOf(error) });
    return false;
  }
  switch (event.type) {
    case "organizationMembership.created":
    case "organizationMembership.updated":
      // A message that is delivered late must not undo a later one.
      await mirrorRole(memberIn(event.data), roleFromExternal(event.data.role), {
        assertedAt: event.data.updated_at,
      });
      break;
    case "organizationMembership.deleted":
      await forgetMember(memberIn(event.data));
      break;
    case "user.deleted":
      if (event.data.id) await forgetUser("clerk", event.data.id);
      break;
    case "organization.deleted":
      if (event.data.id) await forgetOrganization("clerk", event.data.id);
      break;
    default:
    // Names and slugs are taken over at the next sign-in.
  }
  return true;
}
