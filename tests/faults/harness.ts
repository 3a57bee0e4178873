import type { EventEnvelope } from "../../lib/domain/events.ts";
import type { Session } from "../../lib/domain/session.ts";
import { type Api, until } from "../support/api.ts";
import { descendantsWith } from "../support/processes.ts";
import type { ServiceName, Stack } from "../support/stack.ts";

/** A random number from 0 to 1, the next of a seed's row (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FREEZE_MS = 4_000;
const REST_MS = 120_000;
const REACHED_MS = 60_000;

/** What can go wrong from outside, by name. */
const FAULTS: Record<string, (stack: Stack, session: Session) => Promise<void>> = {
  "the web server is killed": async (stack) => await bounce(stack, "web"),
  "the database is killed": async (stack) => await bounce(stack, "data"),
  "the sandbox host is killed": async (stack) => await bounce(stack, "sandboxes"),
  "the model is killed": async (stack) => await bounce(stack, "demo model"),
  "the web server is told to end": async (stack) => await bounce(stack, "web", "SIGTERM"),
  "the sandbox is killed": async (stack, session) =>
    await stack.killSandbox(session.sandboxId ?? "").catch(() => undefined),
  "the agent is killed": async (stack) => signal(stack, "opencode acp", "SIGKILL"),
  "the agent's server is killed": async (stack) => signal(stack, "sandbox-agent server", "SIGKILL"),
  "the agent is frozen for a while": async (stack) => {
    signal(stack, "opencode acp", "SIGSTOP");
    await pause(FREEZE_MS);
    signal(stack, "opencode acp", "SIGCONT");
  },
  "the database is frozen for a while": async (stack) => {
    const pid = stack.pids().data ?? 0;
    process.kill(pid, "SIGSTOP");
    await pause(FREEZE_MS);
    process.kill(pid, "SIGCONT");
  },
  "nothing goes wrong": async () => undefined,
};

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

async function bounce(stack: Stack, name: ServiceName, by: NodeJS.Signals = "SIGKILL"): Promise<void> {
  await stack.kill(name, by);
  await stack.restart(name);
}

function signal(stack: Stack, text: string, name: NodeJS.Signals): void {
  for (const pid of descendantsWith(stack.pids().sandboxes ?? 0, text)) process.kill(pid, name);
}

/** A script of the demo model: files, commands that each leave a mark, text, and a provider's fault at times. */
function scriptOf(random: () => number, name: string): { text: string; marks: string[] } {
  const marks: string[] = [];
  const lines: string[] = [];
  const count = 2 + Math.floor(random() * 3);
  for (let n = 0; n < count; n++) {
    const mark = `${name}-${n}`;
    const kind = random();
    if (kind < 0.5) {
      marks.push(mark);
      lines.push(`run echo ${mark} >> marks.txt`);
    } else if (kind < 0.7) lines.push(`write ${mark}.txt <<EOF`, mark, "EOF");
    else if (kind < 0.85) lines.push(`stream ${20 + Math.floor(random() * 60)}`);
    else if (kind < 0.95) lines.push(`sleep ${Math.floor(random() * 1_500)}`);
    else lines.push(`fail ${random() < 0.5 ? 429 : 503}`);
  }
  return { text: ["```demo", ...lines, "say the end", "```"].join("\n"), marks };
}

/** Asks until there is an answer: while a part is down there is none. */
async function reached<T>(what: string, ask: () => Promise<T>): Promise<T> {
  return (
    await until(
      what,
      async () =>
        await ask().then(
          (value) => ({ value }),
          () => null,
        ),
      REACHED_MS,
    )
  ).value;
}

/** Answers every question with yes, until the run is over. */
async function drive(api: Api, runId: string) {
  return await until(
    "the end of the run",
    async () => {
      try {
        const run = await api.run(runId);
        if (run.status !== "running" && run.status !== "pending") return run;
        const { body } = await api.call<{ approvals?: { approval_key: string }[] }>(
          "GET",
          `/api/v1/runs/${runId}/approvals/pending`,
        );
        for (const { approval_key } of body.approvals ?? [])
          await api.decide(runId, approval_key, "approved");
      } catch {
        // A part is down; the next look may find it up again.
      }
      await pause(200);
      return null;
    },
    REST_MS,
  );
}

