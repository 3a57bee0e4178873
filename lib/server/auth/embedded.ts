import { randomUUID } from "node:crypto";
import { PROBLEMS } from "#contracts/problem.ts";
import { problemFor } from "#domain/problems.ts";
import { APIError, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { roleAtLeast, roleFromExternal } from "#domain/roles.ts";
import { boundedHandler } from "../http/bounded.ts";
import { singleton } from "../singleton.ts";
import { CLIENT_ADDRESS } from "../http/connection.ts";
import { asHttpError } from "../http/error.ts";
import { actingFrom, faultOfRequest } from "./acting.ts";
import { outbox } from "./database.ts";
import type { SignedIn } from "./driver.ts";
import { embeddedOptions } from "./embedded-options.ts";
import { passwordFault } from "./password.ts";
import { browserCookie, trySignIn } from "./sign-in-limit.ts";

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
export const embeddedHandler = boundedHandler(async (request) => {
  const address = request.headers.get(CLIENT_ADDRESS) ?? undefined;
  return await actingFrom(address, async () => await handled(request));
});

/** What the library answers, with a sentence where something of ours failed: it would say nothing. */
async function handle(request: Request): Promise<Response> {
  const { handler } = await instance();
  const response = await handler(request);
  const fault = faultOfRequest();
  if (response.status !== 500 || fault === undefined || fault instanceof APIError) return response;
  const requestId = randomUUID();
  const { code, kind, message } = problemOfFault(fault, requestId);
  return Response.json(
    { code: code.toUpperCase(), kind, message },
    { status: PROBLEMS[code], headers: { "x-request-id": requestId } },
  );
}

function problemOfFault(fault: unknown, requestId: string) {
  const { code, besides, message } = asHttpError(fault, requestId);
  return { code, kind: besides.kind, message };
}

async function handled(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (request.method !== "POST" || pathname !== "/api/auth/sign-in/email") return await handle(request);
  const account = await accountIn(request.clone());
  const attempt = await trySignIn({
    account,
    address: request.headers.get(CLIENT_ADDRESS) ?? "unknown",
    cookies: request.headers.get("cookie") ?? "",
  });
  if ("waitS" in attempt) {
    const { code, message } = problemFor("sign_ins_failed", { minutes: Math.ceil(attempt.waitS / 60) });
    return Response.json(
      { code, message },
      {
        status: 429,
        headers: { "retry-after": String(attempt.waitS), "x-retry-after": String(attempt.waitS) },
      },
    );
  }
  const response = await handle(request);
  if (!response.ok) return response;
  await attempt.succeeded();
  response.headers.append("set-cookie", browserCookie(account));
  return response;
}

/** The address that somebody signs in with, in lower case; "" where the body has none. */
async function accountIn(request: Request): Promise<string> {
  try {
    const { email } = (await request.json()) as { email?: unknown };
    return typeof email === "string" ? email.trim().toLowerCase().slice(0, 320) : "";
  } catch {
    return "";
  }
}

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
  let role = roleFromExternal(member.role);
  // What is decided holds already, though it is not done yet.
  for (const change of outbox().of(found.user.id, full.id)) {
    if (change.kind !== "role") return nowhere;
    const decided = roleFromExternal(change.role);
    if (roleAtLeast(role, decided)) role = decided;
  }
  return {
    driver: "embedded",
    user,
    organization: { externalId: full.id, name: full.name, slug: full.slug },
    role,
    assertedAt,
  };
}

/**
 * Sets a person's password on the operator's word, and signs them out everywhere. Needs no other service: the audit
 * log hears of it from the next server that runs.
 * @throws Error where there is no such person, or the password is too weak
 */
export async function setPassword(email: string, password: string): Promise<void> {
  const { internalAdapter, password: rules } = await (await instance()).$context;
  const fault = passwordFault(password, [email]);
  if (fault !== null) throw new Error(fault);
  const found = await internalAdapter.findUserByEmail(email.toLowerCase(), { includeAccounts: true });
  if (!found) throw new Error(`Nobody signs in as ${email}.`);
  const noted = await outbox().begin({ kind: "password", userId: found.user.id });
  await internalAdapter.updatePassword(found.user.id, await rules.hash(password));
  await internalAdapter.deleteUserSessions(found.user.id);
  await outbox().handOver(noted);
}
