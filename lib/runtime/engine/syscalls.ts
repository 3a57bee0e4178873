import { getConvexSize } from "convex/values";
import type { Call, SyscallHost } from "./call.ts";
import type { Catalog } from "./catalog.ts";
import { addressOf, functionHandle } from "./component-path.ts";
import { PlatformError, unsupported } from "./errors.ts";
import type { FunctionRegistry } from "./functions.ts";
import { keepLine } from "./globals.ts";
import { decode, decodeOptional, textOf, type Document, type Json, type JsonObject } from "./json.ts";
import { QueryStream, readPage, type PageRequest, type Query } from "./query.ts";
import type { Limits } from "./limits.ts";
import { metadataSyscall, type Deployment } from "./metadata.ts";
import { unwrap, type Runner } from "./runner.ts";
import { Snapshot } from "./snapshot.ts";
import type { Space, Spaces } from "./space.ts";
import { Transaction } from "./transaction.ts";
import type { VectorQuery, Vectors } from "./vectors.ts";
import { tableNumberOf } from "../storage/ids.ts";

export interface SyscallParts {
  catalog: Catalog;
  spaces: Spaces;
  functions: FunctionRegistry;
  runner: Runner;
  vectors: Vectors;
  deployment: Deployment;
  /** Time of the last commit. */
  ts: () => bigint;
}
/** A call on a component's data, inside a transaction. */
type Handler = (transaction: Transaction, args: JsonObject, space: Space, component: string) => string;
/** One that depends on the function that makes it, too. */
type CallHandler = (call: Call, args: JsonObject) => Promise<string> | string;

const COMMIT_TS = '{"$commitTs":null}';

/** Answers the calls that `convex` makes on behalf of a running query or mutation. */
export class Syscalls implements SyscallHost {
  private readonly parts: SyscallParts;
  private nextStream = 1;
  private readonly handlers: Record<string, Handler>;
  private readonly callHandlers: Record<string, CallHandler>;

  constructor(parts: SyscallParts) {
    this.parts = parts;
    this.handlers = {
      "1.0/get": (transaction, args, { database }) => {
        const { id, table } = idArguments(args);
        return database.get(transaction, id, table, args["isSystem"] === true) ?? "null";
      },
      "1.0/insert": (transaction, args, { database }) => {
        const value = decode(args["value"] ?? null) as Document;
        return JSON.stringify({ _id: database.insert(transaction, textOf(args["table"]), value) });
      },
      "1.0/shallowMerge": (transaction, args, { database }) => {
        const { id, table } = idArguments(args);
        const changes: Document = {};
        for (const [field, value] of Object.entries((args["value"] ?? {}) as JsonObject)) {
          changes[field] = decodeOptional(value);
        }
        database.patch(transaction, id, changes, table);
        return "{}";
      },
      "1.0/replace": (transaction, args, { database }) => {
        const { id, table } = idArguments(args);
        database.replace(transaction, id, decode(args["value"] ?? null) as Document, table);
        return "{}";
      },
      "1.0/remove": (transaction, args, { database }) => {
        const { id, table } = idArguments(args);
        database.remove(transaction, id, table);
        return "{}";
      },
      "1.0/count": (transaction, args, { tables }) => {
        const source = { type: "FullTableScan", tableName: textOf(args["table"]), order: "asc" } as const;
        const stream = new QueryStream(transaction, tables, { source, operators: [] });
        let count = 0;
        while (stream.next() !== null) count++;
        return String(count);
      },
      "1.0/vectorSearch": (_transaction, args, { tables }) =>
        JSON.stringify({ results: parts.vectors.search(tables, args["query"] as unknown as VectorQuery) }),
      "1.0/schedule": (transaction, args, space, component) =>
        this.schedule(transaction, args, space, component),
      "1.0/cancel_job": (transaction, args, { jobs }) => {
        jobs.cancel(transaction, textOf(args["id"]));
        return "{}";
      },
      "1.0/storageGetUrl": (transaction, args, { files }) => {
        const id = textOf(args["storageId"]);
        files.checkId(id, "getUrl");
        return JSON.stringify(files.urlOf(transaction, id));
      },
      "1.0/storageGetMetadata": (transaction, args, { files }) => {
        const storage = textOf(args["storageId"]);
        files.checkId(storage, "getMetadata");
        const info = files.info(transaction, storage);
        if (!info) return "null";
        const { id: storageId, size, contentType } = info;
        const sha256 = Buffer.from(info.sha256, "base64").toString("hex");
        return JSON.stringify({ storageId, sha256, size, contentType });
      },
      "1.0/storageGenerateUploadUrl": (transaction, _args, { files }) =>
        JSON.stringify(files.uploadUrl(transaction)),
      "1.0/storageDelete": (transaction, args, { files }) => {
        const id = textOf(args["storageId"]);
        files.checkId(id, "delete");
        files.remove(transaction, id);
        return "null";
      },
      "1.0/storageStore": (transaction, args, { files }) => {
        const bytes = Buffer.from(textOf(args["blob"]), "base64");
        const contentType = textOf(args["contentType"]) || null;
        const { sha256 } = args;
        const expected = typeof sha256 === "string" ? sha256 : undefined;
        return JSON.stringify(files.store(transaction, { bytes, contentType }, expected));
      },
      "1.0/storageGet": (transaction, args, { files }) => {
        const content = files.content(transaction, textOf(args["storageId"]));
        if (!content) return "null";
        const blob = Buffer.from(content.bytes).toString("base64");
        return JSON.stringify({ blob, contentType: content.contentType });
      },
    };
    this.callHandlers = {
      "1.0/queryStreamNext": (call, args) => {
        const stream = call.streams.get(Number(args["queryId"]));
        if (!stream) throw new PlatformError("This query is closed and can't emit any more values.");
        const body = stream.next();
        return body === null ? '{"value":null,"done":true}' : `{"value":${body},"done":false}`;
      },
      "1.0/queryPage": (call, args) => this.page(call, args as unknown as PageRequest),
      "1.0/runUdf": (call, args) => this.nested(call, args),
      "1.0/createFunctionHandle": (call, args) => functionHandle(call.component, args),
      "1.0/schedule": (call, args) => {
        const parent = call.source.scheduledFunctionId;
        const space = parts.spaces.of(call.component);
        return this.schedule(transactionOf(call), { ...args, parent }, space, call.component);
      },
    };
  }

