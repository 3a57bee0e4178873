import { AsyncLocalStorage } from "node:async_hooks";
import { singleton } from "./singleton.ts";

/** What every line of the log says of the work that it belongs to. */
export interface RequestContext {
  requestId?: string;
  /** 32 hexadecimal digits (W3C Trace Context); only where traces are on. */
  traceId?: string;
  /** The same, with the part of the trace that is at work, for what is done elsewhere. */
  traceparent?: string;
}

const store = () => singleton("request-context", () => new AsyncLocalStorage<RequestContext>());

/** Does work in whose log lines `context` stands, besides what stands there already. */
export async function inRequestContext<T>(context: RequestContext, work: () => Promise<T>): Promise<T> {
  return await store().run({ ...store().getStore(), ...context }, work);
}

/** What log lines say of the work at hand. */
export function logContext(): Pick<RequestContext, "requestId" | "traceId"> {
  const { requestId, traceId } = store().getStore() ?? {};
  return { ...(requestId !== undefined && { requestId }), ...(traceId !== undefined && { traceId }) };
}

/** The trace of the work at hand, for what is done elsewhere; undefined where traces are off. */
export const currentTraceparent = (): string | undefined => store().getStore()?.traceparent;
