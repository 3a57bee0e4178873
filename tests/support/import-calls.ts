import type { FunctionReference } from "convex/server";
import { beforeEach } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Principal } from "#domain/principal.ts";
import { type Database, member, type Member } from "../convex/support.ts";
import { ada, db, freshWorld } from "../convex/world.ts";

export type Person = Exclude<Principal, { kind: "service" }>;

/** Somebody of another organization than Ada's. */
export let eve: Member;

/** Makes a fresh world with both before each test of the file that calls it. */
export function twoOrganizations(): void {
  freshWorld();
  beforeEach(async () => {
    eve = await member(db, "eve");
  });
}

const dataFor = (principal: Principal) => {
  const who =
    principal.kind === "service"
      ? db.service
      : [ada, eve].find(({ userId }) => userId === principal.userId)!.as;
  return {
    query: async (fn: FunctionReference<"query">, args: object) => await who.query(fn, args),
    mutation: async (fn: FunctionReference<"mutation">, args: object) => await who.mutation(fn, args),
  };
};
/** The wire to Convex is left out: the same functions, in this process. */
export const DATA_HERE = { dataFor, serviceData: () => dataFor({ kind: "service" }) };

export const callerOf = ({ organizationId, userId }: Member): Person =>
  ({ kind: "member", organizationId, userId, role: "admin" }) as unknown as Person;

const MEDIA = { json: "application/json", jsonl: "application/x-ndjson" } as const;
export type Format = keyof typeof MEDIA;

/** A file as it comes over a connection: in pieces, cut wherever it happens. */
export function sent(file: string | Uint8Array, format: Format, pieceBytes = 1_000): Request {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + pieceBytes));
      at += pieceBytes;
    },
  });
  return new Request("http://studio.test/api/v1/sessions/import", {
    method: "POST",
    headers: { "content-type": MEDIA[format] },
    body,
    duplex: "half",
  } as RequestInit);
}

export const page = { paginationOpts: { numItems: 10, cursor: null } };

/** The titles of what a member finds. */
export const listed = async (who: Member) => (await who.as.query(api.sessionLists.search, page)).page;

/** What is stored of imports. */
export const rowsLeft = async (db: Database) =>
  await db.t.run(async (ctx) => ({
    events: (await ctx.db.query("importedEvents").collect()).length,
    imports: (await ctx.db.query("sessionImports").collect()).map(({ state }) => state),
  }));
