import { AsyncLocalStorage } from "node:async_hooks";
import type { Json, JsonObject } from "./json.ts";
import type { QueryStream } from "./query.ts";
import type { Transaction } from "./transaction.ts";

export type FunctionKind = "query" | "mutation" | "action" | "httpAction";
/** Who calls, as `ctx.auth.getUserIdentity()` shows it. */
export type Identity = JsonObject & { tokenIdentifier: string; issuer: string; subject: string };

/** Where the syscalls of a running function go. */
export interface SyscallHost {
  sync(call: Call, op: string, args: JsonObject): Json;
  async(call: Call, op: string, argsText: string): Promise<string>;
}

/** One function while it runs. */
export interface Call {
  readonly host: SyscallHost;
  readonly kind: FunctionKind;
  readonly path: string;
  readonly requestId: string;
  readonly identity: Identity | null;
  /** Null in actions, which have no database of their own. */
  readonly transaction: Transaction | null;
  /** What `Date.now()` says in queries and mutations, in milliseconds. */
  readonly now: number;
  readonly random: () => number;
  readonly streams: Map<number, QueryStream>;
  readonly logLines: string[];
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

/** Runs the runtime's own work without the function that happened to cause it. */
export function outsideCalls<T>(body: () => T): T {
  return running.run(undefined, body);
}

function requireCall(): Call {
  const call = running.getStore();
  if (!call || call.finished) {
    throw new Error(
      "A Convex function used the database, auth or scheduler after it had returned. Await every promise before returning.",
    );
  }
  return call;
}

/** The host object that the `convex` package calls, the same for every engine of this process. */
export function installSyscalls(): void {
  const target = globalThis as { Convex?: unknown };
  target.Convex ??= {
    syscall: (op: string, args: string): string => {
      const call = requireCall();
      return JSON.stringify(call.host.sync(call, op, JSON.parse(args) as JsonObject));
    },
    asyncSyscall: async (op: string, args: string): Promise<string> => {
      const call = requireCall();
      return call.host.async(call, op, args);
    },
    jsSyscall: async (op: string): Promise<never> => {
      throw new Error(`"${op}" is not supported by the embedded runtime.`);
    },
  };
}
