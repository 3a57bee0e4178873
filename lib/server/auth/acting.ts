import { AsyncLocalStorage } from "node:async_hooks";
import { singleton } from "../singleton.ts";

/** Who makes the request to Better Auth that is being answered, whose hooks are not told. */
export interface Acting {
  /** Better Auth's id of the signed-in person; set once it is known. */
  userId?: string;
  address?: string;
}

/** A request's own store: who acts, and what failed where the library keeps it to itself. */
interface Request extends Acting {
  fault?: unknown;
}

const storage = () => singleton("acting", () => new AsyncLocalStorage<Request>());

/** Handles a request that comes from an address. */
export async function actingFrom<T>(address: string | undefined, work: () => Promise<T>): Promise<T> {
  return await storage().run(address === undefined ? {} : { address }, work);
}

/** Notes who it is. */
export function actingAs(userId: string): void {
  const acting = storage().getStore();
  if (acting) acting.userId = userId;
}

/** Who acts now; empty outside of a request. */
export function whoActs(): Acting {
  const { fault: _fault, ...acting } = storage().getStore() ?? {};
  return acting;
}

/** Notes what failed, as the library tells it. */
export function noteFault(fault: unknown): void {
  const request = storage().getStore();
  if (request) request.fault = fault;
}

/** What failed in the request that is being answered. */
export const faultOfRequest = (): unknown => storage().getStore()?.fault;
