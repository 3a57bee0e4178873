import type { Call, SyscallHost } from "./call.ts";
import type { Catalog } from "./catalog.ts";
import type { Database } from "./database.ts";
import { PlatformError, type Failure } from "./errors.ts";
import { addressOf, type FunctionRegistry, type UdfKind } from "./functions.ts";
import { decode, decodeOptional, textOf, type Document, type Json, type JsonObject } from "./json.ts";
import { QueryStream, readPage, type PageRequest, type Query } from "./query.ts";
import type { Runner, Outcome } from "./runner.ts";
import type { JobQueue } from "./scheduler.ts";
import { Transaction } from "./transaction.ts";
import { tableNumberOf } from "../storage/ids.ts";

/** How an action reaches the rest of the engine: each call a transaction of its own. */
export interface ActionCalls {
  call(kind: UdfKind, path: string, argsText: string, caller: Call): Promise<Outcome>;
  write<T>(body: (transaction: Transaction) => Promise<T>): Promise<T>;
}
export interface SyscallParts {
  catalog: Catalog;
  database: Database;
  functions: FunctionRegistry;
  runner: Runner;
  jobs: JobQueue;
  actions: ActionCalls;
  /** Time of the last commit. */
  ts: () => bigint;
}
type Handler = (call: Call, args: JsonObject) => Promise<string> | string;

const COMMIT_TS = '{"$commitTs":null}';

/** Answers the calls that `convex` makes on behalf of a running function. */
export class Syscalls implements SyscallHost {
  private readonly parts: SyscallParts;
  private nextStream = 1;
  private readonly handlers: Record<string, Handler>;

  constructor(parts: SyscallParts) {
    this.parts = parts;
    this.handlers = {
      "1.0/get": (call, args) => {
        const { id, table } = idArguments(args);
        return parts.database.get(transactionOf(call), id, table, args["isSystem"] === true) ?? "null";
      },
      "1.0/insert": (call, args) => {
        const value = decode(args["value"] ?? null) as Document;
        const id = parts.database.insert(transactionOf(call), textOf(args["table"]), value);
        return JSON.stringify({ _id: id });
      },
      "1.0/shallowMerge": (call, args) => {
        const { id, table } = idArguments(args);
        const changes: Document = {};
        for (const [field, value] of Object.entries((args["value"] ?? {}) as JsonObject)) {
          changes[field] = decodeOptional(value);
        }
        parts.database.patch(transactionOf(call), id, changes, table);
        return "{}";
      },
      "1.0/replace": (call, args) => {
        const { id, table } = idArguments(args);
        parts.database.replace(transactionOf(call), id, decode(args["value"] ?? null) as Document, table);
        return "{}";
      },
      "1.0/remove": (call, args) => {
        const { id, table } = idArguments(args);
        parts.database.remove(transactionOf(call), id, table);
        return "{}";
      },
      "1.0/queryStreamNext": (call, args) => {
        const stream = call.streams.get(Number(args["queryId"]));
        if (!stream) throw new PlatformError("This query is closed and can't emit any more values.");
        const body = stream.next();
        return body === null ? '{"value":null,"done":true}' : `{"value":${body},"done":false}`;
      },
      "1.0/queryPage": (call, args) => this.page(call, args as unknown as PageRequest),
      "1.0/count": (call, args) => {
        const source = { type: "FullTableScan", tableName: textOf(args["table"]), order: "asc" } as const;
        const stream = new QueryStream(transactionOf(call), parts.catalog, { source, operators: [] });
        let count = 0;
        while (stream.next() !== null) count++;
        return String(count);
      },
      "1.0/getUserIdentity": (call) => {
        call.usedIdentity = true;
        return JSON.stringify(call.identity);
      },
      "1.0/runUdf": (call, args) => this.nested(call, args),
      "1.0/actions/query": (call, args) => this.fromAction(call, "query", args),
      "1.0/actions/mutation": (call, args) => this.fromAction(call, "mutation", args),
      "1.0/actions/action": (call, args) => this.fromAction(call, "action", args),
      "1.0/createFunctionHandle": (_call, args) => JSON.stringify(`function://;${addressOf(args)}`),
      "1.0/schedule": (call, args) => this.schedule(transactionOf(call), args),
      "1.0/actions/schedule": (_call, args) =>
        parts.actions.write(async (transaction) => this.schedule(transaction, args)),
      "1.0/cancel_job": (call, args) => {
        parts.jobs.cancel(transactionOf(call), textOf(args["id"]));
        return "{}";
      },
      "1.0/actions/cancel_job": (_call, args) =>
        parts.actions.write(async (transaction) => {
          parts.jobs.cancel(transaction, textOf(args["id"]));
          return "{}";
        }),
    };
  }

  sync(call: Call, op: string, args: JsonObject): Json {
    const { catalog } = this.parts;
    switch (op) {
      case "1.0/queryStream": {
        const id = this.nextStream++;
        const query = args["query"] as unknown as Query;
        call.streams.set(id, new QueryStream(transactionOf(call), catalog, query));
        return { queryId: id };
      }
      case "1.0/queryCleanup":
        call.streams.delete(Number(args["queryId"]));
        return {};
      case "1.0/db/normalizeId": {
        const id = textOf(args["idString"]);
        const number = tableNumberOf(id);
        return { id: number !== null && number === catalog.number(textOf(args["table"])) ? id : null };
      }
      case "1.0/getSnapshotTs":
        return { $integer: int64Base64(this.parts.ts()) };
      default:
        throw unsupported(op);
    }
  }

