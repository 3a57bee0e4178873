import type { TextLimit, WholeLimit } from "./limits.ts";

/** What an operator can do to an organization. */
export const OPERATOR_ACTIONS = [
  "freeze",
  "thaw",
  "credit",
  "end_session",
  "list_sessions",
  "read_session",
] as const;
export type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

/** The way by which an operator's act came in: the console's pages, or the command on the machine. */
export const OPERATOR_CHANNELS = ["page", "cli"] as const;
type OperatorChannel = (typeof OPERATOR_CHANNELS)[number];

/** Who acts, as a server that has checked it says. */
export interface Operator {
  /** Their address; of a command on the machine, which. */
  by: string;
  via: OperatorChannel;
  /** Of their client. */
  address?: string;
}

/** Characters of a reason that an operator gives. */
export const MAX_OPERATOR_REASON_CHARS = 500;
/** Micro-USD. More than that by one act is a typing error. */
export const MAX_CREDIT_MICRO_USD = 1_000_000_000_000;
/** Counts on the operator's pages go no further; `isMore` says that there are more. */
export const MAX_OPERATOR_COUNT = 100;

/** Organizations of a page, and the best matches of a search. */
export const MAX_OPERATOR_ORGANIZATIONS = 20;

/** Bounds of what an operator's act is made with. */
export const OPERATOR_LIMITS = {
  reason: { kind: "text", min: 1, max: MAX_OPERATOR_REASON_CHARS },
  credit: { kind: "whole", min: -MAX_CREDIT_MICRO_USD, max: MAX_CREDIT_MICRO_USD },
} as const satisfies Record<string, TextLimit | WholeLimit>;
