import { MAX_INLINE_CHARS } from "#domain/artifacts.ts";
import { needsDecision } from "#domain/decisions.ts";
import { shownId } from "./call-id.ts";
import { callAtRealPlaces, changesIn, checkChanges, shownFindings } from "./changes.ts";
import { planOf } from "./plan.ts";
import { diffsOf, longCommand, shownDiffs, shownInput, summarize } from "./requests.ts";
import {
  type AgentEvent,
  inputOf,
  type KnownTool,
  type Translated,
  type Translation,
  type TranslationContext,
} from "./translation.ts";
import { firstLine, permissionRequest, type RpcMessage, sessionUpdate, type ToolCall } from "./wire.ts";

/** So much of an output is shown while it grows. */
const MAX_GROWING_CHARS = 64_000;
/** No name, title or summary is longer: a model may put a whole file into one. */
const MAX_TITLE_CHARS = 500;
const SOURCE = "agent.opencode";
/** Stands for the id of a message that has none. */
export const UNNAMED_MESSAGE = "message";
const NAME_BY_KIND: Record<string, string> = {
  execute: "bash",
  edit: "edit",
  read: "read",
  fetch: "webfetch",
};

const short = (text: string): string =>
  text.length <= MAX_TITLE_CHARS ? text : `${text.slice(0, MAX_TITLE_CHARS - 1)}…`;

function textOf(call: ToolCall): string {
  const parts = call.content?.flatMap((part) =>
    "content" in part && part.content.text !== undefined ? [part.content.text] : [],
  );
  return parts?.join("\n") ?? "";
}

function remember(state: Translation, id: string, tool: KnownTool): Translation {
  return { ...state, tools: { ...state.tools, [id]: tool } };
}

/** Ends the assistant's message that is being written, as one event with its whole text. */
function closeMessage(state: Translation, context: TranslationContext): Translated {
  if (!state.message) return { state, events: [] };
  const { id, text, held } = state.message;
  const rest = context.masker.mask(held);
  return {
    state: { ...state, message: null, answer: text },
    events: [
      // What was held back as the possible beginning of a secret: a long answer is kept in its pieces alone.
      ...(rest === ""
        ? []
        : [
            {
              type: "llm.response.chunk" as const,
              source: SOURCE,
              payload: { message_id: id, delta: rest },
            },
          ]),
      {
        type: "message.assistant",
        source: SOURCE,
        payload: { message_id: id, content: text, model: context.model, provider: context.provider },
      },
    ],
  };
}

function thinking(messageId: string, delta: string): AgentEvent[] {
  if (delta === "") return [];
  return [{ type: "llm.thinking.chunk", source: SOURCE, payload: { message_id: messageId, delta } }];
}

/** Shows the rest of what the agent thought, once it goes on to something else. */
function closeThought(state: Translation, context: TranslationContext): Translated {
  if (!state.thought) return { state, events: [] };
  const { id, held } = state.thought;
  return { state: { ...state, thought: null }, events: thinking(id, context.masker.mask(held)) };
}

function chunk(
  state: Translation,
  kind: "agent_message_chunk" | "agent_thought_chunk",
  messageId: string,
  delta: string,
  context: TranslationContext,
): Translated {
  if (kind === "agent_thought_chunk") {
    const { shown, held } = context.masker.growing((state.thought?.held ?? "") + delta);
    return {
      state: { ...state, thought: { id: messageId, held } },
      events: thinking(messageId, shown),
    };
  }
  const closed =
    state.message && state.message.id !== messageId ? closeMessage(state, context) : { state, events: [] };
  const text = (closed.state.message?.text ?? "") + delta;
  // A secret that comes in two pieces must not be recognized too late.
  const { shown, held } = context.masker.growing((closed.state.message?.held ?? "") + delta);
  return {
    state: { ...closed.state, message: { id: messageId, text, held } },
    events: [
      ...closed.events,
      ...(shown === ""
        ? []
        : [
            {
              type: "llm.response.chunk" as const,
              source: SOURCE,
              payload: { message_id: messageId, delta: shown },
            },
          ]),
    ],
  };
}

