/** What people are told of while they look elsewhere, and by which ways. Pure. */
import type { Limit } from "./limits.ts";

export const NOTIFICATION_KINDS = ["approval", "question", "finished", "failed", "budget"] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/**
 * `page`: the list behind the bell; `browser`: the browser's own notifications, while a page is open; `email`: to the
 * person's address, where the operator has set a mail server; `push`: to devices that they have subscribed, also while no
 * page is open.
 */
export const NOTIFICATION_CHANNELS = ["page", "browser", "email", "push"] as const;
export type NotificationChannel = (typeof NOTIFICATION_CHANNELS)[number];

/** The ways by which a person is told of each kind; none at all is a choice, too. */
export type ChannelsByKind = Record<NotificationKind, NotificationChannel[]>;

/** What holds until a person chooses: what stops work is shown at once, the rest can be looked up. */
export const DEFAULT_CHANNELS: Readonly<ChannelsByKind> = {
  approval: ["page", "browser"],
  question: ["page", "browser"],
  finished: ["page"],
  failed: ["page", "browser"],
  budget: ["page"],
};

/** Kinds that wait for an answer, and are over once somebody has given one. */
export const WAITING_KINDS = ["approval", "question"] as const satisfies readonly NotificationKind[];

/** Whether such a thing waits for an answer. */
export const waitsForAnswer = (kind: NotificationKind): boolean => WAITING_KINDS.some((one) => one === kind);

export const NOTIFICATION_LIMITS = {
  /** How long one is kept. */
  keptMs: 30 * 24 * 3600_000,
  /** How many a person has in an organization; the oldest go first. */
  kept: 500,
  /** People who are told of the same thing. */
  recipients: 50,
  titleChars: 120,
  textChars: 300,
  /** So many are counted. */
  counted: 99,
} as const;

/** The first line of a text that has something in it, no longer than `max` characters (Unicode's code points). */
export function briefly(text: string, max: number): string {
  // No line is worth a look at more than a page of white space.
  const line =
    text
      .slice(0, 4 * max)
      .trim()
      .split(/[\r\n]/, 1)[0] ?? "";
  const chars = Array.from(line.trimEnd());
  return chars.length <= max
    ? chars.join("")
    : `${chars
        .slice(0, max - 1)
        .join("")
        .trimEnd()}…`;
}

/** Whose limit a budget's notification tells of, as its sentence begins. */
const LIMIT_WORDS = {
  organization: "the organization’s monthly limit",
  member: "a member’s monthly limit",
  agent: "an agent’s monthly limit",
  api_key: "an API key’s monthly limit",
  session: "the session’s budget",
  run: "the run’s budget",
} as const;
export type BudgetScope = keyof typeof LIMIT_WORDS;

/** What is told of a limit. @param percent of it that is spent */
export function budgetText(scope: BudgetScope, percent: number): string {
  const words = LIMIT_WORDS[scope];
  return percent >= 100
    ? `${words[0]?.toUpperCase()}${words.slice(1)} is reached.`
    : `${percent} % of ${words} is spent.`;
}

const WAYS: Limit = {
  kind: "list",
  of: { kind: "text", min: 1, max: 20 },
  min: 0,
  max: NOTIFICATION_CHANNELS.length,
};
/** How much a choice of channels may hold. */
export const CHANNELS_LIMIT: Limit = {
  kind: "fields",
  fields: Object.fromEntries(NOTIFICATION_KINDS.map((kind) => [kind, WAYS])),
};
