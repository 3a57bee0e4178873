import type { KeySource } from "./catalog.ts";
import type { BranchView } from "./branches.ts";
import type { ChangeNote, Diff } from "./events.ts";
import type { NetworkPolicy, RefusalReason } from "./network.ts";
import type { Asked } from "./questions.ts";
import type { RewindPart } from "./rewind.ts";
import type { RunStatus, SessionStatus, WaitCause } from "./lifecycle.ts";
import type { WaitDetail } from "./session.ts";

export interface ItemBase {
  id: string;
  seq: number;
  /** ISO 8601. */
  ts: string;
  runId?: string;
  /** The event of the rewind that set its turn aside. */
  setAside?: number;
}

export interface UserItem extends ItemBase {
  kind: "user";
  text: string;
  userName?: string;
  queued: boolean;
  /** Its mentions of skills, as far as is known what became of them: whether each went to the agent. */
  skills?: Readonly<Record<string, boolean>>;
}

export interface TextItem extends ItemBase {
  kind: "text" | "thinking";
  /** The agent's id of the message; `id` differs from it where another message had the same. */
  messageId: string;
  text: string;
  /** False while more may come. */
  done: boolean;
  /** Its message is closed: what comes under its name is another. */
  whole?: true;
  endedAt?: string;
}

export interface ToolItem extends ItemBase {
  kind: "tool";
  /** The agent's id of the call; `id` differs from it where another run had one of the same id. */
  callId: string;
  name: string;
  toolKind: string;
  title: string;
  input: Record<string, unknown>;
  state: "requested" | "waiting" | "running" | "completed" | "failed" | "denied" | "stopped";
  output: string;
  truncated: boolean;
  /** Where the whole output is kept, of which `output` is the beginning, and how long it is. */
  artifactId?: string;
  outputChars?: number;
  diff?: Diff;
  /** All of them, where it changed more than one file. */
  diffs?: readonly Diff[];
  approvalKey?: string;
  /** It was allowed without asking a person: by what. */
  allowedBy?: string;
  error?: string;
  exitCode?: number;
  durationMs?: number;
}

/** Something the person should know: a run that ended badly, a provider's error, a type this version does not know. */
export interface NoticeItem extends ItemBase {
  kind: "notice";
  tone: "info" | "warning" | "error";
  title: string;
  text: string;
  /** The run ended for want of credits: a person finds the way out in the settings. */
  forCredits?: true;
  /** What a person changed in a file. */
  diff?: Diff;
  /** A connection out of the sandbox that was refused. */
  refused?: { host: string; port: number; reason: RefusalReason };
}

export type TranscriptItem = UserItem | TextItem | ToolItem | NoticeItem;

export interface StepView {
  step: string;
  label: string;
  index: number;
  total: number;
  status: "started" | "completed" | "failed";
  startedAt: string;
  durationMs?: number;
  detail?: string;
  error?: string;
}

export interface ApprovalView {
  key: string;
  runId: string;
  tool: string;
  toolCallId: string;
  kind: string;
  summary: string;
  request: Record<string, unknown>;
  diff?: Diff;
  /** All of them, where it would change more than one file. */
  diffs?: readonly Diff[];
  /** What the diffs alone do not say. */
  notes?: readonly ChangeNote[];
  /** How often the same call was made in a row, where that is why it is asked. */
  sameCalls?: number;
  requestedAt: string;
  /** Epoch milliseconds; without an answer by then it is denied, unless `onExpiry` has the session parked. */
  expiresAt: number;
  onExpiry?: "deny" | "park";
  /** Bypassed: it ran before anyone had decided. */
  decision?: "approved" | "denied" | "bypassed";
  reason?: "person" | "rule" | "timeout" | "run_ended" | "agent_restarted" | "withdrawn" | "violation";
  forSession?: boolean;
  /** The rule that was made with the decision. */
  madeRule?: { id: string; name: string; pattern: string; scope: string };
  decidedBy?: string;
  decidedAt?: string;
}