  sync(call: Call, op: string, argsText: string): Json {
    const text = call.transaction ? withCommitTs(argsText, call.transaction.ts) : argsText;
    const args = JSON.parse(text) as JsonObject;
    const { tables } = this.parts.spaces.of(call.component);
    switch (op) {
      case "1.0/queryStream": {
        const id = this.nextStream++;
        const query = args["query"] as unknown as Query;
        call.streams.set(id, new QueryStream(transactionOf(call), tables, query));
        return { queryId: id };
      }
      case "1.0/queryCleanup":
        call.streams.delete(Number(args["queryId"]));
        call.asking = null;
        return {};
      case "1.0/db/normalizeId": {
        const id = textOf(args["idString"]);
        const number = tableNumberOf(id);
        return { id: number !== null && number === tables.number(textOf(args["table"])) ? id : null };
      }
      case "1.0/getSnapshotTs":
        return { $integer: int64Base64(this.parts.ts()) };
      default:
        throw unsupported(op);
    }
  }

  /** Most of a query's documents come from storage together, and then go to the function one by one. */
  atHand(call: Call, op: string, argsText: string): string | undefined {
    if (op !== "1.0/queryStreamNext" || call.nested) return undefined;
    // Each of a stream's documents is asked for in the same words.
    if (call.asking?.words !== argsText) {
      const stream = call.streams.get(Number((JSON.parse(argsText) as JsonObject)["queryId"]));
      call.asking = stream ? { words: argsText, stream } : null;
    }
    const body = call.asking?.stream.nextAtHand();
    return body === undefined ? undefined : `{"value":${body},"done":false}`;
  }

  async(call: Call, op: string, argsText: string): Promise<string> | string {
    // A nested mutation may be undone as a whole; what its caller does beside it must not go with it.
    if (call.nested && op !== "1.0/runUdf" && call.kind === "mutation") {
      return call.nested.then(() => this.answer(call, op, argsText));
    }
    return this.answer(call, op, argsText);
  }

  private answer(call: Call, op: string, argsText: string): Promise<string> | string {
    const handler = this.callHandlers[op];
    if (!handler) {
      const metadata = metadataSyscall(call, op, this.parts.deployment);
      if (metadata !== undefined) return metadata;
    }
    const transaction = transactionOf(call);
    const args = JSON.parse(withCommitTs(argsText, transaction.ts)) as JsonObject;
    return handler ? handler(call, args) : this.inTransaction(transaction, op, args, call.component);
  }

