import { needsDecision } from "#domain/decisions.ts";
import type { EventDraft } from "#domain/events.ts";
import { endOfTurn, fromAcp, UNNAMED_MESSAGE } from "./from-acp.ts";
import { type TranslationContext, type AgentEvent, EMPTY_TRANSLATION } from "./translation.ts";
import type { RpcMessage } from "./wire.ts";

/** An event of a run as the log has it; `payload` is JSON text. */
export interface LoggedEvent {
  type: string;
  payload: string;
}

/** What the log knows of a run. */
interface Known {
  /** Tool calls by their id: how they are named, and whether they have begun and ended. */
  tools: Map<string, { name: string; started: boolean; ended: boolean }>;
  /** The kinds of the calls that the history tells of. */
  kinds: Map<string, string>;
  /** The agent's messages by their id: how much of each is logged, and whether it is whole. */
  messages: Map<string, { length: number; whole: boolean }>;
}

type Of<T extends AgentEvent["type"]> = Extract<EventDraft, { type: T }> & { act?: boolean };

const ENDS = new Set(["tool.completed", "tool.error"]);

function knownOf(logged: readonly LoggedEvent[]): Known {
  const known: Known = { tools: new Map(), kinds: new Map(), messages: new Map() };
  for (const { type, payload } of logged) {
    const fields = JSON.parse(payload) as Partial<
      Record<"tool_call_id" | "tool_name" | "message_id" | "delta", string>
    >;
    const { tool_call_id: tool = "", tool_name: name = "tool", message_id: id = "", delta = "" } = fields;
    if (type === "tool.requested") known.tools.set(tool, { name, started: false, ended: false });
    else if (type === "tool.started") known.tools.set(tool, { name, started: true, ended: false });
    else if (ENDS.has(type)) known.tools.set(tool, { name, started: true, ended: true });
    const before = known.messages.get(id) ?? { length: 0, whole: false };
    if (type === "llm.response.chunk")
      known.messages.set(id, { ...before, length: before.length + delta.length });
    else if (type === "message.assistant") known.messages.set(id, { ...before, whole: true });
  }
  return known;
}

const CUT_OFF = "The agent's process exited before this call finished.";
/** So the agent tells of a command that it ended itself, as it does with all of them when it is ended. */
const ABORTED = /User aborted the command/;

/** Kinds of calls that surely need a decision. */
const ACTS: ReadonlySet<string> = new Set(["execute", "edit"]);

/** A call's end, under the name by which the log knows it; null where the log has it. */
function endOfCall(event: Of<"tool.completed" | "tool.error">, known: Known): AgentEvent | null {
  const logged = known.tools.get(event.payload.tool_call_id);
  if (logged?.ended) return null;
  const name = logged?.name ?? event.payload.tool_name;
  // A history names calls by their titles: of one that the log lacks, only its kind tells what it is.
  const act =
    event.act === true &&
    (logged
      ? needsDecision({ tool: name, kind: "other", input: {} })
      : ACTS.has(known.kinds.get(event.payload.tool_call_id) ?? ""));
  if (event.type === "tool.error") return { ...event, payload: { ...event.payload, tool_name: name } };
  const { exit_code: exit, output, tool_call_id: id } = event.payload;
  if (exit === undefined && ABORTED.test(output)) return cutOff(id, name, event.source);
  return { ...event, act, payload: { ...event.payload, tool_name: name } };
}

function cutOff(toolCallId: string, name: string, source: string): AgentEvent {
  return {
    type: "tool.error",
    source,
    payload: { tool_call_id: toolCallId, tool_name: name, error: CUT_OFF, duration_ms: 0, interrupted: true },
  };
}

