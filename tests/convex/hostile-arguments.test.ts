import { makeFunctionReference } from "convex/server";
import { convexTest } from "convex-test";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import schema from "#convex/schema.ts";
import type { Access, Ids } from "#tests/function-access.ts";
import { FUNCTIONS } from "#tests/functions.ts";
import { database, type Database, hashOf, member, type Member, readySession } from "./support.ts";
import { AGENT, SKILL, RULE } from "./things.ts";

/** A validator as `exportArgs()` writes it. */
type Shape =
  | { type: "object"; value: Record<string, { fieldType: Shape; optional: boolean }> }
  | { type: "array" | "union"; value: unknown }
  | { type: string };
interface Registered {
  isQuery?: boolean;
  exportArgs?: () => string;
}
const modules = import.meta.glob<Record<string, Registered>>("../../convex/*.ts", { eager: true });

function registered(path: string): Registered {
  const [file = "", name = ""] = path.split(":");
  const found = modules[`../../convex/${file}.ts`]?.[name];
  if (!found) throw new Error(`there is no function ${path}`);
  return found;
}

type Place = (string | number)[];

/** Every place in a function's arguments where a value stands, nested ones included. */
function placesOf(shape: Shape, at: Place = []): Place[] {
  if (shape.type === "object" && "value" in shape)
    return Object.entries(shape.value as Record<string, { fieldType: Shape }>).flatMap(
      ([name, { fieldType }]) => [[...at, name], ...placesOf(fieldType, [...at, name])],
    );
  if (shape.type === "array" && "value" in shape)
    return [[...at, 0], ...placesOf(shape.value as Shape, [...at, 0])];
  if (shape.type === "union" && "value" in shape)
    return (shape.value as Shape[]).flatMap((one) => placesOf(one, at));
  return [];
}

/** The arguments with another value at one place; what lies on the way there is made. */
function withValue(args: unknown, [step, ...rest]: Place, value: unknown): unknown {
  if (step === undefined) return value;
  if (typeof step === "number") {
    const items = Array.isArray(args) ? [...args] : [];
    items[step] = withValue(items[step], rest, value);
    return items;
  }
  const fields = typeof args === "object" && args !== null && !Array.isArray(args) ? args : {};
  return { ...fields, [step]: withValue((fields as Record<string, unknown>)[step], rest, value) };
}

const deep = (levels: number): unknown => (levels === 0 ? "x" : { a: [deep(levels - 1)] });

/** What somebody hostile sends. */
const HOSTILE: readonly [string, unknown][] = [
  ["overlong", "x".repeat(1_000_000)],
  ["overlong in bytes", "\u{1F600}".repeat(60_000)],
  ["longer than a word", "y".repeat(50_000)],
  ["empty", ""],
  ["foreign text", "\0../../etc/passwd"],
  ["negative", -1],
  ["fractional", 0.5],
  ["NaN", Number.NaN],
  ["infinite", Number.POSITIVE_INFINITY],
  ["minus infinite", Number.NEGATIVE_INFINITY],
  ["huge", 1e300],
  ["not safe", Number.MAX_SAFE_INTEGER + 1],
  ["deep", deep(12)],
  ["many", Array.from({ length: 5_000 }, () => "z")],
  ["many lists", Array.from({ length: 2_000 }, () => ["z"])],
  ["another type", true],
  ["nothing", null],
];

const KNOWN = new Set(
  "unauthenticated forbidden not_found invalid_request unknown_provider unknown_model session_stopped session_limit queue_full not_ready not_waiting turn_running not_saved already_decided lease_lost project_moved already_exists".split(
    " ",
  ),
);
/** How an engine says that the arguments have not the declared types, or are no values at all. */
const BY_VALIDATOR =
  /Validator error|ArgumentValidationError|Value does not match validator|is not a supported Convex type|nested too deep|Unexpected field|Missing required field/;
/** How `convex-test` alone, and no platform, takes a null for an object, and a text that is no cursor. */
const OF_CONVEX_TEST = /^Cannot convert undefined or null to object$|^Unexpected (?:token|end)|JSON/;

const engine = convexTest.toString().includes("openEngine") ? "embedded" : "convex-test";

async function outcome(call: Promise<unknown>): Promise<"ok" | "refused" | "broke"> {
  try {
    await call;
    return "ok";
  } catch (error) {
    const { data, message } = error as { data?: { code?: string }; message: string };
    if (data?.code !== undefined) return KNOWN.has(data.code) ? "refused" : "broke";
    return BY_VALIDATOR.test(message) || (engine === "convex-test" && OF_CONVEX_TEST.test(message))
      ? "refused"
      : "broke";
  }
}

