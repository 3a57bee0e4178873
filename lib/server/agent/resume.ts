import { needsDecision } from "#domain/decisions.ts";
import type { Diff } from "#domain/events.ts";
import { callOf, shownId } from "./call-id.ts";
import { EMPTY_TRANSLATION, inputOf, type Translation } from "./translation.ts";

/** An event of a run as the log has it; `payload` is JSON text, `ts` epoch milliseconds. */
export interface StoredEvent {
  type: string;
  payload: string;
  ts: number;
}

/**
 * What was heard and is in no event yet: the ends of texts, each of which may be the beginning of a secret, and calls
 * of which nothing but the name is known.
 */
export interface HeldBack {
  messageId: string;
  text: string;
  /** Of what the agent thinks. */
  thought?: { id: string; text: string };
  calls?: HeldCall[];
}

interface HeldCall {
  id: string;
  name: string;
  kind: string;
  startedAt: number;
}

/** Agents make a few calls at a time. */
const MAX_CALLS = 50;

/** What of a state is in no event. */
export function heldBackOf({ message, thought, tools }: Translation): HeldBack | undefined {
  const text = message?.held ?? "";
  const thinks = thought !== null && thought.held !== "";
  const calls = Object.entries(tools)
    .filter(([, { requested }]) => !requested)
    .slice(-MAX_CALLS)
    .map(([id, { name, kind, startedAt, call }]) => ({ id: shownId(id, call), name, kind, startedAt }));
  if (text === "" && !thinks && calls.length === 0) return undefined;
  return {
    messageId: message?.id ?? "",
    text,
    ...(thinks && { thought: { id: thought.id, text: thought.held } }),
    ...(calls.length > 0 && { calls }),
  };
}

/** The fields of a payload that a state is made of. */
interface Fields {
  tool_call_id?: string;
  tool_name?: string;
  kind?: string;
  tool_input?: Record<string, unknown>;
  message_id?: string;
  delta?: string;
  content?: string;
  truncated?: boolean;
  diff?: Diff;
  diffs?: Diff[];
}

type Tool = Translation["tools"][string];

function withTool(state: Translation, shownId: string, change: Partial<Tool>): Translation {
  const { id, call } = callOf(shownId);
  const before = state.tools[id];
  const known: Tool = (before?.call === call ? before : undefined) ?? {
    call,
    turn: state.turn,
    name: "tool",
    kind: "other",
    startedAt: 0,
    requested: true,
    started: false,
    sent: "",
  };
  return { ...state, tools: { ...state.tools, [id]: { ...known, ...change } } };
}

/** What of a call's output was logged before. */
function sentOf(state: Translation, shown: string): string {
  const { id, call } = callOf(shown);
  const known = state.tools[id];
  return known?.call === call ? known.sent : "";
}

const actOf = ({ tool_name: tool = "tool", kind = "other", tool_input: input = {} }: Fields): boolean =>
  needsDecision({ tool, kind, input });

function after(state: Translation, { type, payload, ts }: StoredEvent): Translation {
  const fields = JSON.parse(payload) as Fields;
  const { tool_call_id: tool = "", message_id: message = "", delta = "" } = fields;
  switch (type) {
    case "tool.requested":
      return withTool(state, tool, {
        name: fields.tool_name ?? "tool",
        kind: fields.kind ?? "other",
        startedAt: ts,
        act: actOf(fields),
        ...inputOf(fields.tool_input ?? {}),
      });
    case "tool.started":
      return withTool(state, tool, {
        started: true,
        startedAt: ts,
        act: actOf(fields),
        ...inputOf(fields.tool_input ?? {}),
      });
    case "tool.output.chunk":
      return withTool(state, tool, { sent: sentOf(state, tool) + delta });
    case "approval.requested": {
      const diffs = fields.diffs ?? (fields.diff ? [fields.diff] : []);
      return withTool(state, tool, { asked: true, ...(diffs.length > 0 && { diffs }) });
    }
    case "llm.response.chunk": {
      const before = state.message?.id === message ? state.message.text : "";
      return { ...state, message: { id: message, text: before + delta, held: "" } };
    }
    case "message.assistant": {
      // The whole of a long one is in its pieces.
      const whole = fields.truncated && state.message?.id === message ? state.message.text : undefined;
      return { ...state, message: null, answer: whole ?? fields.content ?? "" };
    }
    case "tool.completed":
    case "tool.error":
      return withTool(state, tool, { ended: true });
    default:
      return state;
  }
}

/**
 * The state of a translation that another server began, so that this one goes on with it as if it had been its own: no
 * call is told twice, and an answer is whole though half of it was written elsewhere. Pure.
 * @param logged the run's events, in order, up to the stored place in the agent's stream
 * @param held what was held back at that place
 */
export function resumeTranslation(logged: readonly StoredEvent[], held: HeldBack | undefined): Translation {
  const written = logged.reduce(after, EMPTY_TRANSLATION);
  if (!held) return written;
  const { thought } = held;
  const tools = { ...written.tools };
  for (const { id, ...call } of held.calls ?? [])
    tools[callOf(id).id] = {
      ...call,
      call: callOf(id).call,
      turn: written.turn,
      requested: false,
      started: false,
      sent: "",
    };
  const state = {
    ...written,
    tools,
    ...(thought && { thought: { id: thought.id, held: thought.text } }),
  };
  if (held.text === "") return state;
  const text = state.message?.id === held.messageId ? state.message.text : "";
  return { ...state, message: { id: held.messageId, text: text + held.text, held: held.text } };
}

/** What is asked about runs as soon as that is answered, whether the agent says so or not. */
const BEGINNINGS: ReadonlySet<string> = new Set(["tool.started", "approval.requested"]);

/** The calls that are at work in a log, or were allowed to be: begun, and not ended. */
export function openCalls(logged: readonly StoredEvent[]): string[] {
  const open = new Set<string>();
  for (const { type, payload } of logged) {
    const { tool_call_id: id } = JSON.parse(payload) as Fields;
    if (id === undefined) continue;
    if (BEGINNINGS.has(type)) open.add(id);
    else if (type === "tool.completed" || type === "tool.error") open.delete(id);
  }
  return [...open];
}
