/** What was said in a session, with what each answer took to make: read out of its log. Pure. */
import type { EventEnvelope } from "./events.ts";

const ROLES: Readonly<Record<string, "user" | "assistant" | "system">> = {
  "message.user": "user",
  "message.assistant": "assistant",
  "message.system": "system",
};
/** The types of events that messages are made of. */
export const MESSAGE_TYPES: readonly string[] = [
  ...Object.keys(ROLES),
  "llm.response.completed",
  "usage.recorded",
  "tool.requested",
];

/** What a run has said that is not matched yet; of more than this the oldest stay without figures. */
const MAX_UNMATCHED = 20;
/** Tools' calls of one answer. */
const MAX_TOOL_CALLS = 200;

/** A message, as seed 002 has it; figures where the log says which call brought it. */
export interface SessionMessage {
  id: string;
  session_id: string;
  run_id: string | null;
  seq: number;
  role: "user" | "assistant" | "system";
  content: string;
  truncated?: boolean;
  model?: string;
  provider?: string;
  input_tokens?: number;
  output_tokens?: number;
  cost_usd?: number;
  duration_ms?: number;
  tool_calls?: string[];
  created_at: string;
}

interface Answer {
  content: string;
  truncated: boolean;
  figures: Pick<SessionMessage, "input_tokens" | "output_tokens" | "duration_ms" | "cost_usd">;
  message?: SessionMessage;
}

/** What of a run is not matched yet, and the message whose tools' calls come now. */
interface Run {
  answers: Answer[];
  messages: SessionMessage[];
  last?: SessionMessage;
}

const text = (value: unknown) => (typeof value === "string" ? value : "");
const figure = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : 0);

/** Whether a call's answer is what became this message. Its gateway and its agent tell of it apart, in either order. */
function isSame(answer: Answer, message: SessionMessage): boolean {
  const [said, told] = [answer.content.trim(), message.content.trim()];
  return answer.truncated || message.truncated
    ? told.startsWith(said) || said.startsWith(told)
    : said === told;
}

/** A session's messages as its log goes on; events come in their order. */
export class SessionMessages {
  readonly list: SessionMessage[] = [];
  readonly #answers = new Map<string, Answer>();
  readonly #runs = new Map<string, Run>();

  /** Takes an event; one of another type than `MESSAGE_TYPES` changes nothing. */
  add(event: EventEnvelope): void {
    const { type, payload } = event;
    const role = Object.hasOwn(ROLES, type) ? ROLES[type] : undefined;
    const run = this.#runOf(event.run_id ?? "");
    if (role) return this.#said(event, role, run);
    if (type === "tool.requested") {
      const calls = run.last && (run.last.tool_calls ??= []);
      if (calls && calls.length < MAX_TOOL_CALLS) calls.push(text(payload.tool_call_id));
      return;
    }
    const request = text(payload.request_id);
    if (type === "usage.recorded") {
      const answer = this.#answers.get(request);
      if (!answer) return;
      this.#answers.delete(request);
      if (payload.unpriced !== true) answer.figures.cost_usd = figure(payload.cost_micro_usd) / 1_000_000;
      if (answer.message) Object.assign(answer.message, answer.figures);
      return;
    }
    if (type !== "llm.response.completed") return;
    const answer: Answer = {
      content: text(payload.content),
      truncated: payload.truncated === true,
      figures: {
        input_tokens: figure(payload.input_tokens),
        output_tokens: figure(payload.output_tokens),
        duration_ms: figure(payload.duration_ms),
      },
    };
    if (answer.content.trim() === "") return;
    this.#answers.set(request, answer);
    const at = run.messages.findIndex((message) => isSame(answer, message));
    const [message] = at < 0 ? [] : run.messages.splice(at, 1);
    if (message) match(answer, message);
    else push(run.answers, answer);
  }

  #said(event: EventEnvelope, role: SessionMessage["role"], run: Run): void {
    const { payload } = event;
    const [model, provider] = [text(payload.model), text(payload.provider)];
    const message: SessionMessage = {
      id: event.event_id,
      session_id: event.session_id,
      run_id: event.run_id ?? null,
      seq: event.seq,
      role,
      content: text(payload.content),
      ...(payload.truncated === true && { truncated: true }),
      ...(model !== "" && { model }),
      ...(provider !== "" && { provider }),
      created_at: event.ts,
    };
    this.list.push(message);
    if (role !== "assistant") return;
    run.last = message;
    const at = run.answers.findIndex((answer) => isSame(answer, message));
    const [answer] = at < 0 ? [] : run.answers.splice(at, 1);
    if (answer) match(answer, message);
    else push(run.messages, message);
  }

  #runOf(runId: string): Run {
    const known = this.#runs.get(runId);
    if (known) return known;
    const made: Run = { answers: [], messages: [] };
    this.#runs.set(runId, made);
    return made;
  }
}

function match(answer: Answer, message: SessionMessage): void {
  answer.message = message;
  Object.assign(message, answer.figures);
}

function push<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > MAX_UNMATCHED) list.shift();
}
