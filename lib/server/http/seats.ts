import type { Principal } from "#domain/principal.ts";
import { singleton } from "../singleton.ts";
import { refuseWith } from "./refuse.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/**
 * What may be open at once, for one person (or one API key) and for all of an organization, in this server process.
 * A person with a dozen tabs, each with a session's stream and terminals, stays below; somebody who opens without end does not.
 */
export const SEATS = {
  /** Event streams, and terminals that are looked at. */
  stream: { one: 30, organization: 250 },
  /** Requests of previews that are under way. */
  preview: { one: 100, organization: 400 },
  previewSocket: { one: 40, organization: 200 },
} as const;
export type Seat = keyof typeof SEATS;

const counts = () => singleton("seats", () => new Map<string, number>());

/** Adds to some counts at once, or to none. @returns what takes it back, once; null where a limit is reached */
function add(entries: readonly { key: string; weight: number; limit: number }[]): (() => void) | null {
  const all = counts();
  if (entries.some(({ key, weight, limit }) => (all.get(key) ?? 0) + weight > limit)) return null;
  for (const { key, weight } of entries) all.set(key, (all.get(key) ?? 0) + weight);
  let taken = true;
  return () => {
    if (!taken) return;
    taken = false;
    for (const { key, weight } of entries) {
      const left = (all.get(key) ?? 0) - weight;
      if (left > 0) all.set(key, left);
      else all.delete(key);
    }
  };
}

/**
 * Takes a seat before anything is made, so that any number of parallel attempts get exactly as many as there are.
 * @returns what gives it back; a second call does nothing
 * @throws HttpError rate_limited (429), with what to do
 */
export function takeSeat(seat: Seat, caller: Caller): () => void {
  const { one, organization } = SEATS[seat];
  const person = caller.kind === "apiKey" ? caller.keyId : caller.userId;
  const own = { key: `${seat} ${caller.organizationId} ${person}`, weight: 1, limit: one };
  const leave = add([own, { key: `${seat} ${caller.organizationId}`, weight: 1, limit: organization }]);
  if (leave) return leave;
  const full = (counts().get(own.key) ?? 0) >= one;
  throw refuseWith({ headers: { "retry-after": "5" } }, "seats_taken", {
    seat,
    who: full ? "person" : "organization",
    limit: full ? one : organization,
  });
}

/** Makes something that ends later in a seat: `leave` is for its end; where making it fails, the seat is free again. */
export async function inSeat<T>(
  seat: Seat,
  caller: Caller,
  make: (leave: () => void) => Promise<T>,
): Promise<T> {
  const leave = takeSeat(seat, caller);
  try {
    return await make(leave);
  } catch (error) {
    leave();
    throw error;
  }
}

/** What the model calls of one session (or person), and of all of an organization, may have under way at once. */
export const CALLS = { session: 16, organization: 100 };
/** The same for git: a fetch or a push is two requests, one after another. */
const GIT_CALLS = { session: 6, organization: 60 };
/** The same for packages: npm asks for 15 at once, and Bun for 64. */
const PACKAGE_CALLS = { session: 100, organization: 400 };
/** The same for calls of MCP servers that are reached through Studio. */
const MCP_CALLS = { session: 16, organization: 100 };
/** The same in bytes of their bodies, which are all in memory. */
const CALL_BYTES = { session: 64_000_000, organization: 200_000_000 };

/** A model call's place among those under way. */
export interface CallPlace {
  /** Gives it back; a second call does nothing. */
  leave: () => void;
  /** Says how long the body is, once it was read: never more than was announced. */
  measured: (bytes: number) => void;
}

/** Takes a place for a request of git's. @returns what gives it back; null where all are taken */
export const takeGit = (of: { holder: string; organizationId: string }): (() => void) | null =>
  add([
    { key: `git ${of.holder}`, weight: 1, limit: GIT_CALLS.session },
    { key: `git ${of.organizationId}`, weight: 1, limit: GIT_CALLS.organization },
  ]);

/** Takes a place for a request of a package manager. @returns what gives it back; null where all are taken */
export const takePackage = (of: { sandbox: string; organizationId: string }): (() => void) | null =>
  add([
    { key: `package ${of.sandbox}`, weight: 1, limit: PACKAGE_CALLS.session },
    { key: `package ${of.organizationId}`, weight: 1, limit: PACKAGE_CALLS.organization },
  ]);

/** Takes a place for a test of an MCP server, which may start a sandbox. @returns what gives it back; null where all are taken */
export const takeMcpTest = (of: { serverId: string; organizationId: string }): (() => void) | null =>
  add([
    { key: `mcp test ${of.serverId}`, weight: 1, limit: 1 },
    { key: `mcp tests ${of.organizationId}`, weight: 1, limit: 3 },
  ]);

/** Takes a place for a call of a remote MCP server. @returns what gives it back; null where all are taken */
export const takeMcp = (of: { sandbox: string; organizationId: string }): (() => void) | null =>
  add([
    { key: `mcp ${of.sandbox}`, weight: 1, limit: MCP_CALLS.session },
    { key: `mcp ${of.organizationId}`, weight: 1, limit: MCP_CALLS.organization },
  ]);

/** Takes a place for a model call with a body of at most so many bytes. @param holder whose call it is @returns null where all are taken */
export function takeCall(
  { holder, organizationId }: { holder: string; organizationId: string },
  atMostBytes: number,
): CallPlace | null {
  const leaveCalls = add([
    { key: `calls ${holder}`, weight: 1, limit: CALLS.session },
    { key: `calls ${organizationId}`, weight: 1, limit: CALLS.organization },
  ]);
  const weigh = (bytes: number) =>
    add([
      { key: `call bytes ${holder}`, weight: bytes, limit: CALL_BYTES.session },
      { key: `call bytes ${organizationId}`, weight: bytes, limit: CALL_BYTES.organization },
    ]);
  let leaveBytes = leaveCalls && weigh(atMostBytes);
  if (!leaveCalls || !leaveBytes) {
    leaveCalls?.();
    return null;
  }
  return {
    leave() {
      leaveCalls();
      leaveBytes?.();
    },
    measured(bytes) {
      leaveBytes?.();
      leaveBytes = weigh(Math.min(bytes, atMostBytes));
    },
  };
}
