import { AsyncLocalStorage } from "node:async_hooks";
import type { Json, JsonObject } from "./json.ts";
import type { OwnTime } from "./own-time.ts";
import type { QueryStream } from "./query.ts";
import type { Transaction } from "./transaction.ts";

export type FunctionKind = "query" | "mutation" | "action" | "httpAction";
/** Who calls, as `ctx.auth.getUserIdentity()` shows it. */
export type Identity = JsonObject & { tokenIdentifier: string; issuer: string; subject: string };

/** Where the syscalls of a running function go. */
export interface SyscallHost {
  sync(call: Call, op: string, argsText: string): Json;
  /** What can be answered without the database, so that its time need not be taken. */
  atHand(call: Call, op: string, argsText: string): string | undefined;
  /** What needs no waiting is returned as it is. */
  async(call: Call, op: string, argsText: string): Promise<string> | string;
  /** Calls whose arguments or results are not JSON. */
  js(call: Call, op: string, args: Record<string, unknown>): Promise<unknown>;
}

/** What caused a function to run; the same for all that it calls. */
export interface Source {
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly authToken: string | null;
  readonly scheduledFunctionId: string | null;
}
export const NO_SOURCE: Source = { ip: null, userAgent: null, authToken: null, scheduledFunctionId: null };

/** One function while it runs. */
export interface Call {
  readonly host: SyscallHost;
  readonly kind: FunctionKind;
  readonly path: string;
  /** The component that the function belongs to, by its path. */
  readonly component: string;
  readonly requestId: string;
  readonly identity: Identity | null;
  readonly source: Source;
  /** Null in actions, which have no database of their own. */
  readonly transaction: Transaction | null;
  /** What `Date.now()` says in queries and mutations, in milliseconds. */
  readonly now: number;
  readonly random: () => number;
  /** Null in actions, which may take their time. */
  readonly ownTime: OwnTime | null;
  readonly streams: Map<number, QueryStream>;
  /** The stream that was asked last, and how. */
  asking: { words: string; stream: QueryStream } | null;
  readonly logLines: string[];
  /** Globals that the function has replaced, for itself. */
  globals: Map<string, unknown> | null;
  /** The end cursor that an earlier run of this query ended at. */
  readonly journal: string | null;
  nextJournal: string | null;
  paginated: boolean;
  usedIdentity: boolean;
  usedTime: boolean;
  finished: boolean;
  /** Nested calls of one function run one after another, since their savepoints nest. */
  nested: Promise<unknown> | null;
}

const running = new AsyncLocalStorage<Call | undefined>();

export function currentCall(): Call | undefined {
  return running.getStore();
}

export function runInCall<T>(call: Call, body: () => T): T {
  return running.run(call, body);
}

/** Inline functions under way, the newest last; see {@link lend}. */
const lent: Call[] = [];

/**
 * Lets code outside of every function act in this one's name until the answer is called: a test's fixture hands an
 * inline function's context over to a body that the test runner calls from elsewhere.
 */
export function lend(call: Call): () => void {
  lent.push(call);
  return () => void lent.splice(lent.indexOf(call), 1);
}

/** Runs the runtime's own work without the function that happened to cause it. */
export function outsideCalls<T>(body: () => T): T {
  return running.run(undefined, body);
}

interface Host {
  syscall(op: string, args: string): string;
  asyncSyscall(op: string, args: string): Promise<string> | string;
  jsSyscall(op: string, args: Record<string, unknown>): Promise<unknown>;
}
let outer: Host | undefined;

/** Whose call this is: a running function's, or another host's that was installed before. */
function current(): Call | Host {
  const call = running.getStore() ?? lent.at(-1);
  if (call && !call.finished) return call;
  if (!call && outer) return outer;
  throw new Error(
    "A Convex function used the database, auth or scheduler after it had returned. Await every promise before returning.",
  );
}

const host: Host = {
  syscall(op, args) {
    const call = current();
    if ("syscall" in call) return call.syscall(op, args);
    call.ownTime?.pause();
    try {
      return JSON.stringify(call.host.sync(call, op, args));
    } finally {
      call.ownTime?.resume();
    }
  },
  // `convex` awaits the answer and takes what is thrown at once like a rejection, so that what is at hand needs no
  // promise of its own.
  asyncSyscall(op, args) {
    const call = current();
    if ("syscall" in call) return call.asyncSyscall(op, args);
    const known = call.host.atHand(call, op, args);
    if (known === undefined) return answer(call, op, args);
    call.ownTime?.glance();
    return known;
  },
  async jsSyscall(op, args) {
    const call = current();
    return "syscall" in call ? call.jsSyscall(op, args) : call.host.js(call, op, args);
  },
};

async function answer(call: Call, op: string, args: string): Promise<string> {
  call.ownTime?.pause();
  try {
    const result = call.host.async(call, op, args);
    return typeof result === "string" ? result : await result;
  } finally {
    call.ownTime?.resume();
  }
}

/** Puts the host object that the `convex` package calls in place, one for every engine of this process. */
export function installSyscalls(): void {
  const target = globalThis as { Convex?: Host };
  if (target.Convex === host) return;
  outer = target.Convex;
  target.Convex = host;
}
