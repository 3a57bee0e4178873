import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { database, member, readySession } from "./support.ts";

const SESSION = {
  environment: "development",
  provider: "demo",
  model: "demo",
  keySource: "platform",
  title: "New session",
} as const;

test("a session with work that nobody holds waits for a worker: when it is created, and when it is let go", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const waiting = async () => await db.service.query(api.sessionLeases.waiting, {});
  const created = await ada.by.mutation(api.sandboxSessions.create, SESSION);
  const sessionId = created.id as Id<"sandboxSessions">;
  expect(await waiting()).toEqual([sessionId]);
  const generation = await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "worker" });
  expect(await waiting()).toEqual([]);
  await db.service.mutation(api.sessionLeases.release, { sessionId, generation: generation ?? 0 });
  expect(await waiting()).toEqual([sessionId]);
});

test("an idle session waits for nobody, until a message comes", async () => {
  const db = database();
  const ada = await member(db, "ada");
  const { sessionId, generation } = await readySession(db, ada);
  await db.service.mutation(api.sessionLeases.release, { sessionId, generation });
  expect(await db.service.query(api.sessionLeases.waiting, {})).toEqual([]);
  await ada.as.mutation(api.runs.start, { sessionId, message: "hello" });
  expect(await db.service.query(api.sessionLeases.waiting, {})).toEqual([sessionId]);
});
