import type { SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";
import { dropAllDrafts } from "./draft.ts";
import { leaveDevice } from "./push.ts";

/** Creates an account, and signs in with it. */
export const signUp = async (body: SentBody<"POST /api/auth/sign-up/email">) =>
  await call("POST /api/auth/sign-up/email", { body });

/** Signs in. */
export const signIn = async (body: SentBody<"POST /api/auth/sign-in/email">) =>
  await call("POST /api/auth/sign-in/email", { body });

/** Signs out here, and leaves none of the person's drafts in this browser, nor has it show them notifications. */
export async function signOut(): Promise<void> {
  await leaveDevice();
  await call("POST /api/auth/sign-out", { body: {} });
  dropAllDrafts();
}

/** Sets a new password, and signs out everywhere but here. @throws ApiError `INVALID_PASSWORD` */
export const changePassword = async (body: { currentPassword: string; newPassword: string }) =>
  await call("POST /api/auth/change-password", { body: { ...body, revokeOtherSessions: true } });

/** Deletes the account for good. @throws ApiError `INVALID_PASSWORD`, or 409 for the only owner of an organization */
export async function deleteAccount(password: string): Promise<void> {
  await call("POST /api/auth/delete-user", { body: { password } });
  dropAllDrafts();
}

/** Creates an organization, and makes it the one to work in. */
export async function createOrganization(body: { name: string; slug: string }): Promise<void> {
  const { id } = await call("POST /api/auth/organization/create", { body });
  await call("POST /api/auth/organization/set-active", { body: { organizationId: id } });
}

/** What the browser's data client needs; the token lives five minutes. */
export const fetchToken = async () => await call("GET /api/auth/token");

/** An address made of a name: `Acme Robotics` → `acme-robotics`; at most 48 characters. */
export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 48)
    .replace(/^-+|-+$/g, "");
}

/** A path of this site to go on to after signing in; `/studio` where the wish is none of its own. */
export function safeNext(next: string | null | undefined): string {
  return next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/studio";
}

/** The address of a sign-in or sign-up page that knows where the person wants to go on to. */
export function withReturn(
  path: string,
  back: { next?: string | undefined; email?: string | undefined },
): string {
  const query = new URLSearchParams();
  if (back.next !== undefined) query.set("next", back.next);
  if (back.email !== undefined) query.set("email", back.email);
  return query.size === 0 ? path : `${path}?${query}`;
}
