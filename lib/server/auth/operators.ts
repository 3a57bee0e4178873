import { createClerkClient } from "@clerk/backend";
import type { Operator } from "#domain/operator.ts";
import { cached, cacheOf } from "../cache.ts";
import { env, usesClerk } from "../env.ts";
import { CLIENT_ADDRESS } from "../http/connection.ts";
import { log, messageOf } from "../log.ts";
import { authDatabase } from "./database.ts";
import { signedIn } from "./principal.ts";

/** How long Clerk's word on an address holds. */
const VERIFIED_MS = 60_000;
const MAX_VERIFIED = 200;

/**
 * The embedded sign-in verifies no addresses: the first to sign up with one has it. So an operator's account is marked on the
 * machine itself, by its id: who takes the address later, or took it before, is not marked.
 */
function marks() {
  const database = authDatabase();
  database.exec(
    "CREATE TABLE IF NOT EXISTS studioOperator (userId TEXT PRIMARY KEY, markedAt INTEGER NOT NULL) STRICT",
  );
  return database;
}

const markedAddress = (userId: string): string | null => {
  const row = marks()
    .prepare("SELECT u.email FROM studioOperator o JOIN user u ON u.id = o.userId WHERE o.userId = ?")
    .get(userId);
  return typeof row?.email === "string" ? row.email : null;
};

/** Marks the account of an address as an operator's. @throws Error where nobody signs in with it */
export function markOperator(email: string): void {
  const row = marks().prepare("SELECT id FROM user WHERE email = ?").get(email.toLowerCase());
  if (typeof row?.id !== "string") throw new Error(`Nobody signs in as ${email}.`);
  marks().prepare("INSERT OR IGNORE INTO studioOperator VALUES (?, ?)").run(row.id, Date.now());
}

/** Takes the mark away. @returns false where there was none */
export function unmarkOperator(email: string): boolean {
  const { changes } = marks()
    .prepare("DELETE FROM studioOperator WHERE userId IN (SELECT id FROM user WHERE email = ?)")
    .run(email.toLowerCase());
  return Number(changes) > 0;
}

/** The address that Clerk has verified as the person's first; null where there is none, or Clerk does not say. */
async function verifiedAddress(userId: string): Promise<string | null> {
  const { CLERK_SECRET_KEY } = env();
  if (!CLERK_SECRET_KEY) return null;
  const known = cacheOf<Promise<string | null>>("clerk-verified", { max: MAX_VERIFIED, ttlMs: VERIFIED_MS });
  try {
    return await cached(known, userId, async () => {
      const user = await createClerkClient({ secretKey: CLERK_SECRET_KEY }).users.getUser(userId);
      const { primaryEmailAddress: primary } = user;
      return primary?.verification?.status === "verified" ? primary.emailAddress : null;
    });
  } catch (error) {
    log("warn", "an operator's address could not be had from Clerk", { error: messageOf(error) });
    return null;
  }
}

/**
 * The operator behind a request's cookie; null for everybody else, and for each request with a key. An address counts
 * only where the identity driver vouches for it, or the machine's owner does.
 */
export async function operatorOf(headers: Headers): Promise<Operator | null> {
  const { STUDIO_OPERATORS } = env();
  if (STUDIO_OPERATORS.length === 0 || headers.has("authorization")) return null;
  const who = await signedIn(headers);
  if (!who) return null;
  const { externalId } = who.user;
  const by = (usesClerk() ? await verifiedAddress(externalId) : markedAddress(externalId))?.toLowerCase();
  if (by === undefined || !STUDIO_OPERATORS.includes(by)) return null;
  const address = headers.get(CLIENT_ADDRESS);
  return { by, via: "page", ...(address !== null && { address }) };
}
