import { AsyncLocalStorage } from "node:async_hooks";
import diagnostics from "node:diagnostics_channel";
import { SandboxError, ServiceBusyError, TimeoutError } from "e2b";
import { TransportError, type TransportKind, transportKindOf } from "#net/transport.ts";

/** What a proxy answers in place of a server that is away. */
const AWAY = [502, 503, 504];

/** What became of the requests of one piece of work: how the last of them that broke did. */
interface Watch {
  broke?: TransportKind;
}
const watches = new AsyncLocalStorage<Watch>();
const watchOf = new WeakMap<object, Watch>();

// Of a call into a sandbox that got no answer, the SDK (2.51) keeps a text alone: what its HTTP client, undici, says of
// each request is the only trace of the error. See https://github.com/nodejs/undici/blob/main/docs/docs/api/DiagnosticsChannel.md
diagnostics.subscribe("undici:request:create", (message) => {
  const watch = watches.getStore();
  if (watch) watchOf.set((message as { request: object }).request, watch);
});
diagnostics.subscribe("undici:request:error", (message) => {
  const { request, error } = message as { request: object; error: unknown };
  const watch = watchOf.get(request);
  const kind = watch && transportKindOf(error);
  if (kind) watch.broke = kind;
});
diagnostics.subscribe("undici:request:headers", (message) => {
  const { request, response } = message as { request: object; response: { statusCode: number } };
  const watch = watchOf.get(request);
  if (watch && AWAY.includes(response.statusCode)) watch.broke = "unavailable";
});

/** Whether the SDK has no class and no status for it. */
const isUntold = (error: unknown): error is SandboxError =>
  error instanceof SandboxError && error.constructor === SandboxError && error.statusCode === undefined;

/**
 * Works with a sandbox by the SDK, and tells what got no answer from what was refused.
 * @throws TransportError where the connection broke and the SDK's error does not say so
 * @throws what the work throws
 */
export async function tellingBreaks<T>(work: () => Promise<T>): Promise<T> {
  const watch: Watch = {};
  try {
    return await watches.run(watch, work);
  } catch (error) {
    if (watch.broke && isUntold(error))
      throw new TransportError(watch.broke, error.message, { cause: error });
    throw error;
  }
}

/** True where a call of the SDK got no answer from the sandbox or its host. For calls into a sandbox see `tellingBreaks`. */
export function isSandboxUnreachable(error: unknown): boolean {
  if (error instanceof TimeoutError || error instanceof ServiceBusyError) return true;
  if (transportKindOf(error) !== undefined) return true;
  return error instanceof SandboxError && error.statusCode !== undefined && AWAY.includes(error.statusCode);
}
