import { randomUUID } from "node:crypto";
import { NotFoundError, type Sandbox, SandboxNotFoundError } from "e2b";
import { MAX_TERMINALS, type TerminalsAnswer } from "#contracts/terminals.ts";
import type { Id } from "#convex/_generated/dataModel.js";
import type { Principal } from "#domain/principal.ts";
import { roleAtLeast } from "#domain/roles.ts";
import { principalOf } from "../auth/principal.ts";
import { cached, cacheOf } from "../cache.ts";
import { refuse } from "../http/refuse.ts";
import { inSeat } from "../http/seats.ts";
import { environmentFrom, keptVariables } from "../keys/variables.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { projectVariablesOf } from "../sandbox-start/project-access.ts";
import { asRefusal } from "../sandbox/files.ts";
import { singleton } from "../singleton.ts";
import { attachTerminal, listTerminals, startTerminal } from "../terminals/terminal.ts";
import { sandboxToDrive, sandboxToSee } from "./files.ts";

const ALLOWED_MS = 5_000;
const MAX_ALLOWED = 1_000;
const PID_MS = 24 * 3_600_000;
const MAX_PIDS = 1_000;
const HEARTBEAT_MS = 15_000;
/** A reader that leaves more than this unread is let go; it comes back where it was. */
const MAX_UNREAD_BYTES = 4_000_000;
/** Terminals of one sandbox that wait to be opened, one after another. */
const MAX_WAITING = 8;

/** The sandbox of a session that the caller may drive, asked at most every five seconds: people type fast. */
async function sandboxToType(caller: Principal, sessionId: string): Promise<Sandbox> {
  const allowed = cacheOf<Promise<Sandbox>>("terminal-rights", { max: MAX_ALLOWED, ttlMs: ALLOWED_MS });
  const key = `${sessionId} ${JSON.stringify(caller)}`;
  return await cached(allowed, key, async () => await sandboxToDrive(caller, sessionId));
}

async function found(sandbox: Sandbox, id: string) {
  const terminal = (await listTerminals(sandbox)).find((one) => one.id === id);
  if (!terminal) throw refuse("terminal_not_found");
  return terminal;
}

/** A terminal's process, which never changes. */
async function pidOf(sandbox: Sandbox, id: string): Promise<number> {
  const pids = cacheOf<Promise<number>>("terminal-pids", { max: MAX_PIDS, ttlMs: PID_MS });
  return await cached(pids, `${sandbox.sandboxId}/${id}`, async () => (await found(sandbox, id)).pid);
}

async function refusing<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    // What is not found in a sandbox that is there is the process.
    if (error instanceof NotFoundError && !(error instanceof SandboxNotFoundError))
      throw refuse("terminal_not_found");
    throw asRefusal(error);
  }
}

/** The terminals of a session, for those who may drive it: what is typed there may be a secret. */
export async function terminalsOf(caller: Principal, sessionId: string): Promise<TerminalsAnswer> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  return await refusing(async () => ({
    terminals: (await listTerminals(sandbox)).map(({ id }) => ({ id })),
  }));
}

const limitReached = () => refuse("terminal_limit", { limit: MAX_TERMINALS });

/** Does one thing of a sandbox after another, so that who looks and then makes is alone. @throws terminal_limit */
async function inTurn<T>(sandboxId: string, act: () => Promise<T>): Promise<T> {
  const queues = singleton(
    "terminal-queues",
    () => new Map<string, { waiting: number; last: Promise<unknown> }>(),
  );
  const queue = queues.get(sandboxId) ?? { waiting: 0, last: Promise.resolve() };
  if (queue.waiting >= MAX_WAITING) throw limitReached();
  queues.set(sandboxId, queue);
  queue.waiting += 1;
  const done = queue.last.then(act, act);
  queue.last = done.catch(() => undefined);
  try {
    return await done;
  } finally {
    queue.waiting -= 1;
    if (queue.waiting === 0) queues.delete(sandboxId);
  }
}

