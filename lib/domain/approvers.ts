/** Who may approve what an agent asks for, as an organization decides it. Pure. */
import { type Environment, ENVIRONMENTS } from "./catalog.ts";
import { plural } from "./plural.ts";
import { type Role, roleAtLeast } from "./roles.ts";
import { ACT_KINDS, type ActKind } from "./act-kinds.ts";

export const APPROVER_ROLES = ["member", "admin"] as const;

/** Who may approve one kind of act in one environment; what has no entry is for everyone who may work there. */
export interface Approver {
  environment: Environment;
  kind: ActKind;
  role: (typeof APPROVER_ROLES)[number];
  /** Whether who started the run may not approve it. */
  someone_else: boolean;
  /** After so many minutes without an answer they may all the same; null for never. */
  someone_else_minutes: number | null;
}

export const MAX_APPROVERS = ENVIRONMENTS.length * ACT_KINDS.length;
export const SOMEONE_ELSE_MINUTES = { min: 1, max: 1_440 } as const;

/** What becomes of a request that nobody answers: `auto` parks where a person started the run, and denies otherwise. */
export const DEADLINE_ACTIONS = ["auto", "park", "deny"] as const;
export type DeadlineAction = (typeof DEADLINE_ACTIONS)[number];

/** What it takes to approve something. */
export interface Need {
  role: Role;
  someoneElse: boolean;
  /** How long somebody else is waited for; null for as long as it takes. */
  someoneElseMs: number | null;
}

const MINUTE_MS = 60_000;

/** What it takes to approve an act of several kinds: all that any of them takes. */
export function needOf(
  approvers: readonly Approver[],
  environment: Environment,
  kinds: readonly ActKind[],
): Need {
  const found = approvers.filter((one) => one.environment === environment && kinds.includes(one.kind));
  const others = found.filter((one) => one.someone_else);
  const minutes = others.map((one) => one.someone_else_minutes);
  return {
    role: environment === "production" || found.some(({ role }) => role === "admin") ? "admin" : "member",
    someoneElse: others.length > 0,
    someoneElseMs: minutes.includes(null) ? null : Math.max(0, ...minutes.map(Number)) * MINUTE_MS,
  };
}

/** Why somebody may not approve: their role, or that they asked for it; until then, epoch milliseconds. */
export type Obstacle = { by: "role" } | { by: "self"; untilMs: number | null };

/** What keeps a person from approving a request; null where nothing does. @param now epoch milliseconds */
export function obstacleFor(
  need: Need,
  person: { role: Role; userId: string },
  asked: { askedById: string | null; requestedAt: number },
  now: number,
): Obstacle | null {
  if (!roleAtLeast(person.role, need.role)) return { by: "role" };
  if (!need.someoneElse || asked.askedById !== person.userId) return null;
  if (need.someoneElseMs === null) return { by: "self", untilMs: null };
  const untilMs = asked.requestedAt + need.someoneElseMs;
  return now < untilMs ? { by: "self", untilMs } : null;
}

/**
 * Whether leave that somebody has given beforehand, as for a whole session, covers a request: only where they might
 * approve it themselves, however long it waits.
 */
export const coversBeforehand = (
  need: Need,
  giver: { role: Role; userId: string } | null,
  askedById: string | null,
): boolean =>
  giver !== null && roleAtLeast(giver.role, need.role) && !(need.someoneElse && giver.userId === askedById);

/** Who may approve, in a sentence. @param askedBy the name of who started the run */
export function approverWords({ role, someoneElse, someoneElseMs }: Need, askedBy: string): string {
  const who = role === "admin" ? "Admins" : "Members and admins";
  if (!someoneElse) return `${who} can approve this.`;
  const minutes = someoneElseMs === null ? null : Math.round(someoneElseMs / MINUTE_MS);
  const but = askedBy === "" ? "whoever started the run" : askedBy;
  const span = minutes === null ? "" : ` in the first ${minutes} ${plural(minutes, "minute", "minutes")}`;
  return `${who} can approve this, but not ${but}${span}.`;
}

/** What is wrong with a list of approvers beyond its form; null where nothing is. */
export function approversFault(approvers: readonly Approver[]): string | null {
  const seen = new Set<string>();
  for (const { environment, kind, role, someone_else, someone_else_minutes } of approvers) {
    const place = `${kind} in ${environment}`;
    if (seen.has(place)) return `${place} is there twice`;
    seen.add(place);
    if (environment === "production" && role !== "admin")
      return `only admins work in production, so ${place} is for them`;
    if (!someone_else && someone_else_minutes !== null)
      return `${place}: someone_else_minutes needs someone_else`;
  }
  return null;
}

/** Whether a request is kept at its deadline until a person comes, rather than denied. */
export const isParked = (action: DeadlineAction, isUnattended: boolean): boolean =>
  action === "park" || (action === "auto" && !isUnattended);
