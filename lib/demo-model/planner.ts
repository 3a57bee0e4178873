import type { Conversation, ToolResult } from "./conversation.ts";
import { parseRequest } from "./request.ts";
import type { Act } from "./script.ts";
import type { ToolAct, ToolCall } from "./tools.ts";
import { isToolAct, toolCallFor } from "./tools.ts";

/** A part of a reply, in the order of its sending. A call is always the last one. */
export type Piece =
  | { kind: "text"; text: string }
  | { kind: "thinking"; text: string }
  | { kind: "tokens"; count: number }
  | { kind: "pause"; durationMs: number }
  | { kind: "call"; call: ToolCall };

/**
 * How a call goes wrong: with an HTTP status, or in the middle of its reply, where the connection is cut or nothing
 * more comes. A reply that hangs before its first word has no head either.
 */
export type Failure =
  | { kind: "status"; status: number; retryAfterS?: number }
  | { kind: "cut" | "hang"; pieces: Piece[] };

/**
 * The model's next reply. `failures` are what calls for it meet first, each once, before the reply itself;
 * `position` names the reply within the conversation for whoever counts them.
 */
export interface Reply {
  pieces: Piece[];
  failures: Failure[];
  position: string;
}

type Outcome = "done" | "refused" | "failed";

const INTRODUCTION = "I am Studio's demo model, a script: no language model answers here.";
const ABILITIES =
  "I can create a file X containing Y, run `command`, list files and read file X, also several of them " +
  'joined by "and" or "then". A block marked `demo` runs a script with one act a line: say, think, read, write, ' +
  "edit, run, task, todo, ask, call, sleep, stream, fail, cut and hang.";

const REFUSED =
  /rejected permission|prevents you from using|permission (was )?denied by|user (has )?(denied|rejected|refused)/i;
const FAILED =
  /^\s*(error\b|\w*error:|file not found|could not find|found multiple|tool execution (aborted|failed))/i;

function outcomeOf(act: Act, result: ToolResult | undefined): Outcome {
  if (!result) return "done";
  // A command prints what it likes, a file holds what it likes: their text alone shows a refusal only at its start.
  const start = result.text.slice(0, 200);
  if (REFUSED.test(start) && (result.failed || /^\s*(error:\s*)?(the )?(user|permission)/i.test(start)))
    return "refused";
  if (result.failed) return "failed";
  return act.kind !== "run" && FAILED.test(start) ? "failed" : "done";
}

