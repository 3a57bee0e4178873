/** What a member of an organization may do; each role includes the ones before it. */
export const ROLES = ["viewer", "member", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** True where `role` is at least `min`. */
export function roleAtLeast(role: Role, min: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(min);
}

/**
 * The role behind an identity provider's own role name. Owner and admin are admins;
 * a name that is not known is a viewer, so that a typing error never widens rights.
 */
export function roleFromExternal(name: string | undefined): Role {
  const plain = name?.replace(/^org:/, "");
  if (plain === "owner" || plain === "admin") return "admin";
  return plain === "member" ? "member" : "viewer";
}

/** What an API key may be allowed to do. */
export const SCOPES = [
  "sessions:read",
  "sessions:write",
  "approvals:write",
  "agents:read",
  "agents:write",
  "rules:read",
  "rules:write",
  "skills:read",
  "skills:write",
  "keys:read",
  "keys:write",
  "project:read",
  "project:write",
  "billing:read",
  "billing:write",
  "providers:read",
  "providers:write",
  "settings:read",
  "settings:write",
  "organization:export",
  "audit:read",
] as const;
export type Scope = (typeof SCOPES)[number];
