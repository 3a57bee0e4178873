import { AsyncLocalStorage } from "node:async_hooks";
import { singleton } from "./singleton.ts";

/** What every line of the log says of the work that it belongs to. */
export interface RequestContext {
  requestId?: string;
  /** 32 hexadecimal digits (W3C Trace Context); only where traces are on. */
  traceId?: string;
}

const store = () => singleton("request-context", () => new AsyncLocalStorage<RequestContext>());

/** Does work in whose log lines `context` stands, besides what stands there already. */
export async function inRequestContext<T>(context: RequestContext, work: () => Promise<T>): Promise<T> {
  return await store().run({ ...store().getStore(), ...context }, work);
}

/** The context of the work at hand, if it has one. */
export const requestContext = (): RequestContext | undefined => store().getStore();
