import type { EventEnvelope } from "#domain/events.ts";
import type { Session } from "#domain/session.ts";
import type { CallRecord } from "#demo-model/record.ts";
import type { Fault } from "./faults.ts";

/** A session that has come to rest, and what everybody else knows of it. */
export interface Evidence {
  fault: Fault;
  session: Session;
  events: readonly EventEnvelope[];
  /** What a listener heard through all of it. */
  heard: readonly EventEnvelope[];
  /** The model's own record of its calls. */
  calls: readonly CallRecord[];
  /** What the sandbox's commands left, one line each; null where the sandbox is gone. */
  left: string | null;
  marks: readonly string[];
  /** How much the organization's credits went down by. */
  spentMicroUsd: number;
}

const MOST_HELD = 60;
const END = /^run\.(completed|failed|cancelled)$/;
const numberOf = (event: EventEnvelope, field: string) => Number(event.payload[field] ?? 0);

function ofLog({ events, heard }: Evidence): string[] {
  const wrong: string[] = [];
  const gap = events.findIndex((event, index) => event.seq !== index + 1);
  if (gap >= 0) wrong.push(`the log has a gap at ${gap + 1}`);
  if (new Set(events.map(({ event_id }) => event_id)).size !== events.length)
    wrong.push("an event is in the log twice");
  // The stream ends with the session; that somebody stops one that has failed comes behind.
  const told = events.slice(0, events.findIndex(({ type }) => type === "session.ended") + 1);
  const differs = told.findIndex((event, index) => event.event_id !== heard[index]?.event_id);
  if (differs >= 0 || heard.length !== told.length)
    wrong.push(
      `a listener heard ${heard.length} of ${told.length} events, and another one at ${differs + 1}`,
    );
  return wrong;
}

function ofRun({ events, session }: Evidence): string[] {
  const wrong: string[] = [];
  const ends = events.filter(({ type }) => END.test(type));
  if (ends.length !== 1) wrong.push(`the run ended ${ends.length} times`);
  const [end] = ends;
  if (end?.type === "run.failed" && String(end.payload.error).length < 20)
    wrong.push("it failed without a sentence");
  if (session.status === "error" && (session.errorMessage ?? "").length < 20)
    wrong.push("the session ended with an error and no sentence");
  if (session.waitingFor !== null) wrong.push(`it is at rest, and waits for ${session.waitingFor}`);
  return wrong;
}

/** Every question has one answer, and every call one end; none at all only where the run was cut short. */
function ofCalls({ events }: Evidence): string[] {
  const wrong: string[] = [];
  const count = (type: RegExp, field: string, id: unknown) =>
    events.filter((event) => type.test(event.type) && event.payload[field] === id).length;
  for (const { payload } of events.filter(({ type }) => type === "approval.requested")) {
    const answers = count(/^approval\.decided$/, "approval_key", payload.approval_key);
    if (answers !== 1) wrong.push(`a question was answered ${answers} times`);
  }
  const completed = events.some(({ type }) => type === "run.completed");
  for (const { payload } of events.filter(({ type }) => type === "tool.requested")) {
    const begun = count(/^tool\.requested$/, "tool_call_id", payload.tool_call_id);
    const ended = count(/^tool\.(completed|error)$/, "tool_call_id", payload.tool_call_id);
    if (begun !== 1) wrong.push(`the call ${String(payload.tool_call_id)} was told ${begun} times`);
    if (ended > 1 || (completed && ended < 1))
      wrong.push(`the call ${String(payload.tool_call_id)} ended ${ended} times`);
  }
  return wrong;
}

