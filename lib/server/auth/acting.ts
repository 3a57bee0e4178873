import { AsyncLocalStorage } from "node:async_hooks";
import { hashPassword } from "better-auth/crypto";
import { singleton } from "../singleton.ts";

/** Who makes the request to Better Auth that is being answered, whose hooks are not told. */
export interface Acting {
  /** Better Auth's id of the signed-in person; set once it is known. */
  userId?: string;
  address?: string;
}

/** A request's own store: who acts, what failed where the library keeps it to itself, and what was made ready for it. */
interface Request extends Acting {
  fault?: unknown;
  hashed?: { password: string; hash: string };
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
  const { fault: _fault, hashed: _hashed, ...acting } = storage().getStore() ?? {};
  return acting;
}

/** Notes what failed, as the library tells it. */
export function noteFault(fault: unknown): void {
  const request = storage().getStore();
  if (request) request.fault = fault;
}

/** What failed in the request that is being answered. */
export const faultOfRequest = (): unknown => storage().getStore()?.fault;

/**
 * Hashes a password ahead of the route that will ask for it: the library hashes in the middle of its transaction, and
 * a slow hash would hold the whole database.
 */
export async function hashAhead(password: string): Promise<void> {
  const request = storage().getStore();
  if (request) request.hashed = { password, hash: await hashPassword(password) };
}

/** The password's hash, for the library. */
export async function hashOf(password: string): Promise<string> {
  const hashed = storage().getStore()?.hashed;
  return hashed?.password === password ? hashed.hash : await hashPassword(password);
}