/** No row has a text longer than any bound allows, or a number that no count, moment or amount can be. */
function oddities(value: unknown, path: string): string[] {
  // Twice a message, since JSON text writes some characters longer.
  if (typeof value === "string") return value.length > 200_000 ? [`${path}: ${value.length} characters`] : [];
  if (typeof value === "number") {
    // An agent's temperature is the one number that people set and that has a fraction.
    if (path.endsWith(".temperature")) return value >= 0 && value <= 2 ? [] : [`${path}: ${value}`];
    const whole = path.endsWith("._creationTime") || Number.isSafeInteger(value);
    return whole && value >= 0 ? [] : [`${path}: ${value}`];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => oddities(field, `${path}.${name}`));
}

async function oddRows({ t }: Database): Promise<string[]> {
  return await t.run(async (ctx) => {
    const found: string[] = [];
    for (const table of Object.keys(schema.tables) as (keyof typeof schema.tables)[])
      for (const row of await ctx.db.query(table).take(200)) found.push(...oddities(row, table));
    return found;
  });
}

async function field() {
  const db = database();
  const ada = await member(db, "ada");
  const { sessionId } = await readySession(db, ada);
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "hi" });
  const keyId = await ada.by.mutation(api.apiKeys.create, {
    name: "k",
    hash: hashOf("h"),
    last4: "abcd",
    scopes: [],
    environment: "development",
  });
  const { id: agentId } = await ada.as.mutation(api.agents.create, AGENT);
  const { id: skillId } = await ada.as.mutation(api.skills.create, SKILL);
  const { id: ruleId } = await ada.as.mutation(api.approvalRules.create, RULE);
  const none = "";
  const { organizationId, userId } = ada;
  const ids: Ids = {
    organizationId,
    userId,
    sessionId,
    runId,
    keyId,
    commandId: none,
    dataKeyId: none,
    checkpointKeyId: none,
    policyId: none,
    setupScriptId: none,
    setupBuildId: none,
    checkpointId: none,
    agentId,
    skillId,
    offerId: none,
    ruleId,
    serverId: none,
    grantId: none,
    rewindId: none,
    pursuitId: none,
    webhookId: none,
    importId: none,
    connectionId: none,
    topUpPlanId: none,
    notificationId: none,
    deliveryId: none,
    destinationId: none,
    subscriptionId: none,
  };
  return { db, ada, ids };
}

async function call(
  { db, ada }: { db: Database; ada: Member },
  path: string,
  access: Access,
  args: unknown,
): Promise<unknown> {
  const acting = access.for === "actor";
  const as = acting ? db.service : ada.as;
  const whole = (acting ? { ...(args as object), actor: ada.actor } : args) as Record<string, unknown>;
  return registered(path).isQuery
    ? await as.query(makeFunctionReference<"query">(path), whole)
    : await as.mutation(makeFunctionReference<"mutation">(path), whole);
}

// The embedded engine writes a line for each of the thousands of refusals.
beforeAll(() => void vi.spyOn(process.stderr, "write").mockReturnValue(true));
afterAll(() => void vi.restoreAllMocks());

/** One for all functions, as long as nothing was done in it. */
let untouched: ReturnType<typeof field> | undefined;

const reached = Object.entries(FUNCTIONS).filter(([, access]) => access.for !== "service");

describe.each(reached)("SEC-8: %s", (path, access) => {
  test("SEC-8: refuses hostile arguments, or stores nothing out of bounds", async () => {
    const shape = JSON.parse(registered(path).exportArgs?.() ?? "null") as Shape;
    const places = placesOf(shape).filter(([first]) => first !== "actor");
    const faults: string[] = [];
    for (const place of places)
      for (const [what, value] of HOSTILE) {
        const at = await (untouched ??= field());
        const args = withValue(access.args(at.ids), place, value);
        const found = await outcome(call(at, path, access, args));
        if (found === "broke") faults.push(`${place.join(".")} ${what}: broke`);
        if (found !== "ok" || registered(path).isQuery) continue;
        for (const odd of await oddRows(at.db)) faults.push(`${place.join(".")} ${what}: ${odd}`);
        // What was done may stand in the way of the next.
        untouched = undefined;
      }
    expect(faults).toEqual([]);
  });
});

test("SEC-8: the walk reaches every function that a person, or a server for them, may call", () => {
  expect(reached.length).toBeGreaterThan(30);
  const numbers = reached.flatMap(([path]) => placesOf(JSON.parse(registered(path).exportArgs!()) as Shape));
  expect(numbers.length).toBeGreaterThan(100);
});
