import fs from "node:fs";
import path from "node:path";
import type { Session } from "#domain/session.ts";
import { type Api, until } from "#tests/api.ts";
import { descendantsWith } from "#tests/processes.ts";
import { wrongWith } from "./checks.ts";
import { type Fault, FAULTS } from "./faults.ts";
import type { Field } from "./field.ts";
import { Listener } from "./listener.ts";

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

const REST_MS = 240_000;
const REACHED_MS = 60_000;
/** How long after the end something may still be on its way out. */
const GRACE_MS = 20_000;
/** Most faults that last are short, so that there are many; some are as long as a deadline. */
const SHORT_MS = 4_000;

const pause = async (ms: number) => await new Promise((resolve) => setTimeout(resolve, ms));

/** A script of the demo model: files, commands that each leave a mark, text, and what the fault puts in. */
function scriptOf(random: () => number, name: string, fault: Fault): { text: string; marks: string[] } {
  const marks: string[] = [];
  const acts: string[][] = [];
  const count = 2 + Math.floor(random() * 3);
  for (let n = 0; n < count; n++) {
    const mark = `${name}-${n}`;
    const kind = random();
    if (kind < 0.5) {
      marks.push(mark);
      acts.push([`run echo ${mark} >> marks.txt`]);
    } else if (kind < 0.7) acts.push([`write ${mark}.txt <<EOF`, mark, "EOF"]);
    else if (kind < 0.85) acts.push([`stream ${20 + Math.floor(random() * 60)}`]);
    else if (kind < 0.95) acts.push([`sleep ${Math.floor(random() * 1_500)}`]);
    else acts.push([`fail ${random() < 0.5 ? 429 : 503}`]);
  }
  const place = Math.floor(random() * (acts.length + 1));
  if (fault.lines) acts.splice(place, 0, [...fault.lines]);
  return { text: ["```demo", ...acts.flat(), "say the end", "```"].join("\n"), marks };
}

/** Asks until there is an answer: while a part is down there is none. */
async function reached<T>(what: string, ask: () => Promise<T>): Promise<T> {
  const answer = await until(
    what,
    async () =>
      await ask().then(
        (value) => ({ value }),
        () => null,
      ),
    REACHED_MS,
  );
  return answer.value;
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

const balanceOf = async (api: Api) => {
  const { body } = await api.call<{ balance_micro_usd: number; held_micro_usd: number }>(
    "GET",
    "/api/v1/credits",
  );
  return body;
};

/** What is left of a stopped session's sandbox on this machine. */
async function leftovers({ stack }: Field, session: Session): Promise<string[]> {
  const left: string[] = [];
  if (descendantsWith(stack.pids().sandboxes ?? 0, "opencode acp").length > 0) left.push("an agent runs");
  for (const id of await stack.sandboxes()) left.push(`the sandbox ${id} runs`);
  if (session.sandboxId) left.push(...cgroupsOf(session.sandboxId));
  return [...left, ...(await stack.overdue(GRACE_MS))];
}

function cgroupsOf(sandboxId: string, folder = "/sys/fs/cgroup"): string[] {
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    // It went while it was looked at.
    return [];
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => {
      const child = path.join(folder, entry.name);
      return entry.name.includes(sandboxId) ? [`the cgroup ${child} is there`] : cgroupsOf(sandboxId, child);
    });
}

/** How one round went: `wrong` is empty where everything held. */
export interface Round {
  round: number;
  fault: string;
  afterMs: number;
  forMs: number;
  ended: string;
  /** Why it failed, where it did. */
  because: string;
  durationMs: number;
  wrong: string[];
}

interface RoundOptions {
  seed: number;
  round: number;
  /** The longest that a fault may last. */
  longestMs: number;
  /** Of the faults, those alone whose name has this in it. */
  only?: string;
}

/**
 * One session, one run, one fault at a random moment; then what must hold of it. The same seed and round choose the same.
 * @throws Error where something never came to rest
 */
export async function faultRound(field: Field, api: Api, options: RoundOptions): Promise<Round> {
  const { seed, round, longestMs, only = "" } = options;
  const { stack } = field;
  const random = randomOf(seed * 1_000_003 + round);
  const faults = FAULTS.filter(({ name }) => name.includes(only));
  const fault = faults[Math.floor(random() * faults.length)];
  if (!fault) throw new Error(`no fault has “${only}” in its name`);
  const afterMs = Math.floor(random() * 4_000);
  const forMs = Math.floor(500 + random() * (random() < 0.8 ? Math.min(SHORT_MS, longestMs) : longestMs));
  // At times in the middle of the sandbox's making.
  const early = random() < 0.2;
  const started = Date.now();
  const before = await balanceOf(api);
  const known = field.modelCalls().length;
  const made = await api.createSession(!early);
  const line = field.wires["a listener and the server"];
  const listener = new Listener(
    `http://127.0.0.1:${line.port}/api/studio/sessions/${made.id}/events`,
    stack.credentials.apiKey,
  );
  try {
    const script = scriptOf(random, `m${round}`, fault);
    const runId = await api.send(made.id, script.text);
    const struck = pause(afterMs).then(async () => await fault.strike?.(field, made, forMs));
    const run = await drive(api, runId);
    await struck;
    field.mend();
    const session = await until(
      "the session to come to rest",
      async () => {
        const now = await reached("the session", async () => await api.session(made.id));
        return ["active", "provisioning"].includes(now.status) ? null : now;
      },
      REST_MS,
    );
    const left =
      session.status === "idle" && !fault.losesSandbox
        ? await stack
            .runInSandbox(session.sandboxId ?? "", "cat /workspace/marks.txt 2>/dev/null || true")
            .catch(() => null)
        : null;
    await reached("the stop", async () => await api.stop(made.id));
    await until("the end of the stream", async () => listener.ended, REACHED_MS);
    let wrong: string[] = [];
    // What is on its way, as a call's count or a sandbox's end, may take its time.
    const deadline = Date.now() + GRACE_MS + 5_000;
    do {
      if (wrong.length > 0) await pause(500);
      const spent = await reached("the credits", async () => await balanceOf(api));
      wrong = wrongWith({
        fault,
        session: { ...(await api.session(made.id)), waitingFor: session.waitingFor, status: session.status },
        events: await reached("the log", async () => await api.events(made.id)),
        heard: listener.heard,
        calls: field.modelCalls(known),
        left,
        marks: script.marks,
        spentMicroUsd: before.balance_micro_usd - spent.balance_micro_usd,
      });
      if (spent.held_micro_usd !== 0) wrong.push(`${spent.held_micro_usd} micro-dollars are still held`);
      wrong.push(...(await leftovers(field, session)));
    } while (wrong.length > 0 && Date.now() < deadline);
    const durationMs = Date.now() - started;
    return {
      round,
      fault: fault.name,
      afterMs,
      forMs,
      ended: run.status,
      because: run.error ?? "",
      durationMs,
      wrong,
    };
  } finally {
    field.mend();
    await listener.stop();
  }
}