  async js(_call: Call, op: string): Promise<never> {
    throw unsupported(op);
  }

  /** A component's call that needs nothing but a transaction; an action's calls get one of their own each. */
  inTransaction(transaction: Transaction, op: string, args: JsonObject, component: string): string {
    const handler = this.handlers[op];
    if (!handler) throw unsupported(op);
    return handler(transaction, args, this.parts.spaces.of(component), component);
  }

  private page(call: Call, request: PageRequest): string {
    if (call.paginated) {
      throw new PlatformError(
        "This query or mutation function ran multiple paginated queries. Convex only supports a single paginated query in each function.",
      );
    }
    call.paginated = true;
    const { tables } = this.parts.spaces.of(call.component);
    const page = readPage(transactionOf(call), tables, request, call.journal);
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
    const target = functions.resolve(
      addressOf(call.component, args),
      [isMutation ? "mutation" : "query"],
      true,
    );
    const argsText = JSON.stringify(args["args"] ?? {});
    const transaction = args["udfType"] === "snapshotQuery" ? this.snapshot(outer) : outer;
    const inner = runner.newCall({
      kind: isMutation ? "mutation" : "query",
      path: target.path,
      component: target.component,
      // Who a person is, a component is told only in arguments.
      identity: target.component === call.component ? call.identity : null,
      source: call.source,
      requestId: call.requestId,
      transaction,
    });
    const endNesting = transaction.meter.nest((args["transactionLimits"] ?? {}) as Partial<Limits>);
    if (!isMutation) {
      const outcome = await runner.run(inner, target, argsText);
      for (const line of inner.logLines) keepLine(call, line);
      endNesting(false);
      call.usedIdentity ||= inner.usedIdentity;
      call.usedTime ||= inner.usedTime;
      return unwrap(outcome);
    }
    const written = outer.writes.length;
    outer.store.savepoint("nested");
    const outcome = await runner.run(inner, target, argsText);
    for (const line of inner.logLines) keepLine(call, line);
    endNesting(!outcome.ok);
    if (outcome.ok) {
      outer.store.release("nested");
    } else {
      outer.store.rollbackTo("nested");
      outer.writes.length = written;
      outer.rollbacks++;
      this.parts.catalog.restorePart();
    }
    return unwrap(outcome);
  }

  /** The same data without what the transaction itself has written so far. */
  private snapshot({ store, reader, before, ts, now, meter }: Transaction): Transaction {
    const earlier = new Snapshot(reader, this.parts.catalog, before);
    return new Transaction({ store, reader: earlier, writable: false, ts, now, meter });
  }

  private schedule(transaction: Transaction, args: JsonObject, { jobs }: Space, component: string): string {
    const target = this.parts.functions.resolve(addressOf(component, args), ["mutation", "action"], true);
    const callArgs = (args["args"] ?? {}) as JsonObject;
    transaction.meter.charge("functionsScheduled", 1);
    transaction.meter.charge("scheduledFunctionArgsBytes", getConvexSize(decode(callArgs)));
    const parent = textOf(args["parent"]);
    const isOver =
      parent !== "" && this.parts.spaces.all().some((space) => space.jobs.isCanceled(transaction, parent));
    const id = jobs.add(transaction, {
      kind: isOver ? "canceled" : "pending",
      path: target.path,
      args: callArgs,
      dueMs: Number(args["ts"]) * 1000,
    });
    return JSON.stringify(id);
  }
}

/** JSON text with the commit's time in place of the placeholder for it. @param ts in nanoseconds */
export function withCommitTs(text: string, ts: bigint): string {
  return text.includes(COMMIT_TS) ? text.replaceAll(COMMIT_TS, `{"$integer":"${int64Base64(ts)}"}`) : text;
}

function transactionOf(call: Call): Transaction {
  if (!call.transaction) throw new Error(`${call.path} has no transaction`);
  return call.transaction;
}

function idArguments(args: JsonObject): { id: string; table: string | undefined } {
  const { id, table } = args;
  if (typeof id !== "string") throw new PlatformError("Invalid argument `id`: expected a string.");
  return { id, table: typeof table === "string" ? table : undefined };
}

function int64Base64(value: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes.toString("base64");
}
