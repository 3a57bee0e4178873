import { type Tables } from "./catalog.ts";
import { BY_DUE, SCHEDULED } from "./declared.ts";
import { fullName, splitName } from "./component-path.ts";
import type { Database } from "./database.ts";
import { canonicalPath } from "./functions.ts";
import { decode, decodeDocument, encodeText, textOf, type Document, type JsonObject } from "./json.ts";
import type { Transaction } from "./transaction.ts";
import { encodeKey, prefixEnd } from "../storage/keys.ts";
import type { Store } from "../storage/sqlite.ts";

/** A scheduled call of a function. */
export interface Job {
  id: string;
  /** Where its row is. */
  queue: JobQueue;
  /** Full. */
  path: string;
  argsText: string;
  dueMs: number;
}

/** The rows of one component's `_scheduled_functions`. */
export class JobQueue {
  private readonly component: string;
  private readonly tables: Tables;
  private readonly database: Database;
  private indexNumber: number | undefined;

  constructor(component: string, tables: Tables, database: Database) {
    this.component = component;
    this.tables = tables;
    this.database = database;
  }

  /** @param job.kind "canceled" for what a canceled function still schedules */
  add(
    transaction: Transaction,
    job: { path: string; args: JsonObject; dueMs: number; kind: "pending" | "canceled" },
  ): string {
    const { component, name: own } = splitName(job.path);
    const [module, name] = own.split(":");
    return this.database.insert(transaction, SCHEDULED, {
      name: `${module}.js:${name}`,
      args: [decode(job.args)],
      scheduledTime: job.dueMs,
      state: { kind: job.kind },
      ...(job.kind === "canceled" && { completedTime: transaction.now }),
      // A handle may lead to another component's function.
      ...(component !== this.component && { component }),
    });
  }

  /** A job that runs goes on, but what it schedules from now on does not run; one that has ended stays as it is. */
  cancel(transaction: Transaction, id: string): void {
    const state = this.state(transaction, id);
    if (state !== "pending" && state !== "inProgress") return;
    this.finish(transaction, id, { kind: "canceled" });
  }

  state(transaction: Transaction, id: string): string | null {
    if (this.tables.tableOf(id)?.name !== SCHEDULED) return null;
    const body = this.database.read(transaction, id);
    if (body === null) return null;
    return textOf((decodeDocument(body)["state"] as Document)["kind"]);
  }

  /** Whether a job of this queue was canceled, as the transaction sees it. Counts as no read of the function's. */
  isCanceled({ store }: Transaction, id: string): boolean {
    const stored = this.tables.tableOf(id)?.name === SCHEDULED ? store.document(id) : undefined;
    return !!stored && (decodeDocument(stored.body)["state"] as Document)["kind"] === "canceled";
  }

  finish(transaction: Transaction, id: string, state: { kind: string; error?: string }): void {
    this.database.setFields(transaction, id, { state, completedTime: transaction.now });
  }

  start(transaction: Transaction, id: string): void {
    this.database.setFields(transaction, id, { state: { kind: "inProgress" } });
  }

  remove(transaction: Transaction, id: string): void {
    this.database.removeSystem(transaction, id);
  }

  /** The number of the index by time, which stays the same. */
  get index(): number {
    this.indexNumber ??= this.tables.table(SCHEDULED)?.indexes.get(BY_DUE)?.number;
    return this.indexNumber ?? -1;
  }

  /** Jobs in a state, those due first first. */
  list(store: Store, state: string, limit: number): Job[] {
    const prefix = encodeKey([state]);
    return store.scan(this.index, prefix, prefixEnd(prefix), "asc", limit).map(({ body }) => {
      const document = decodeDocument(body);
      const [args] = document["args"] as [Document];
      const owner = typeof document["component"] === "string" ? document["component"] : this.component;
      return {
        id: textOf(document["_id"]),
        queue: this,
        path: canonicalPath(fullName(owner, textOf(document["name"]))),
        argsText: encodeText(args),
        dueMs: Number(document["scheduledTime"]),
      };
    });
  }
}

/** The jobs of all components together. */
export class JobQueues {
  private readonly queues: readonly JobQueue[];

  constructor(queues: readonly JobQueue[]) {
    this.queues = queues;
  }

  /** Whether an index is one that tells of jobs. */
  has(index: number): boolean {
    return this.queues.some((queue) => queue.index === index);
  }

  /** Jobs in a state, those due first first. */
  list(store: Store, state: string, limit: number): Job[] {
    const jobs = this.queues.flatMap((queue) => queue.list(store, state, limit));
    return this.queues.length === 1 ? jobs : jobs.toSorted((a, b) => a.dueMs - b.dueMs).slice(0, limit);
  }
}