/** What the agent makes of a call that it does not understand: it goes on as a call of this tool, and nothing is called. */
const MISUNDERSTOOD = "invalid";

/** Which tool the model meant where the agent did not understand its call; undefined for every other call (OpenCode 1.18.33). */
function misunderstood({ kind, title, rawInput }: ToolCall): string | undefined {
  // The kind is the agent's own word; `Invalid Tool` is the title in a history.
  if (kind !== "other" || (title !== MISUNDERSTOOD && title !== "Invalid Tool")) return undefined;
  const { tool, error } = rawInput ?? {};
  return typeof tool === "string" && typeof error === "string" ? tool : undefined;
}

/** One of which nothing is known needs a decision. */
const isAct = ({ act }: KnownTool): boolean => act !== false;

/** What OpenCode adds to an error for the model alone, where arguments do not fit a tool (1.18.33). */
const FOR_THE_MODEL = "\nPlease rewrite the input so it satisfies the expected schema.";
const forPeople = (error: string): string =>
  error.endsWith(FOR_THE_MODEL)
    ? error
        .slice(0, -FOR_THE_MODEL.length)
        .split(/\s*\n\s*/)
        .join(" ")
    : error;

function endOfTool(tool: KnownTool, call: ToolCall, context: TranslationContext): AgentEvent {
  const common = { tool_call_id: shownId(call.toolCallId, tool.call), tool_name: tool.name };
  const durationMs = Math.max(0, context.now - tool.startedAt);
  const output = textOf(call) || (typeof call.rawOutput?.output === "string" ? call.rawOutput.output : "");
  const notCalled = tool.name === MISUNDERSTOOD;
  if (call.status === "failed" || notCalled) {
    const told = notCalled ? firstLine(output) : output;
    const error = typeof call.rawOutput?.error === "string" ? call.rawOutput.error : told;
    return {
      type: "tool.error",
      source: SOURCE,
      payload: {
        ...common,
        error: (forPeople(error) || "The tool failed.").slice(0, MAX_INLINE_CHARS),
        duration_ms: durationMs,
        ...(call.rawOutput?.metadata?.interrupted === true && { interrupted: true }),
      },
    };
  }
  const exit = call.rawOutput?.metadata?.exit;
  const diffs = tool.diffs ?? diffsOf(call);
  return {
    type: "tool.completed",
    source: SOURCE,
    ...(isAct(tool) && { act: true }),
    payload: {
      ...common,
      title: short(call.title ?? tool.name),
      output,
      duration_ms: durationMs,
      ...(typeof exit === "number" && { exit_code: exit }),
      ...(call.rawOutput?.metadata?.truncated === true && { truncated: true }),
      ...shownDiffs(diffs),
    },
  };
}

/** The part of a running tool's output that has not been sent yet. OpenCode repeats all of it each time. */
function outputChunk(
  tool: KnownTool,
  call: ToolCall,
  { masker }: TranslationContext,
): { tool: KnownTool; events: AgentEvent[] } {
  const whole = masker.growing(textOf(call).slice(0, MAX_GROWING_CHARS)).shown;
  if (!whole.startsWith(tool.sent) || whole.length === tool.sent.length) return { tool, events: [] };
  return {
    tool: { ...tool, sent: whole },
    events: [
      {
        type: "tool.output.chunk",
        source: SOURCE,
        ...(isAct(tool) && { act: true }),
        payload: {
          tool_call_id: shownId(call.toolCallId, tool.call),
          delta: whole.slice(tool.sent.length),
        },
      },
    ],
  };
}

