/** How what people are told leaves Studio: one delivery for each recipient and way, tried until it is taken. Pure. */
import type { Limit } from "./limits.ts";
import { NOTIFICATION_KINDS, type NotificationKind, WAITING_KINDS } from "./notifications.ts";

/** Ways that lead out of the page to one person, each their own choice. */
export const PERSONAL_CHANNELS = ["email", "push"] as const;
/** Ways that lead to a place of the whole organization's, which an admin has set. */
export const DESTINATION_KINDS = ["slack", "webhook"] as const;
export type DestinationKind = (typeof DESTINATION_KINDS)[number];

export const OUTSIDE_CHANNELS = [...PERSONAL_CHANNELS, ...DESTINATION_KINDS] as const;
export type OutsideChannel = (typeof OUTSIDE_CHANNELS)[number];

/**
 * `due`: tried until it is taken, or given up; `folded`: another one told of it in its count; `dropped`: nobody was to be
 * told any more.
 */
export const DELIVERY_STATES = ["due", "delivered", "failed", "folded", "dropped"] as const;

/** What came of an attempt. `never`: another one would fare no better. */
export const DELIVERY_OUTCOMES = ["sent", "later", "never"] as const;
export type DeliveryOutcome = (typeof DELIVERY_OUTCOMES)[number];

export const DELIVERY_LIMITS = {
  /** Deliveries to one recipient within an hour; the rest are counted in the next one. Null: each one by itself. */
  perHour: { email: 12, push: 60, slack: 60, webhook: null } satisfies Record<OutsideChannel, number | null>,
  /** How many are counted in another one at a time. */
  folded: 200,
  /** How long a delivery's row is kept. */
  keptMs: 7 * 24 * 3600_000,
  errorChars: 300,
  /** Devices that a member has a push subscription of, in an organization; the oldest goes first. */
  devices: 10,
  /** Destinations of an organization. */
  destinations: 10,
  /** Deliveries in succession that were given up, after which a destination is turned off. */
  failures: 5,
} as const;

const BASE64URL = /^[A-Za-z0-9_-]+={0,2}$/;

/** Of what a destination is saved with. */
export const DESTINATION_LIMITS = {
  name: { kind: "text", min: 1, max: 60 },
  host: { kind: "text", min: 1, max: 260 },
  kinds: {
    kind: "list",
    of: { kind: "text", min: 1, max: 20 },
    min: 1,
    max: NOTIFICATION_KINDS.length,
  },
} as const satisfies Record<string, Limit>;

/** A push subscription, as a browser gives it. */
export const SUBSCRIPTION_LIMITS = {
  endpoint: {
    kind: "text",
    min: 10,
    max: 1_000,
    pattern: /^https:\/\/[^\s]+$/,
    hint: "Send the https:// address that the browser gave.",
  },
  p256dh: { kind: "text", min: 80, max: 100, pattern: BASE64URL, hint: "Send base64url." },
  auth: { kind: "text", min: 16, max: 40, pattern: BASE64URL, hint: "Send base64url." },
} as const satisfies Record<string, Limit>;

export const HOUR_MS = 3600_000;

/** What each kind is called where it is told. */
export const KIND_WORDS: Record<NotificationKind, string> = {
  approval: "Needs approval",
  question: "Asks a question",
  finished: "Finished",
  failed: "Failed",
  budget: "Budget",
};

/** What a delivery tells of: one thing, and how many others that came in the same hour. */
export interface Told {
  kind: NotificationKind;
  sessionId: string;
  /** Of a request or a question. */
  runId: string | null;
  key: string | null;
  title: string;
  text: string;
  more: number;
  /** True where it is over itself, and only the others are still to be told of. */
  isOver: boolean;
}

/** A request or a question, as a link to it names it. */
export interface Named {
  kind: (typeof WAITING_KINDS)[number];
  runId: string;
  key: string;
}

/** The inbox, with one request shown. */
export const inboxPath = ({ kind, runId, key }: Named): string =>
  `/approvals?${new URLSearchParams({ kind, run: runId, key }).toString()}`;

/** Which request such a link names; undefined where it names none. */
export function namedIn({ kind, run, key }: Record<string, unknown>): Named | undefined {
  const found = WAITING_KINDS.find((one) => one === kind);
  return found && typeof run === "string" && typeof key === "string"
    ? { kind: found, runId: run, key }
    : undefined;
}

/** Where a notification leads within Studio: to its request in the inbox, or to its session. */
export function pathOf({
  kind,
  sessionId,
  runId,
  key,
  isOver,
}: Pick<Told, "kind" | "sessionId" | "runId" | "key" | "isOver">): string {
  if (isOver) return "/approvals";
  const named = namedIn({ kind, run: runId, key });
  return named ? inboxPath(named) : `/studio/${encodeURIComponent(sessionId)}`;
}

/** What a delivery's heading says. */
export function headingOf({ kind, title, more, isOver }: Told): string {
  if (isOver) return `${more} ${more === 1 ? "notification" : "notifications"}`;
  return title === "" ? KIND_WORDS[kind] : `${KIND_WORDS[kind]}: ${title}`;
}

/** What says that there was more; null where there was none. */
export const moreWords = ({ more, isOver }: Told): string | null =>
  more === 0 || isOver ? null : `And ${more} more in Studio.`;