/** What does not hold of a session that has come to rest; empty where everything does. */
function faultsOf(
  session: Session,
  events: readonly EventEnvelope[],
  marks: readonly string[],
  left: string | null,
) {
  const wrong: string[] = [];
  const gap = events.findIndex((event, index) => event.seq !== index + 1);
  if (gap >= 0) wrong.push(`the log has a gap at ${gap + 1}`);
  const ids = new Set(events.map(({ event_id }) => event_id));
  if (ids.size !== events.length) wrong.push("an event is in the log twice");
  const ends = events.filter(({ type }) => /^run\.(completed|failed|cancelled)$/.test(type));
  if (ends.length !== 1) wrong.push(`the run ended ${ends.length} times`);
  const [end] = ends;
  if (end?.type === "run.failed" && String(end.payload.error).length < 20)
    wrong.push("it failed without a sentence");
  const usage = events.filter(({ type }) => type === "usage.recorded");
  const cost = usage.reduce((sum, { payload }) => sum + Number(payload.cost_micro_usd ?? 0), 0);
  if (cost !== session.totalCostMicroUsd)
    wrong.push(`the log counts ${cost} micro-dollars, the session ${session.totalCostMicroUsd}`);
  const outcome = (mark: string) => {
    const calls = events.filter(
      ({ type, payload }) => type === "tool.started" && JSON.stringify(payload).includes(`echo ${mark} `),
    );
    const ended = calls.filter(({ payload }) =>
      events.some((e) => e.type === "tool.completed" && e.payload.tool_call_id === payload.tool_call_id),
    );
    return { asked: calls.length, done: ended.length };
  };
  for (const mark of left === null ? [] : marks) {
    const { asked, done } = outcome(mark);
    const made = left?.split("\n").filter((line) => line === mark).length ?? 0;
    // A call that was cut off may have been made all the same; no call is made without being in the log.
    if (made < done || made > asked)
      wrong.push(`${mark}: ${made} times done, ${done} to ${asked} times logged`);
    if (end?.type === "run.completed" && done < 1 && asked > 0)
      wrong.push(`${mark} is not done, and the run completed`);
  }
  return wrong;
}

/** How one round went: `wrong` is empty where everything held. */
export interface Round {
  round: number;
  fault: string;
  afterMs: number;
  ended: string;
  durationMs: number;
  wrong: string[];
}

/**
 * One session, one run, one fault at a random moment; then what must hold of it. The same seed and round choose the same.
 * @throws Error where something never came to rest
 */
export async function faultRound(stack: Stack, api: Api, seed: number, round: number): Promise<Round> {
  const random = randomOf(seed * 1_000_003 + round);
  const names = Object.keys(FAULTS);
  const fault = names[Math.floor(random() * names.length)] ?? "";
  const afterMs = Math.floor(random() * 4_000);
  const started = Date.now();
  const session = await api.createSession();
  const script = scriptOf(random, `m${round}`);
  const runId = await api.send(session.id, script.text);
  const broken = pause(afterMs).then(async () => await FAULTS[fault]?.(stack, session));
  const run = await drive(api, runId);
  await broken;
  const after = await until(
    "the session to come to rest",
    async () => {
      const now = await reached("the session", async () => await api.session(session.id));
      return ["active", "provisioning"].includes(now.status) ? null : now;
    },
    REST_MS,
  );
  const left =
    after.status === "idle"
      ? await stack
          .runInSandbox(after.sandboxId ?? "", "cat /workspace/marks.txt 2>/dev/null || true")
          .catch(() => null)
      : null;
  const events = await reached("the log", async () => await api.events(session.id));
  const wrong = faultsOf(after, events, script.marks, left);
  await reached("the stop", async () => await api.stop(session.id));
  await until(
    "the end of the agent's processes",
    async () => descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp").length === 0,
  );
  return { round, fault, afterMs, ended: run.status, durationMs: Date.now() - started, wrong };
}
