import fs from "node:fs";
import { parseArgs } from "node:util";
import type { EventEnvelope } from "#domain/events.ts";
import type { Session } from "#domain/session.ts";
import { eventsOf } from "#net/event-stream.ts";
import { percentile } from "../bench/figures.ts";
import { Api } from "#tests/api.ts";
import { Stack } from "#tests/stack.ts";

const MAX_EVENT_CHARACTERS = 4_000_000;
/**
 * `npm run test:load -- --clients 200 --sessions 1 --seconds 120`: listeners that break off and come back at random,
 * on sessions whose agents write without a pause. What is lost or repeated, how late events are, and the memory.
 * With `--fed`, the agents are ended and the same function that carries their words writes ten pieces a second into each
 * session: fifty agents at once need more memory than most machines have.
 */
const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "200" },
    sessions: { type: "string", default: "1" },
    seconds: { type: "string", default: "120" },
    fed: { type: "boolean", default: false },
  },
});
const clients = Number(values.clients);
const sessions = Number(values.sessions);
const seconds = Number(values.seconds);
if (!(clients >= 1) || !(sessions >= 1) || !(seconds >= 5)) {
  console.error(
    "Usage: npm run test:load -- --clients <1 or more> --sessions <1 or more> --seconds <5 or more>",
  );
  process.exit(2);
}

/** How long a listener stays before it breaks off, at most. */
const STAY_MS = 10_000;
const TOKENS = 2_000;
const FED_EVERY_MS = 100;
const MADE_AT_ONCE = 5;
const END_AGENT =
  "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline | grep -qE 'agent/[b]ridge.mjs|opencode [a]cp' && kill -9 ${p#/proc/}; done; true";
const CLIENTS_A_KEY = 20;
/** How long whoever is behind at the end may take to hear the rest. */
const CATCH_UP_MS = 60_000;

/** One listener: what it has heard, in order, over all of its connections. */
class Listener {
  seen = 0;
  lost = 0;
  repeated = 0;
  connections = 0;
  broken = 0;
  readonly lateMs: number[] = [];

  async listen(url: string, key: string, until: number): Promise<void> {
    while (Date.now() < until) {
      const stay = Math.round(Math.min(until - Date.now(), 500 + Math.random() * STAY_MS));
      await this.#once(`${url}?after=${this.seen}`, key, AbortSignal.timeout(Math.max(100, stay))).catch(
        (error: unknown) => {
          // It broke off by itself, or was broken off: it comes back, as a browser does.
          if (!["TimeoutError", "AbortError"].includes((error as Error).name)) this.broken += 1;
        },
      );
    }
  }

  async #once(url: string, key: string, signal: AbortSignal): Promise<void> {
    this.connections += 1;
    const connectedAt = Date.now();
    const response = await fetch(url, { headers: { authorization: `Bearer ${key}` }, signal });
    if (!response.ok || !response.body) throw new Error(`a stream answered ${response.status}`);
    for await (const { event, data } of eventsOf(response.body, {
      maxEventCharacters: MAX_EVENT_CHARACTERS,
    })) {
      if (event === "end") continue;
      const { seq, ts } = JSON.parse(data) as EventEnvelope;
      if (seq <= this.seen) this.repeated += 1;
      else {
        this.lost += seq - this.seen - 1;
        this.seen = seq;
        const at = Date.parse(ts);
        // What was there before it came is history, not news.
        if (at > connectedAt) this.lateMs.push(Date.now() - at);
      }
    }
  }
}

const residentMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

const stack = await Stack.start();
const { apiKey } = stack.credentials;
const api = Api.withKey(stack.url, apiKey);
let failed = false;
try {
  const memoryBefore = residentMb(stack.pids().web ?? 0);
  await api.call("PUT", "/api/v1/settings/max_live_sessions", { value: 200 });
  const made: Session[] = [];
  // A key has its quota; so many listeners are many people.
  const keys: string[] = [];
  for (let n = 0; n < clients; n += CLIENTS_A_KEY) {
    const { body } = await api.call<{ key: string }>("POST", "/api/v1/api-keys", {
      name: `listeners ${n}`,
      scopes: ["sessions:read"],
    });
    keys.push(body.key);
  }
  for (let n = 0; n < sessions; n += MADE_AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(MADE_AT_ONCE, sessions - n) }, async () => {
        const session = await api.createSession();
        if (values.fed) await stack.runInSandbox(session.sandboxId ?? "", END_AGENT);
        made.push(session);
      }),
    );
  const until = Date.now() + seconds * 1_000;
  let refused = 0;
  const busy = made.map(async ({ id }) => {
    if (values.fed) return void (await stack.feed(id, { everyMs: FED_EVERY_MS, until }));
    while (Date.now() < until)
      try {
        await api.finish(await api.send(id, `\`\`\`demo\nstream ${TOKENS}\n\`\`\``));
      } catch {
        // Two hundred listeners and the server share this machine: a call may come to nothing, and is made again.
        refused += 1;
      }
  });
  const listeners = Array.from({ length: clients }, () => new Listener());
  let peak = 0;
  const looking = setInterval(() => {
    peak = Math.max(peak, residentMb(stack.pids().web ?? 0));
  }, 1_000);
  await Promise.all(
    listeners.map(
      async (listener, n) =>
        await listener.listen(
          `${stack.url}/api/studio/sessions/${made[n % made.length]?.id}/events`,
          keys[Math.floor(n / CLIENTS_A_KEY)] ?? "",
          until,
        ),
    ),
  );
  clearInterval(looking);
  await Promise.all(busy);
  // Once more, to the end: whoever is behind must find the rest.
  const heads = await Promise.all(made.map(async ({ id }) => (await api.events(id)).length));
  await Promise.all(
    listeners.map(async (listener, n) => {
      const id = made[n % made.length]?.id;
      const head = heads[n % made.length] ?? 0;
      const key = keys[Math.floor(n / CLIENTS_A_KEY)] ?? "";
      const deadline = Date.now() + CATCH_UP_MS;
      while (listener.seen < head && Date.now() < deadline)
        await listener.listen(`${stack.url}/api/studio/sessions/${id}/events`, key, Date.now() + 3_000);
      if (listener.seen < head) listener.lost += head - listener.seen;
    }),
  );
  const sum = (of: (listener: Listener) => number) => listeners.reduce((total, each) => total + of(each), 0);
  const late = listeners.flatMap(({ lateMs }) => lateMs);
  const lost = sum((each) => each.lost);
  const repeated = sum((each) => each.repeated);
  console.log(`${clients} listeners on ${sessions} sessions for ${seconds} s`);
  console.log(`connections ${sum((each) => each.connections)}, events heard ${sum((each) => each.seen)}`);
  console.log(`calls of the API that came to nothing ${refused}`);
  console.log(`connections that broke ${sum((each) => each.broken)}`);
  console.log(`lost ${lost}, repeated ${repeated}`);
  console.log(
    `late: p50 ${percentile(late, 0.5)} ms, p95 ${percentile(late, 0.95)} ms, p99 ${percentile(late, 0.99)} ms`,
  );
  console.log(`web server: ${memoryBefore.toFixed(0)} MB before, ${peak.toFixed(0)} MB at most`);
  failed = lost > 0 || repeated > 0;
  for (const { id } of made) await api.stop(id);
} finally {
  await stack.stop();
}
process.exitCode = failed ? 1 : 0;