/** Opens a terminal in a session's workspace. @throws HttpError terminal_limit */
export async function openTerminal(
  caller: Principal,
  sessionId: string,
  size: { cols: number; rows: number },
): Promise<{ id: string }> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  const kept = await keptVariables(sessionId as Id<"sandboxSessions">);
  const env = {
    ...environmentFrom(kept, "agent"),
    ...environmentFrom(kept, "terminals"),
    ...projectVariablesOf(sessionId),
  };
  return await refusing(
    async () =>
      await inTurn(sandbox.sandboxId, async () => {
        if ((await listTerminals(sandbox)).length >= MAX_TERMINALS) throw limitReached();
        const id = `t${randomUUID().slice(0, 8)}`;
        await startTerminal(sandbox, id, size, WORKSPACE, env);
        // Another server may have opened one at the same moment: the first ones stay.
        const all = (await listTerminals(sandbox)).toSorted((a, b) => a.pid - b.pid);
        const place = all.findIndex((one) => one.id === id);
        if (place >= MAX_TERMINALS) {
          await sandbox.pty.kill(all[place]?.pid ?? 0);
          throw limitReached();
        }
        return { id };
      }),
  );
}

/** Types into a terminal. */
export async function typeInto(
  caller: Principal,
  sessionId: string,
  id: string,
  data: string,
): Promise<void> {
  const sandbox = await sandboxToType(caller, sessionId);
  await refusing(
    async () => await sandbox.pty.sendInput(await pidOf(sandbox, id), new TextEncoder().encode(data)),
  );
}

/** Tells a terminal how large it is shown. */
export async function resizeTerminal(
  caller: Principal,
  sessionId: string,
  id: string,
  size: { cols: number; rows: number },
): Promise<void> {
  const sandbox = await sandboxToType(caller, sessionId);
  await refusing(async () => await sandbox.pty.resize(await pidOf(sandbox, id), size));
}

/** Ends a terminal and what runs in it. Idempotent. */
export async function closeTerminal(caller: Principal, sessionId: string, id: string): Promise<void> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  await refusing(async () => {
    const terminal = (await listTerminals(sandbox)).find((one) => one.id === id);
    if (terminal) await sandbox.pty.kill(terminal.pid);
  });
}

/** Checks again that the reader may read, without restarting the idle clock: looking is no work. */
async function mayStillRead(request: Request, sessionId: string): Promise<void> {
  const caller = await principalOf(request);
  if (!roleAtLeast(caller.role, "member")) throw refuse("viewer_terminal");
  await sandboxToSee(caller, sessionId);
}

/**
 * A terminal's output as server-sent events: `data` is base64, `id` the place in it. It begins with what is kept
 * from behind `Last-Event-ID`, and ends with `event: end`. Who reads is asked again at each heartbeat.
 * @throws HttpError not_found | rate_limited
 */
export async function terminalOutput(
  caller: Exclude<Principal, { kind: "service" }>,
  sessionId: string,
  id: string,
  request: Request,
): Promise<Response> {
  return await inSeat(
    "stream",
    caller,
    async (leave) => await outputOf(caller, sessionId, id, request, leave),
  );
}

async function outputOf(
  caller: Principal,
  sessionId: string,
  id: string,
  request: Request,
  onEnd: () => void,
): Promise<Response> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  const terminal = await refusing(async () => await attachTerminal(sandbox, await found(sandbox, id)));
  const after = Number(request.headers.get("last-event-id") ?? 0);
  const encoder = new TextEncoder();
  let finish = () => undefined as void;
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      let over = false;
      const write = (text: string) => {
        if (over) return;
        controller.enqueue(encoder.encode(text));
        if ((controller.desiredSize ?? 0) < -MAX_UNREAD_BYTES) finish();
      };
      const heartbeat = setInterval(() => {
        mayStillRead(request, sessionId).then(
          () => write(": still here\n\n"),
          () => finish(),
        );
      }, HEARTBEAT_MS);
      let stop = () => undefined as void;
      finish = () => {
        if (over) return;
        over = true;
        clearInterval(heartbeat);
        stop();
        onEnd();
        try {
          controller.close();
        } catch {
          // The reader has closed it already.
        }
      };
      write("retry: 1000\n\n");
      stop = terminal.read(Number.isSafeInteger(after) && after > 0 ? after : 0, {
        onData: (bytes, offset) => write(`id: ${offset}\ndata: ${Buffer.from(bytes).toString("base64")}\n\n`),
        onReset: () => write("event: reset\ndata: {}\n\n"),
        onEnd: (final) => {
          if (final) write("event: end\ndata: {}\n\n");
          finish();
        },
      });
      request.signal.addEventListener("abort", () => finish(), { once: true });
      // A reader that has gone already tells of it no more.
      if (request.signal.aborted) finish();
    },
    cancel: () => finish(),
  };
  const body = new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: 0 }));
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