function toolUpdate(
  before: Translation,
  call: ToolCall & { sessionUpdate?: string },
  context: TranslationContext,
): Translated {
  const closed = closeMessage(before, context);
  let { state } = closed;
  const events = [...closed.events];
  const last = state.tools[call.toolCallId];
  // What begins again after its end, or in another turn, is another call.
  const over = last?.ended === true || last?.turn !== state.turn;
  const again = over && call.sessionUpdate === "tool_call";
  let tool: KnownTool = (again ? undefined : last) ?? {
    call: last?.turn === state.turn ? last.call + 1 : 1,
    turn: state.turn,
    name: short(
      (call.title && (context.toolName?.(call.title) ?? call.title)) ??
        NAME_BY_KIND[call.kind ?? ""] ??
        "tool",
    ),
    kind: call.kind ?? "other",
    startedAt: context.now,
    requested: false,
    started: false,
    sent: "",
  };
  const meant = misunderstood(call);
  if (meant !== undefined && !tool.requested)
    tool = { ...tool, name: MISUNDERSTOOD, kind: "other", startedAt: context.now };
  if (call.rawInput && saysInput(call))
    tool = { ...tool, act: needsDecision({ tool: tool.name, kind: tool.kind, input: call.rawInput }) };
  else if (tool.act === undefined)
    tool = { ...tool, act: needsDecision({ tool: tool.name, kind: tool.kind, input: {} }) };
  const named = {
    tool_call_id: shownId(call.toolCallId, tool.call),
    tool_name: tool.name,
    kind: tool.kind,
    title: short(meant ?? call.title ?? tool.name),
  };
  if (!tool.requested && (call.status !== "pending" || saysInput(call))) {
    tool = { ...tool, requested: true, startedAt: context.now };
    events.push({
      type: "tool.requested",
      source: SOURCE,
      payload: { ...named, tool_input: call.rawInput ?? {} },
    });
  }
  // As the log has it, so that another server goes on with the same.
  if (call.rawInput && saysInput(call) && !tool.started) tool = { ...tool, ...inputOf(call.rawInput) };
  const begins = call.status === "in_progress" && tool.name !== MISUNDERSTOOD;
  const wasStarted = tool.started;
  if (begins && !tool.diffs) {
    // A patch says what it changes; nothing else does where nobody is asked.
    const diffs = diffsOf(call);
    tool = { ...tool, ...(diffs.length > 0 && { diffs }) };
  }
  if (!wasStarted && runs(tool, call)) {
    tool = { ...tool, started: true, ...(begins && { startedAt: context.now }) };
    events.push({
      type: "tool.started",
      source: SOURCE,
      payload: { ...named, tool_input: call.rawInput ?? tool.input ?? {} },
    });
    if (tool.name === "todowrite") events.push(...planOf(call, SOURCE));
  }
  if (begins && (wasStarted || (tool.started && isAct(tool)))) {
    const more = outputChunk(tool, call, context);
    tool = more.tool;
    events.push(...more.events);
  }
  if ((call.status === "completed" || call.status === "failed") && !tool.ended) {
    events.push(endOfTool(tool, call, context));
    tool = { ...tool, ended: true };
  }
  state = remember(state, call.toolCallId, tool);
  return { state, events };
}

/**
 * Whether a call runs by now. The agent says that an act begins before it asks for leave; what it says of it once it has
 * asked comes after the decision (OpenCode 1.18.33), and so does anything that the act prints.
 */
function runs(tool: KnownTool, call: ToolCall): boolean {
  if (tool.name === MISUNDERSTOOD) return false;
  if (call.status === "in_progress") return !isAct(tool) || tool.asked === true || textOf(call) !== "";
  return call.status === "completed" && isAct(tool);
}

/** Whether a call says what it is made with: at first it has its folder alone. */
function saysInput({ rawInput }: ToolCall): boolean {
  return Object.keys(rawInput ?? {}).some((key) => key !== "cwd");
}