/** Something that the agent asks of a person; open as long as it has no `outcome`. */
export interface QuestionView {
  key: string;
  runId: string;
  toolCallId: string;
  questions: readonly Asked[];
  requestedAt: string;
  /** Epoch milliseconds; without an answer by then it is dismissed, unless `onExpiry` has the session parked. */
  expiresAt: number;
  onExpiry?: "deny" | "park";
  outcome?: "answered" | "dismissed";
  /** One list for each question, in order. */
  answers?: readonly (readonly string[])[];
  reason?: "person" | "timeout" | "run_ended" | "agent_restarted";
  answeredBy?: string;
  answeredAt?: string;
}

export interface RunView {
  id: string;
  status: RunStatus;
  input: string;
  startedAt?: string;
  endedAt?: string;
  /** The events with which it began and ended. */
  startedSeq?: number;
  endedSeq?: number;
  error?: string;
  /** The checkpoint of its end: when that was verified, ISO 8601, and what it holds. */
  saved?: { at: string; facts: string };
  /** Its session is parked until somebody answers what it asked. */
  parked?: true;
  /** The event of the rewind that set it aside. */
  setAside?: number;
}

/** How the work stands outside of the sandbox. */
interface SavedView {
  /** When the last verified checkpoint was there, ISO 8601; and what it holds. */
  at?: string;
  files?: number;
  bytes?: number;
  leftOut?: number;
  leftOutPaths?: readonly string[];
  /** Why the last try failed. */
  error?: string;
}

/** What a person sees of a session: everything is derived from its events, in their order. */
export interface SessionView {
  seq: number;
  /** The cap as it was changed last; undefined where it was not changed. */
  budgetCapMicroUsd?: number | null;
  /** Empty until the session has a title of its own. */
  title: string;
  status: SessionStatus;
  waitingFor: WaitCause | null;
  /** With `waitingFor` of `provider`: what it answered; of `limit`: whose monthly limit it is. */
  waitDetail?: WaitDetail;
  /** With `waitingFor` of `capacity`: its place in the queue, from 1. */
  queuePlace?: number | null;
  /** Whether every question is answered with yes, where that has changed since the beginning. */
  autoApprove?: boolean;
  /** Who pays, where that has changed since the beginning. */
  keySource?: KeySource;
  /** The network policy that its sandbox follows. */
  network?: NetworkPolicy;
  error?: string;
  /** What is saved outside of the sandbox; undefined where nothing is yet. */
  saved?: SavedView;
  /** Of a branch: where it comes from. */
  branch?: BranchView;
  ended: boolean;
  /** When it was last resumed, ISO 8601. */
  resumedAt?: string;
  steps: readonly StepView[];
  /** What its set-up script printed. */
  setupOutput?: string;
  items: readonly TranscriptItem[];
  approvals: readonly ApprovalView[];
  questions: readonly QuestionView[];
  runs: readonly RunView[];
  /** The rewind that can be undone, by its event; until the next turn begins. */
  undoable?: { seq: number; what: RewindPart };
  plan: readonly { content: string; status: string; priority?: string }[];
  usage: {
    inputTokens: number;
    cachedTokens: number;
    outputTokens: number;
    costMicroUsd: number;
    calls: number;
    /** Calls whose cost is not known, since nobody has set a price; without it there are none. */
    unpricedCalls?: number;
  };
}

/** The view of a session with no events yet. */
export const EMPTY_VIEW: SessionView = {
  seq: 0,
  title: "",
  status: "provisioning",
  waitingFor: null,
  ended: false,
  steps: [],
  items: [],
  approvals: [],
  questions: [],
  runs: [],
  plan: [],
  usage: { inputTokens: 0, cachedTokens: 0, outputTokens: 0, costMicroUsd: 0, calls: 0 },
};

/** True where the run waits because the provider has refused the key that pays. */
export function keyRefused({
  waitingFor,
  waitDetail,
}: {
  waitingFor: WaitCause | null;
  waitDetail?: { status: number } | null | undefined;
}): boolean {
  const status = waitDetail?.status;
  return waitingFor === "provider" && (status === 401 || status === 403);
}