/** The act as a noun ("the write of a.txt"), and as what was done ("wrote a.txt"). */
function named(act: Act): { noun: string; past: string } {
  switch (act.kind) {
    case "read":
      return { noun: `the read of ${act.path}`, past: `read ${act.path}` };
    case "write":
      return { noun: `the write of ${act.path}`, past: `wrote ${act.path}` };
    case "edit":
      return { noun: `the edit of ${act.path}`, past: `edited ${act.path}` };
    case "run":
      return { noun: `the command \`${act.command}\``, past: `ran \`${act.command}\`` };
    case "task":
      return { noun: "the subagent's task", past: "had a subagent work" };
    case "call":
      return { noun: `the call of ${act.tool}`, past: `called ${act.tool}` };
    case "todo":
      return { noun: "the plan", past: "made a plan" };
    case "ask":
      return { noun: "the question", past: "asked a question" };
    case "list":
      return { noun: "the listing of the files", past: "listed the files" };
    default:
      return { noun: act.kind, past: act.kind };
  }
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
const saying = (text: string): Piece => ({ kind: "text", text });

function titleOf(conversation: Conversation): string {
  const lines = (conversation.userMessages[0] ?? []).join("\n").split("\n");
  const line = lines.map((text) => text.trim()).find((text) => text !== "" && !/^[`~]{3}/.test(text));
  const wanted = lines.map((text) => /\btitle it "([^"]{1,200})"/i.exec(text)?.[1]).find(Boolean);
  if (wanted !== undefined) return wanted;
  const words = (line ?? "").split(/\s+/).slice(0, 7).join(" ");
  if (words === "") return "New session";
  return sentence(words.length > 50 ? `${words.slice(0, 49)}…` : words);
}

/** What a patch does to each of its files, as a subject would say it. */
function subjectOf(text: string): string {
  const files = text
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith("diff --git "))
    .map((part) => {
      const path = /^(?:\+\+\+ b\/|rename to |--- a\/)([^\t\n]+)/m.exec(part)?.[1];
      const name = path?.split("/").at(-1) ?? "a file";
      const head = part.split("\n@@")[0] ?? "";
      if (/^new file mode/m.test(head)) return `add ${name}`;
      if (/^deleted file mode/m.test(head)) return `remove ${name}`;
      return /^rename to /m.test(head) ? `rename ${name}` : `change ${name}`;
    });
  const [first, second] = files;
  if (first === undefined) return "Change the project";
  if (second === undefined) return sentence(first);
  return sentence(
    files.length === 2 ? `${first} and ${second}` : `${first} and ${files.length - 1} other files`,
  );
}

function closing(outcomes: { act: Act; outcome: Outcome }[], skipped: Act[]): string {
  const done = outcomes.filter(({ outcome }) => outcome === "done").map(({ act }) => named(act).past);
  const missed = outcomes.filter(({ outcome }) => outcome !== "done");
  const notDone = [
    ...missed.map(({ act, outcome }) => `${named(act).noun} (${outcome})`),
    ...skipped.map((act) => `${named(act).noun} (no tool)`),
  ];
  const parts = [
    done.length > 0 ? `Done: I ${done.join(", ")}.` : "That was all.",
    notDone.length > 0 ? `Not done: ${notDone.join(", ")}.` : "",
    "(Studio's demo model, a script.)",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/** Continues the acts after the tool results that have come in, up to the next tool call or the end. */
function proceed(acts: Act[], conversation: Conversation): Omit<Reply, "position"> {
  const steps = acts.map((act) => ({
    act,
    call: isToolAct(act) ? toolCallFor(act, conversation.tools) : undefined,
  }));
  const calls = steps.filter((step) => step.call);
  const answered = calls.slice(0, conversation.results.length);
  const outcomes = answered.map(({ act }, index) => ({
    act,
    outcome: outcomeOf(act, conversation.results[index]),
  }));
  const lastStep = answered.at(-1);
  const pieces: Piece[] = [];
  const failures: Failure[] = [];
  const last = outcomes.at(-1);
  if (last && last.outcome !== "done") {
    const verb = last.outcome === "refused" ? "was refused" : "failed";
    pieces.push(saying(`${sentence(named(last.act).noun)} ${verb}, so I go on without it.\n\n`));
  }
  for (const { act, call } of steps.slice(lastStep ? steps.indexOf(lastStep) + 1 : 0)) {
    if (call) {
      pieces.push({ kind: "call", call });
      return { pieces, failures };
    }
    if (act.kind === "say") pieces.push(saying(`${act.text}\n\n`));
    else if (act.kind === "think") pieces.push({ kind: "thinking", text: act.text });
    else if (act.kind === "stream") pieces.push({ kind: "tokens", count: act.tokens }, saying("\n\n"));
    else if (act.kind === "sleep") pieces.push({ kind: "pause", durationMs: act.durationMs });
    else if (act.kind === "fail") {
      const { status, retryAfterS } = act;
      failures.push({ kind: "status", status, ...(retryAfterS !== undefined && { retryAfterS }) });
    } else if (act.kind === "cut" || act.kind === "hang")
      failures.push({ kind: act.kind, pieces: [...pieces] });
    else pieces.push(saying(`I was offered no tool for ${named(act).noun}, so I leave it out.\n\n`));
  }
  const skipped = steps.filter(({ act, call }) => isToolAct(act) && !call).map(({ act }) => act);
  pieces.push(saying(closing(outcomes, skipped)));
  return { pieces, failures };
}

const FAKE_ACT: ToolAct = {
  kind: "write",
  path: "studio_fake_llm_output.txt",
  content: "hello from fake llm",
};

/** The reply to anything: the call that writes one file, then the last word. */
function fakeReply(conversation: Conversation): Reply {
  const call = conversation.results.length === 0 ? toolCallFor(FAKE_ACT, conversation.tools) : undefined;
  const position = JSON.stringify(["fake", conversation.results.length]);
  return { pieces: [call ? { kind: "call", call } : saying("done")], failures: [], position };
}

/**
 * Decides the next reply from the conversation alone: the request is the last real user message, and the
 * tool results since then say how far it has come. Pure.
 * @param options `isFake`: whatever is asked for, one file is written, and "done" is said
 */
export function planReply(conversation: Conversation, { isFake = false } = {}): Reply {
  if (conversation.isTitleRequest) {
    return { pieces: [saying(titleOf(conversation))], failures: [], position: "title" };
  }
  if (conversation.isCommitRequest) {
    const changes = (conversation.userMessages.at(-1) ?? []).join("\n");
    return { pieces: [saying(subjectOf(changes).slice(0, 72))], failures: [], position: "commit" };
  }
  if (isFake) return fakeReply(conversation);
  // Agents add parts of their own (attached files) to a user message, and some formats merge two messages
  // into one; so the last part that asks for something counts.
  const parts = conversation.userMessages.at(-1) ?? [];
  const text = parts.findLast((part) => parseRequest(part) !== undefined) ?? parts.at(-1) ?? "";
  const request = parseRequest(text);
  const position = JSON.stringify([text, conversation.results.length]);
  if (!request) return { pieces: [saying(`${INTRODUCTION} ${ABILITIES}`)], failures: [], position };
  if (request.errors.length > 0) {
    const told = `${INTRODUCTION} I ran nothing of the demo script, since I cannot read it: ${request.errors.join("; ")}.`;
    return { pieces: [saying(told)], failures: [], position };
  }
  return { ...proceed(request.acts, conversation), position };
}
