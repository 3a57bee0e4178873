import { randomBytes } from "node:crypto";
import type { Json } from "./json.ts";
import { appFrames } from "./trace.ts";

/** How a failed function looks to its caller: the platform's text, and the data of a `ConvexError`. */
export interface Failure {
  /** Without the request id, as another function sees it. */
  message: string;
  /** Convex JSON. Present exactly when the function threw a `ConvexError`. */
  data?: Json;
  requestId: string;
  /** What the function logged until then. */
  logLines?: readonly string[];
}

/** A function failed (its own throw, a refused argument, an unknown path). Never a fault of the runtime. */
export class FunctionError extends Error {
  override name = "FunctionError";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Thrown by the runtime inside a function: its message is shown as it is, without "Uncaught Error". */
export class PlatformError extends Error {
  override name = "PlatformError";
}

const CONVEX_ERROR = Symbol.for("ConvexError");

const ID_BYTES = 8;
let pool = Buffer.alloc(0);

export function newRequestId(): string {
  // Chance is costly to ask for in small amounts.
  if (pool.length < ID_BYTES) pool = randomBytes(ID_BYTES * 512);
  const id = pool.toString("hex", 0, ID_BYTES);
  pool = pool.subarray(ID_BYTES);
  return id;
}

function dataOf(thrown: object): Json | undefined {
  if (!(CONVEX_ERROR in thrown) || !("data" in thrown)) return undefined;
  const { data } = thrown;
  if (typeof data !== "string") return data as Json;
  try {
    return JSON.parse(data) as Json;
  } catch {
    return data;
  }
}

/** What a caller is told about anything thrown by a function. `convex` has already made `data` JSON text. */
export function toFailure(thrown: unknown, requestId = newRequestId()): Failure {
  if (thrown instanceof FunctionError) return thrown.failure;
  if (thrown instanceof PlatformError) return { message: thrown.message, requestId };
  if (typeof thrown !== "object" || thrown === null) {
    return { message: `Uncaught ${String(thrown)}`, requestId };
  }
  const { name = "Error", message = "" } = thrown as { name?: string; message?: string };
  const frames = thrown instanceof Error ? appFrames(thrown) : "";
  // A call that failed inside of another one is told with the inner frames among its words, as `convex` rethrows it.
  const text = `Uncaught ${name}: ${message}${frames === "" ? "" : `\n${frames}\n`}`;
  const data = dataOf(thrown);
  return data === undefined ? { message: text, requestId } : { message: text, data, requestId };
}

/** The message as clients get it. */
export function clientMessage(failure: Failure): string {
  return `[Request ID: ${failure.requestId}] Server Error\n${failure.message}`;
}

/** What is not there says so by name. */
export function unsupported(op: string): PlatformError {
  const name = op.replace(/^\d+\.\d+\//, "").replace(/^actions\//, "");
  return new PlatformError(`"${name}" is not supported by the embedded runtime.`);
}
