import { getFunctionName, makeFunctionReference } from "convex/server";
import { afterAll, describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import schema from "#convex/schema.ts";
import { type Role, ROLES, SCOPES, type Scope } from "#domain/roles.ts";
import type { Access, Ids } from "#tests/function-access.ts";
import { FUNCTIONS } from "#tests/functions.ts";
import { rowOfEachKind } from "./row-of-each-kind.ts";
import { type Database, hashOf, member, type Member } from "./support.ts";
import { ada, beginWorld, db, returnToWorld } from "./world.ts";

let eve: Member;
let ids: Ids;

/** A database with a row of each kind. */
async function fresh(): Promise<void> {
  await beginWorld();
  eve = await member(db, "eve");
  ids = await rowOfEachKind();
}

interface World {
  db: Database;
  ada: Member;
  eve: Member;
  ids: Ids;
  /** By their names, those whose calls are refused in it. */
  callers: Map<string, Promise<Who>>;
  /** How many rows each table has. */
  rows: Record<string, number>;
}
let refusing: World | undefined;
afterAll(() => {
  refusing = undefined;
});

/** How many rows each table has, but for those of callers and of what they did to be there. */
async function rowCounts(): Promise<Record<string, number>> {
  const counted: Record<string, number> = {};
  for (const table of Object.keys(schema.tables) as (keyof typeof schema.tables)[])
    if (!["users", "members", "apiKeys", "auditEntries"].includes(table))
      counted[table] = await db.t.run(async (ctx) => (await ctx.db.query(table).collect()).length);
  return counted;
}

/** The database of all calls that are refused: they change nothing, so one is enough. */
async function shared(): Promise<World> {
  if (!refusing) {
    await fresh();
    refusing = { db, ada, eve, ids, callers: new Map(), rows: await rowCounts() };
  }
  returnToWorld(refusing);
  ({ eve, ids } = refusing);
  return refusing;
}

/** Somebody who calls in the shared database, made with their first call. */
async function sharedCaller(name: string, make: () => Promise<Who>): Promise<Who> {
  const { callers } = await shared();
  const found = callers.get(name) ?? make();
  callers.set(name, found);
  return await found;
}

type Caller = Pick<Member["as"], "query" | "mutation">;
type Module = Record<string, unknown>;
interface Registered {
  isPublic?: boolean;
  isInternal?: boolean;
  isQuery?: boolean;
  exportArgs: () => string;
  exportReturns: () => string;
}

const modules = import.meta.glob<Module>("../../convex/*.ts", { eager: true });
const functions = Object.entries(modules).flatMap(([file, module]) =>
  Object.entries(module).flatMap(([name, value]) => {
    const registered = value as Registered | null;
    if (typeof value !== "function" || !registered?.isPublic) return [];
    const path = `${file.replace(/^.*\/(\w+)\.ts$/, "$1")}:${name}`;
    return [{ path, isQuery: registered.isQuery === true }];
  }),
);

/** Somebody, by their own token and as a server acts for them. */
/** What somebody gets who may: the session that they call with has a turn at work. */
const LET_IN = ["ok", "not_found", "turn_running", "not_saved"];

type Who = Pick<Member, "actor"> & { as: Caller };

async function call(who: Who, path: string, access: Access): Promise<unknown> {
  const acting = access.for === "actor";
  const args = { ...access.args(ids), ...(acting && { actor: who.actor }) };
  const as: Caller = acting ? db.service : who.as;
  return functions.find((f) => f.path === path)?.isQuery
    ? await as.query(makeFunctionReference<"query">(path), args)
    : await as.mutation(makeFunctionReference<"mutation">(path), args);
}

/** The code with which a call was refused; "ok" where it was not. */
async function outcomeOf(path: string, work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "ok";
  } catch (error) {
    const code = (error as { data?: { code?: string } }).data?.code;
    if (code === undefined) throw new Error(`${path} broke instead of refusing`, { cause: error });
    return code;
  }
}

async function outcome(who: Who, path: string, access: Access): Promise<string> {
  return await outcomeOf(path, call(who, path, access));
}

