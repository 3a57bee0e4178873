import { request } from "./api.ts";

/** Makes an account, and signs in with it. */
export const signUp = (body: { name: string; email: string; password: string }) =>
  request<unknown>("POST", "/api/auth/sign-up/email", { body });

/** Signs in. */
export const signIn = (body: { email: string; password: string }) =>
  request<unknown>("POST", "/api/auth/sign-in/email", { body });

/** Signs out here. */
export const signOut = () => request<unknown>("POST", "/api/auth/sign-out", { body: {} });

/** Sets a new password, and signs out everywhere but here. @throws ApiError `INVALID_PASSWORD` */
export const changePassword = (body: { currentPassword: string; newPassword: string }) =>
  request<unknown>("POST", "/api/auth/change-password", { body: { ...body, revokeOtherSessions: true } });

/** Deletes the account for good. @throws ApiError `INVALID_PASSWORD`, or 409 for the only owner of an organization */
export const deleteAccount = (password: string) =>
  request<unknown>("POST", "/api/auth/delete-user", { body: { password } });

/** Makes an organization, and makes it the one to work in. */
export async function createOrganization(body: { name: string; slug: string }): Promise<void> {
  const made = await request<{ id: string }>("POST", "/api/auth/organization/create", { body });
  await request<unknown>("POST", "/api/auth/organization/set-active", {
    body: { organizationId: made.id },
  });
}

/** What the browser's data client needs; the token lives five minutes. */
export const fetchToken = () =>
  request<{ token: string; convexUrl: string; expiresAt: number }>("GET", "/api/auth/token");

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
