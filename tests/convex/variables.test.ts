import { describe, expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { MAX_PLACE_BYTES, MAX_VARIABLES } from "#domain/variables.ts";
import { freshSession, generation, sessionId } from "./ready-session.ts";
import { member } from "./support.ts";
import { ada, db } from "./world.ts";

freshSession();

const KEY = { wrapped: "w", kekVersion: 1 };
type Place = "development" | "production" | null;

const save = async (name: string, environment: Place, version = 1, more: object = {}) =>
  await ada.by.mutation(api.variables.save, {
    name,
    environment,
    description: "d",
    reach: "agent",
    sealed: { ciphertext: `sealed ${name} ${version}`, version },
    ...more,
  });
const first = async (name: string, environment: Place = null) =>
  await save(name, environment, 1, { dataKey: KEY });
const problem = (code: string, words: RegExp) => ({ data: { code, message: expect.stringMatching(words) } });

test("a variable's value is in nothing that members read, nor in the audit log", async () => {
  await first("TOKEN");
  await save("TOKEN", null, 2);
  const mia = await member(db, "mia", "viewer", "ada");
  const listed = await mia.as.query(api.variables.list, {});
  expect(listed).toEqual([
    { name: "TOKEN", environment: null, description: "d", reach: "agent", updatedAt: expect.any(Number) },
  ]);
  const entries = await db.t.run(async (ctx) => await ctx.db.query("auditEntries").collect());
  const told = entries.filter(({ action }) => action.startsWith("variable."));
  expect(told.map(({ action, target }) => [action, target])).toEqual([
    ["variable.added", "TOKEN"],
    ["variable.changed", "TOKEN"],
  ]);
  expect(JSON.stringify([listed, told])).not.toContain("sealed TOKEN");
});

test("without a value the one before stays, and a new variable needs one", async () => {
  await expect(save("TOKEN", null, 1, { sealed: undefined })).rejects.toMatchObject(
    problem("invalid_request", /needs one/),
  );
  await first("TOKEN");
  await save("TOKEN", null, 2, { sealed: undefined, reach: "terminals", description: "new" });
  const { variables } = await db.service.query(api.variables.forSession, { sessionId });
  expect(variables).toMatchObject([
    { reach: "terminals", description: "new", ciphertext: "sealed TOKEN 1", version: 1 },
  ]);
});

test("of two saves at the same moment one is refused, and so is a name that sandboxes need", async () => {
  await first("TOKEN");
  await save("TOKEN", null, 2);
  await expect(save("TOKEN", null, 2)).rejects.toMatchObject(problem("invalid_request", /same moment/));
  // Another data key, beside the one that is in use, could open nothing of what is there.
  await expect(save("OTHER", null, 1, { dataKey: KEY })).rejects.toMatchObject(
    problem("invalid_request", /same moment/),
  );
  for (const name of ["PATH", "STUDIO_X", "LD_PRELOAD", "https_proxy", "NODE_OPTIONS"])
    await expect(save(name, null)).rejects.toMatchObject(problem("invalid_request", /another name/));
  for (const name of ["", "1A", "A-B", "A=B", "Ä", "A".repeat(129)])
    await expect(save(name, null)).rejects.toMatchObject({ data: { code: "invalid_request" } });
});

describe("in one place", () => {
  test(`there are ${MAX_VARIABLES} variables at most, which can still be changed`, async () => {
    await first("V0");
    for (let index = 1; index < MAX_VARIABLES; index += 1) await save(`V${index}`, null);
    await expect(save("ONE_MORE", null)).rejects.toMatchObject(problem("invalid_request", /Remove one/));
    await save("V0", null, 2);
    await save("ONE_MORE", "production");
  });

  test("values have so many bytes together", async () => {
    const sealed = (bytes: number) => ({ ciphertext: "c".repeat(Math.ceil((bytes * 4) / 3)), version: 1 });
    await save("A", null, 1, { dataKey: KEY, sealed: sealed(8_000) });
    await save("B", null, 1, { sealed: sealed(MAX_PLACE_BYTES - 8_000) });
    await expect(save("C", null, 1, { sealed: sealed(8_000) })).rejects.toMatchObject(
      problem("invalid_request", /bytes together/),
    );
  });
});

test("a session gets those of its environment, which outrank those for all", async () => {
  await first("EVERYWHERE");
  await save("BOTH", null);
  await save("BOTH", "development");
  await save("ELSEWHERE", "production");
  const { variables } = await db.service.query(api.variables.forSession, { sessionId });
  expect(variables.map(({ name, environment }) => [name, environment])).toEqual([
    ["BOTH", "development"],
    ["EVERYWHERE", null],
  ]);
});

test("what a session began with is kept until it ends, whatever becomes of the variable", async () => {
  await first("TOKEN");
  const keep = { sessionId, generation, ciphertext: "all", wrapped: "w" };
  await expect(
    db.service.mutation(api.variables.keep, { ...keep, wrapped: "another" }),
  ).rejects.toMatchObject(problem("invalid_request", /same moment/));
  await expect(
    db.service.mutation(api.variables.keep, { ...keep, generation: generation + 1 }),
  ).rejects.toMatchObject({ data: { code: "lease_lost" } });
  await db.service.mutation(api.variables.keep, keep);
  await db.service.mutation(api.variables.keep, { ...keep, ciphertext: "all, tried again" });
  await ada.as.mutation(api.variables.remove, { name: "TOKEN", environment: null });
  const kept = { ciphertext: "all, tried again", organizationId: ada.organizationId, dataKey: KEY };
  expect(await db.service.query(api.variables.kept, { sessionId })).toEqual(kept);
  // The data key is still in use: a save that brought another one would make that unreadable.
  await expect(first("NEXT")).rejects.toMatchObject(problem("invalid_request", /same moment/));
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  expect(await db.service.query(api.variables.kept, { sessionId })).toBeNull();
  await first("NEXT");
});