/** The part of an event that the log lacks; null where it has all of it. */
function missing(event: AgentEvent, known: Known): AgentEvent | null {
  switch (event.type) {
    case "llm.response.chunk": {
      const { length = 0, whole = false } = known.messages.get(event.payload.message_id) ?? {};
      const delta = event.payload.delta.slice(length);
      return whole || delta === "" ? null : { ...event, payload: { ...event.payload, delta } };
    }
    case "message.assistant":
      return known.messages.get(event.payload.message_id)?.whole ? null : event;
    case "tool.requested":
      return known.tools.has(event.payload.tool_call_id) ? null : event;
    case "tool.started": {
      const logged = known.tools.get(event.payload.tool_call_id);
      if (logged?.started) return null;
      return logged ? { ...event, payload: { ...event.payload, tool_name: logged.name } } : event;
    }
    case "tool.completed":
    case "tool.error":
      return endOfCall(event, known);
    default:
      return null;
  }
}

/** The messages of the turn that was going: those behind the last word of a person. */
function lastTurn(history: readonly RpcMessage[]): readonly RpcMessage[] {
  const asked = history.findLastIndex(
    (message) =>
      (message.params?.update as { sessionUpdate?: string } | undefined)?.sessionUpdate ===
      "user_message_chunk",
  );
  return history.slice(asked + 1);
}

/**
 * Whether a turn is one that was logged before. Messages have ids of their own; where there is none, the calls tell,
 * whose ids some models give more than once.
 */
function isOfRunBefore(told: readonly AgentEvent[], before: readonly LoggedEvent[]): boolean {
  const known = { message_id: new Set<unknown>(), tool_call_id: new Set<unknown>() };
  for (const { payload } of before) {
    const fields = JSON.parse(payload) as Partial<Record<keyof typeof known, string>>;
    known.message_id.add(fields.message_id);
    known.tool_call_id.add(fields.tool_call_id);
  }
  const idsOf = (field: keyof typeof known) =>
    told.flatMap(({ payload }) => {
      const id: unknown = field in payload ? payload[field as keyof typeof payload] : undefined;
      return typeof id === "string" && id !== UNNAMED_MESSAGE ? [id] : [];
    });
  const messages = idsOf("message_id");
  if (messages.length > 0) return messages.some((id) => known.message_id.has(id));
  const calls = idsOf("tool_call_id");
  return calls.length > 0 && calls.every((id) => known.tool_call_id.has(id));
}

/**
 * What the agent did in its last turn that the log lacks, told from the history with which it loads a session; calls
 * that neither of them has an end of were cut off. Nothing that is logged is told again: messages and tool calls are
 * known by their ids. Pure.
 * @param logged the run's events, in order
 * @param before events that were logged before the run began, the last of them at least: where the agent's last turn is
 * one of these, it has never been given the run's prompt, and there is nothing to tell
 */
export function reconcile(
  history: readonly RpcMessage[],
  logged: readonly LoggedEvent[],
  context: TranslationContext,
  before: readonly LoggedEvent[] = [],
): AgentEvent[] {
  const known = knownOf(logged);
  let state = EMPTY_TRANSLATION;
  const told: AgentEvent[] = [];
  for (const message of lastTurn(history)) {
    const bridged = fromAcp(state, message, context);
    state = bridged.state;
    told.push(...bridged.events);
  }
  told.push(...endOfTurn(state, context).events);
  if (isOfRunBefore(told, before)) told.length = 0;
  for (const event of told)
    if (event.type === "tool.requested") known.kinds.set(event.payload.tool_call_id, event.payload.kind);
  const events = told.map((event) => missing(event, known)).filter((event) => event !== null);
  const ended = new Set(
    told.flatMap((event) =>
      event.type === "tool.completed" || event.type === "tool.error" ? [event.payload.tool_call_id] : [],
    ),
  );
  const open = new Map<string, string>();
  for (const event of told)
    if (event.type === "tool.requested") open.set(event.payload.tool_call_id, event.payload.tool_name);
  for (const [id, { name }] of known.tools) open.set(id, name);
  for (const [id, name] of open)
    if (!ended.has(id) && !known.tools.get(id)?.ended) events.push(cutOff(id, name, "agent.opencode"));
  return events;
}