/** The same with a token of one's own, whatever the function is for. */
async function direct(as: Caller, path: string, access: Access): Promise<string> {
  const args = { ...access.args(ids), ...(access.for === "actor" && { actor: ada.actor }) };
  const isQuery = functions.find((f) => f.path === path)?.isQuery;
  return await outcomeOf(
    path,
    isQuery
      ? as.query(makeFunctionReference<"query">(path), args)
      : as.mutation(makeFunctionReference<"mutation">(path), args),
  );
}

test("every public function is on the list, and the list has no others", () => {
  expect(functions.map(({ path }) => path).toSorted((a, b) => a.localeCompare(b))).toEqual(
    Object.keys(FUNCTIONS).toSorted((a, b) => a.localeCompare(b)),
  );
  expect(getFunctionName(api.runs.start)).toBe("runs:start");
});

test("every function, public or not, says what it takes and what it returns", () => {
  const registered = Object.entries(modules).flatMap(([file, module]) =>
    Object.entries(module).flatMap(([name, found]) => {
      const value = found as Registered | null;
      if (typeof found !== "function" || (!value?.isPublic && !value?.isInternal)) return [];
      return [{ path: `${file.replace(/^.*\/(\w+)\.ts$/, "$1")}:${name}`, value }];
    }),
  );
  expect(registered.length).toBeGreaterThan(functions.length);
  const without = registered.filter(
    ({ value }) => value.exportArgs() === '{"type":"any"}' || value.exportReturns() === "null",
  );
  // Made by convex-helpers, which decides what a migration returns.
  expect(without.every(({ path }) => path.startsWith("migrations:"))).toBe(true);
});

/** Somebody's key with some scopes. */
async function keyWith(scopes: Scope[]): Promise<Who> {
  const key = await ada.by.mutation(api.apiKeys.create, {
    name: "scoped",
    hash: hashOf(crypto.randomUUID()),
    last4: "abcd",
    scopes,
    environment: "development",
  });
  const as = db.t.withIdentity({
    kind: "apiKey",
    subject: key,
    key,
    org: ada.organizationId,
    user: ada.userId,
    role: "admin",
  });
  return { as, actor: { ...ada.actor, keyId: key } };
}

const roleIn = async (role: Role): Promise<Who> => await member(db, `some-${role}`, role, "ada");

describe.each(Object.entries(FUNCTIONS))("%s", (path, access) => {
  test("asks for an identity", async () => {
    await shared();
    expect(await direct(db.t, path, access)).toBe("unauthenticated");
  });

  if (access.for !== "member")
    test("is for Studio's own servers alone", async () => {
      await shared();
      expect(await direct(ada.as, path, access)).toBe("forbidden");
    });
  if (access.for === "service") return;

  test("leaves another organization's rows alone", async () => {
    const isOwn = access.foreign === "own";
    await (isOwn ? fresh() : shared());
    expect(await outcome(eve, path, access)).toBe(isOwn ? "ok" : "not_found");
  });

  if (access.for === "member")
    test("is refused to a server's token, which has no organization", async () => {
      await shared();
      expect(await direct(db.service, path, access)).toBe("forbidden");
    });

  test.each(ROLES)(`knows whether a %s may`, async (role) => {
    if (ROLES.indexOf(role) < ROLES.indexOf(access.min)) {
      const refused = await sharedCaller(role, async () => await roleIn(role));
      expect(await outcome(refused, path, access)).toBe("forbidden");
      return;
    }
    await fresh();
    const found = await outcome(await roleIn(role), path, access);
    // A member may not drive another's session, which is a refusal too; what an admin may do is the measure.
    if (role === "admin") expect(LET_IN).toContain(found);
    else expect([...LET_IN, "forbidden"]).toContain(found);
  });

  test("takes a key with its scope, unless it is for people alone", async () => {
    await fresh();
    const found = await outcome(await keyWith([access.scope]), path, access);
    if (access.peopleOnly) expect(found).toBe("forbidden");
    else expect(LET_IN).toContain(found);
  });

  test("takes no key without its scope", async () => {
    const others = SCOPES.filter((scope) => scope !== access.scope);
    const without = await sharedCaller(`without ${access.scope}`, async () => await keyWith(others));
    expect(await outcome(without, path, access)).toBe("forbidden");
  });
});

test("of all calls that were refused, none has written anything", async () => {
  const { rows } = await shared();
  expect(await rowCounts()).toEqual(rows);
});
