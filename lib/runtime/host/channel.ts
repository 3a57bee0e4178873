import type { MessagePort, Transferable, Worker } from "node:worker_threads";
import { AppError } from "../project.ts";
import { FunctionError, PlatformError, type Failure } from "../engine/errors.ts";
import { StorageError, StorageFull } from "../storage/sqlite.ts";

/** What can be called from the other side: plain data goes in and out. */
export type Methods = Record<string, (...args: never[]) => unknown>;
type Sent =
  | { id: number; method: string; args: unknown[] }
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: SentError };
interface SentError {
  name: string;
  message: string;
  failure?: Failure;
}

const ERRORS: Record<string, new (message: string) => Error> = {
  AppError,
  PlatformError,
  StorageError,
  StorageFull,
};

function packError(error: unknown): SentError {
  if (error instanceof FunctionError) {
    return { name: error.name, message: error.message, failure: error.failure };
  }
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "Error", message: String(error) };
}

function unpackError({ name, message, failure }: SentError): Error {
  if (failure) return new FunctionError(failure);
  const Known = ERRORS[name];
  return Known ? new Known(message) : new Error(message);
}

/** A value that takes things along that can only be moved between threads, such as streams. */
export class Moved<T> {
  readonly value: T;
  readonly transfer: readonly Transferable[];

  constructor(value: T, transfer: readonly Transferable[]) {
    this.value = value;
    this.transfer = transfer;
  }
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/** Calls between two threads, in both directions. Their answers come in any order. */
export class Channel {
  private readonly port: MessagePort | Worker;
  private readonly methods: Methods;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  constructor(port: MessagePort | Worker, methods: Methods) {
    this.port = port;
    this.methods = methods;
    port.on("message", (message: Sent) => this.receive(message));
  }

  /** Rejects with what the other side throws; never settles if the other side is gone: see `abandon`. */
  call<T>(method: string, args: unknown[], transfer: readonly Transferable[] = []): Promise<T> {
    const id = this.nextId++;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.post({ id, method, args }, transfer);
    });
  }

  /** A call that has no answer. */
  tell(method: string, ...args: unknown[]): void {
    this.post({ id: 0, method, args });
  }

  /** Rejects all that still waits for the other side. */
  abandon(error: Error): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  private receive(message: Sent): void {
    if ("method" in message) return void this.serve(message);
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.ok) waiting?.resolve(message.value);
    else waiting?.reject(unpackError(message.error));
  }

  private async serve({ id, method, args }: Extract<Sent, { method: string }>): Promise<void> {
    try {
      const handler = this.methods[method];
      if (!handler) throw new Error(`the other thread asked for "${method}", which is not known here`);
      const result = await handler(...(args as never[]));
      if (id === 0) return;
      if (result instanceof Moved) this.post({ id, ok: true, value: result.value }, result.transfer);
      else this.post({ id, ok: true, value: result });
    } catch (error) {
      if (id === 0) process.stderr.write(`${method}: ${String(error)}\n`);
      else this.post({ id, ok: false, error: packError(error) });
    }
  }

  private post(message: Sent, transfer: readonly Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }
}

/** Responds to the other side, without asking it anything. */
export function answerCalls(port: MessagePort | Worker, methods: Methods): Channel {
  return new Channel(port, methods);
}