function permission(before: Translation, message: RpcMessage, context: TranslationContext): Translated {
  const parsed = permissionRequest.safeParse(message.params);
  if (!parsed.success || message.id === undefined) return { state: before, events: [] };
  const call = parsed.data.toolCall;
  const last = before.tools[call.toolCallId];
  const known = last?.ended || last?.turn !== before.turn ? undefined : last;
  const named = known ? call : { ...call, title: NAME_BY_KIND[call.kind ?? ""] ?? call.title };
  const seen = known?.requested
    ? { state: before, events: [] }
    : toolUpdate(before, { ...named, status: "asked", sessionUpdate: "tool_call" }, context);
  const tool = seen.state.tools[call.toolCallId] as KnownTool;
  const found = context.looks && checkChanges(changesIn(call), context.looks);
  const diffs = found && (found.diffs.length > 0 || found.notes.length > 0) ? found.diffs : diffsOf(call);
  const asked = { ...call, rawInput: { ...tool.input, ...call.rawInput } };
  const whole = callAtRealPlaces(asked, found?.notes ?? []);
  return {
    state: remember(seen.state, call.toolCallId, {
      ...tool,
      asked: true,
      ...(diffs.length > 0 && { diffs }),
    }),
    events: [
      ...seen.events,
      {
        type: "approval.requested",
        source: "agent.permission",
        rpcId: JSON.stringify(message.id),
        payload: {
          approval_key: context.newKey("apr"),
          tool: tool.name,
          tool_call_id: shownId(call.toolCallId, tool.call),
          kind: tool.kind,
          summary: short(summarize(tool.name, whole)),
          request: shownInput(whole),
          expires_at: context.now + context.approvalMs,
          ...shownDiffs(diffs),
          ...longCommand(asked.rawInput),
          ...(found && shownFindings(found)),
        },
      },
    ],
  };
}

/**
 * Translates one message of the agent into events. Pure: the same messages give the same events.
 * Messages that say nothing to a person (command lists, context meters) give none.
 */
export function fromAcp(before: Translation, message: RpcMessage, context: TranslationContext): Translated {
  const thinks =
    message.method === "session/update" &&
    (message.params?.update as { sessionUpdate?: unknown } | undefined)?.sessionUpdate ===
      "agent_thought_chunk";
  if (thinks) return translated(before, message, context);
  const closed = closeThought(before, context);
  const { state, events } = translated(closed.state, message, context);
  return { state, events: [...closed.events, ...events] };
}

function translated(state: Translation, message: RpcMessage, context: TranslationContext): Translated {
  if (message.method === "session/request_permission") return permission(state, message, context);
  if (message.method !== "session/update") return { state, events: [] };
  const parsed = sessionUpdate.safeParse(message.params?.update);
  if (!parsed.success) return { state, events: [] };
  const update = parsed.data;
  switch (update.sessionUpdate) {
    case "agent_message_chunk":
    case "agent_thought_chunk":
      if (!update.content.text) return { state, events: [] };
      return chunk(
        state,
        update.sessionUpdate,
        update.messageId ?? UNNAMED_MESSAGE,
        update.content.text,
        context,
      );
    case "tool_call":
    case "tool_call_update":
      return toolUpdate(state, update, context);
    case "plan":
      return {
        state,
        events: [{ type: "plan.updated", source: SOURCE, payload: { entries: update.entries } }],
      };
  }
}

/** Ends what is still open at the end of a run, and says what the agent's answer was. */
export function endOfTurn(state: Translation, context: TranslationContext): Translated & { answer: string } {
  const thought = closeThought(state, context);
  const closed = closeMessage(thought.state, context);
  const { turn, tools } = closed.state;
  // What has ended in the turn before can be told once more; older ones are forgotten.
  const kept = Object.entries(tools).filter(([, tool]) => !tool.ended || tool.turn === turn);
  return {
    ...closed,
    state: { ...closed.state, turn: turn + 1, tools: Object.fromEntries(kept) },
    events: [...thought.events, ...closed.events],
    answer: closed.state.answer,
  };
}
