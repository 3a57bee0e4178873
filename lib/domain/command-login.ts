import type { Limit } from "./limits.ts";
import { roleAtLeast, type Role, type Scope } from "./roles.ts";

/** The `struere` command's login: a person confirms on a page that a key, which the command made for itself, is theirs. Pure. */

/** How a confirmation gets back: to the command's own address on loopback, or by the command asking again and again. */
export const LOGIN_FLOWS = ["browser", "device"] as const;

export const COMMAND_LOGIN = {
  /** How long somebody has to confirm. */
  openMs: 10 * 60_000,
  /** How long the command waits before it asks again. */
  pollMs: 3_000,
  /** How long the key of a login is valid. */
  keyMs: 30 * 24 * 3_600_000,
  /** Logins that are open at once, anybody's; a stranger can open one. */
  maxOpen: 500,
} as const;

/** Letters and digits that nobody mistakes for one another, without vowels, so that they spell nothing. */
export const LOGIN_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ2456789";
const CODE = new RegExp(`^[${LOGIN_CODE_LETTERS}]{4}-[${LOGIN_CODE_LETTERS}]{4}$`);

/** A code as it is kept, however it was typed; null where it is none. */
export function loginCode(typed: string): string | null {
  const plain = typed.toUpperCase().replaceAll(/[\s-]/g, "");
  const code = `${plain.slice(0, 4)}-${plain.slice(4)}`;
  return CODE.test(code) ? code : null;
}

export const LOGIN_LIMITS = {
  code: { kind: "text", min: 9, max: 9, pattern: CODE, hint: "A code has eight letters and digits." },
  /** Where the command runs, as it says itself. */
  machine: { kind: "text", min: 1, max: 60, pattern: /^[\w .:@()-]+$/, hint: "Use letters and digits." },
} as const satisfies Record<string, Limit>;

/** What a login's key may do, by the role of the person who confirms it. Their role at the time of each call counts, too. */
export const loginScopes = (role: Role): Scope[] =>
  roleAtLeast(role, "member") ? ["project:read", "project:write"] : ["project:read"];

/** The same for people, as the end of "It can …". */
export function loginRights(role: Role, environment: "development" | "production"): string {
  const writes = roleAtLeast(role, environment === "production" ? "admin" : "member");
  return writes ? "read and change the project" : "read the project, and change nothing";
}