  async async(call: Call, op: string, argsText: string): Promise<string> {
    const handler = this.handlers[op];
    if (!handler) throw unsupported(op);
    // A nested mutation may be undone as a whole; what its caller does beside it must not go with it.
    if (call.nested && op !== "1.0/runUdf" && call.kind === "mutation") await call.nested;
    const { transaction } = call;
    const text =
      transaction && argsText.includes(COMMIT_TS)
        ? argsText.replaceAll(COMMIT_TS, `{"$integer":"${int64Base64(transaction.ts)}"}`)
        : argsText;
    return handler(call, JSON.parse(text) as JsonObject);
  }

  private page(call: Call, request: PageRequest): string {
    if (call.paginated) {
      throw new PlatformError(
        "This query or mutation function ran multiple paginated queries. Convex only supports a single paginated query in each function.",
      );
    }
    call.paginated = true;
    const page = readPage(transactionOf(call), this.parts.catalog, request, call.journal);
    call.nextJournal = page.continueCursor;
    const rest = JSON.stringify({
      isDone: page.isDone,
      continueCursor: page.continueCursor,
      splitCursor: page.splitCursor,
      pageStatus: page.pageStatus,
    });
    return `{"page":[${page.documents.join(",")}],${rest.slice(1)}`;
  }

  /** `ctx.runQuery` and `ctx.runMutation` inside a query or mutation: the same transaction. */
  private nested(call: Call, args: JsonObject): Promise<string> {
    const reference = args["reference"];
    if (typeof reference === "string" && !args["name"]) {
      throw new PlatformError("Components are not supported by the embedded runtime.");
    }
    const before = call.nested ?? Promise.resolve();
    const run = before.then(() => this.runNested(call, args));
    const settled = run.then(
      () => undefined,
      () => undefined,
    );
    call.nested = settled;
    return run.finally(() => {
      if (call.nested === settled) call.nested = null;
    });
  }

  private async runNested(call: Call, args: JsonObject): Promise<string> {
    const { functions, runner } = this.parts;
    const outer = transactionOf(call);
    const isMutation = args["udfType"] === "mutation";
    const target = functions.resolve(addressOf(args), [isMutation ? "mutation" : "query"], true);
    const argsText = JSON.stringify(args["args"] ?? {});
    const transaction = args["udfType"] === "snapshotQuery" ? snapshotOf(outer) : outer;
    const inner = runner.newCall({
      kind: isMutation ? "mutation" : "query",
      path: target.path,
      identity: call.identity,
      transaction,
    });
    if (!isMutation) {
      const outcome = await runner.run(inner, target, argsText);
      call.usedIdentity ||= inner.usedIdentity;
      call.usedTime ||= inner.usedTime;
      return unwrap(outcome);
    }
    const written = outer.writes.length;
    outer.store.savepoint("nested");
    const outcome = await runner.run(inner, target, argsText);
    if (outcome.ok) {
      outer.store.release("nested");
    } else {
      outer.store.rollbackTo("nested");
      outer.writes.length = written;
      outer.rollbacks++;
    }
    return unwrap(outcome);
  }

  private async fromAction(call: Call, kind: UdfKind, args: JsonObject): Promise<string> {
    if (call.kind !== "action" && call.kind !== "httpAction") {
      throw new PlatformError(`Only actions can run functions this way; ${call.path} is a ${call.kind}.`);
    }
    const argsText = JSON.stringify(args["args"] ?? {});
    return unwrap(await this.parts.actions.call(kind, addressOf(args), argsText, call));
  }

  private schedule(transaction: Transaction, args: JsonObject): string {
    const target = this.parts.functions.resolve(addressOf(args), ["mutation", "action"], true);
    const id = this.parts.jobs.add(transaction, {
      path: target.path,
      args: (args["args"] ?? {}) as JsonObject,
      dueMs: Number(args["ts"]) * 1000,
    });
    return JSON.stringify(id);
  }
}

function transactionOf(call: Call): Transaction {
  if (!call.transaction) {
    throw new PlatformError(
      "Actions have no direct access to the database: use ctx.runQuery or ctx.runMutation.",
    );
  }
  return call.transaction;
}

function snapshotOf(outer: Transaction): Transaction {
  const store = outer.store.snapshot();
  if (!store) throw new PlatformError("useStaleSnapshot needs a database in a file.");
  return new Transaction({ store, writable: false, ts: outer.ts, now: outer.now });
}

function idArguments(args: JsonObject): { id: string; table: string | undefined } {
  const { id, table } = args;
  if (typeof id !== "string") throw new PlatformError("Invalid argument `id`: expected a string.");
  return { id, table: typeof table === "string" ? table : undefined };
}

/** A failure as the calling function catches it: a plain Error, or one with the data of a ConvexError. */
function unwrap(outcome: Outcome): string {
  if (outcome.ok) return outcome.value;
  throw failureError(outcome.failure);
}

function failureError(failure: Failure): Error {
  const error = new Error(failure.message);
  return failure.data === undefined ? error : Object.assign(error, { data: failure.data });
}

function unsupported(op: string): PlatformError {
  const name = op.replace(/^\d+\.\d+\//, "");
  return new PlatformError(`"${name}" is not supported by the embedded runtime.`);
}

function int64Base64(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes.toString("base64");
}
