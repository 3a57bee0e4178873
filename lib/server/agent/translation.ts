import { PREVIEW_CHARS } from "#domain/artifacts.ts";
import type { FileLook } from "../sandbox/look.ts";
import type { Masker } from "#domain/mask.ts";
import type { Diff, EventDraft } from "#domain/events.ts";

/**
 * An event without what the relay knows: its run. `rpcId` belongs to a question for permission; `act` says that it is the
 * result of a call that somebody had to decide on.
 */
export type AgentEvent = EventDraft & { rpcId?: string; act?: boolean };

/** A call of a tool, as far as it has come. */
export interface KnownTool {
  /** 1 for the first call of its id. */
  call: number;
  /** Whether its end was told. */
  ended?: boolean;
  /** The turn in which it began. */
  turn: number;
  name: string;
  kind: string;
  startedAt: number;
  /** Whether the log has it: it waits until the agent says what it calls with. */
  requested: boolean;
  /** Whether it was told that it runs: of what needs a decision, not before that. */
  started: boolean;
  /** Whether the agent has asked for leave. */
  asked?: boolean;
  /** How much of the output has been sent as chunks. */
  sent: string;
  /** Nothing of it may come before a decision. */
  act?: boolean;
  /** What it changes, file by file. */
  diffs?: readonly Diff[];
  /** What it is called with, where that is short: questions for leave to call some tools do not say it. */
  input?: Record<string, unknown>;
}

/** What must be remembered from one message to the next. */
export interface Translation {
  /** Counts the turns that have ended. */
  turn: number;
  tools: Readonly<Record<string, KnownTool>>;
  /** The assistant's message that is being written. */
  message: { id: string; text: string; held: string } | null;
  /** The end of what the agent is thinking that is not shown yet: it may be the beginning of a secret. */
  thought: { id: string; held: string } | null;
  /** The last message that was finished: a run's answer. */
  answer: string;
}

export const EMPTY_TRANSLATION: Translation = {
  turn: 0,
  tools: {},
  message: null,
  thought: null,
  answer: "",
};

/** What the bridge cannot see in the messages themselves. */
export interface TranslationContext {
  provider: string;
  model: string;
  /** Epoch milliseconds. */
  now: number;
  /** How long a question for permission may wait. */
  approvalMs: number;
  /** Knows the secrets of the session's sandbox. */
  masker: Masker;
  /** The name by which people know a tool: `server:tool` for one of an MCP server. */
  toolName?: (name: string) => string;
  /** Names a new approval. */
  newKey: (kind: "apr" | "que") => string;
  /** What was found of the files that a question is about, by the path in it; without it nobody has looked. */
  looks?: ReadonlyMap<string, FileLook>;
}

export interface Translated {
  state: Translation;
  events: AgentEvent[];
}

/** What a question for leave is shown with beside its own words; nothing where that is long, since the log has it cut. */
export function inputOf(input: Record<string, unknown>): Pick<KnownTool, "input"> {
  return JSON.stringify(input).length <= PREVIEW_CHARS ? { input } : {};
}