/** Every message has the words of its pieces, and a run that completed has its last message's. */
function ofWords({ events }: Evidence): string[] {
  const wrong: string[] = [];
  const pieces = new Map<unknown, string>();
  let answer: string | undefined;
  for (const { type, payload } of events) {
    const { message_id: id, delta, content, output } = payload;
    if (type === "llm.response.chunk") pieces.set(id, (pieces.get(id) ?? "") + String(delta));
    else if (type === "message.assistant") {
      answer = String(content);
      const told = pieces.get(id) ?? "";
      // The last characters may have been held back, as the possible beginning of a secret.
      if (!String(content).startsWith(told) || String(content).length > told.length + MOST_HELD)
        wrong.push(
          `a message of ${String(content).length} characters has ${told.length}, or others, in its pieces`,
        );
    } else if (type === "run.completed" && answer !== undefined && output !== answer)
      wrong.push(
        `the run's answer has ${String(output).length} characters, its last message ${answer.length}`,
      );
  }
  return wrong;
}

/** The log against what the sandbox's own files say was done. */
function ofMarks({ events, left, marks }: Evidence): string[] {
  if (left === null) return [];
  const wrong: string[] = [];
  const completed = events.some(({ type }) => type === "run.completed");
  for (const mark of marks) {
    const asked = events.filter(
      ({ type, payload }) => type === "tool.requested" && JSON.stringify(payload).includes(`echo ${mark} `),
    );
    const done = asked.filter(({ payload }) =>
      events.some((e) => e.type === "tool.completed" && e.payload.tool_call_id === payload.tool_call_id),
    ).length;
    const made = left.split("\n").filter((line) => line === mark).length;
    // A call that was cut off may have been made all the same; no call is made without being in the log.
    if (made < done || made > asked.length)
      wrong.push(`${mark}: ${made} times done, ${done} to ${asked.length} times logged`);
    if (completed && done < 1 && asked.length > 0) wrong.push(`${mark} is not done, and the run completed`);
  }
  return wrong;
}

/** The log against the session's counters, the credits, and the model's own record. */
function ofMoney({ events, session, calls, fault, spentMicroUsd }: Evidence): string[] {
  const wrong: string[] = [];
  const usage = events.filter(({ type }) => type === "usage.recorded");
  const cost = usage.reduce((sum, event) => sum + numberOf(event, "cost_micro_usd"), 0);
  if (cost !== session.totalCostMicroUsd)
    wrong.push(`the log counts ${cost} micro-dollars, the session ${session.totalCostMicroUsd}`);
  if (cost !== spentMicroUsd)
    wrong.push(`the log counts ${cost} micro-dollars, the credits ${spentMicroUsd}`);
  const answered = calls
    .filter(({ outcome }) => outcome === "answered")
    .map(({ prompt, cached, output }) => `${prompt}/${cached}/${output}`);
  const ends = calls.filter(({ outcome }) => outcome !== "refused").length;
  if (usage.length > ends) wrong.push(`${usage.length} calls are counted, and the model knows of ${ends}`);
  // One that broke off is charged as it was estimated, and has none of the model's figures.
  for (const event of usage.filter(({ payload }) => payload.estimated !== true)) {
    const figures = ["input_tokens", "cached_tokens", "output_tokens"].map((name) => numberOf(event, name));
    const at = answered.indexOf(figures.join("/"));
    if (at < 0) wrong.push(`a call of ${figures.join("/")} tokens is counted that the model does not know`);
    else answered.splice(at, 1);
  }
  if (!fault.losesCalls && answered.length > 0)
    wrong.push(`the model answered ${answered.length} calls that are not counted: ${answered.join(", ")}`);
  const refused = calls.filter(({ outcome }) => outcome === "refused").length;
  const told = events.filter(({ type }) => type === "llm.response.error").length;
  if (!fault.losesCalls && refused > told) wrong.push(`the model refused ${refused} calls, ${told} are told`);
  return wrong;
}

/** What does not hold of a session that has come to rest; empty where everything does. */
export function wrongWith(evidence: Evidence): string[] {
  return [ofLog, ofRun, ofCalls, ofWords, ofMarks, ofMoney].flatMap((check) => check(evidence));
}
