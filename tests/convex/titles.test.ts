import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import { freshSession, sessionId } from "./ready-session.ts";
import { ada, db } from "./world.ts";

freshSession();

const secret = `sk_studio_${"a".repeat(44)}`;

test("PAGE-22: the agent's title replaces that of the first message, once and masked, and never a person's", async () => {
  const { runId } = await ada.as.mutation(api.runs.start, { sessionId, message: "say hello" });
  const title = async () => (await ada.as.query(api.sandboxSessions.get, { sessionId })).title;
  const found = async (words: string) =>
    await db.service.mutation(api.sessionAgent.titled, { runId, found: words });
  const isWanted = async () => await db.service.query(api.sessionAgent.wantsTitle, { runId });
  expect(await title()).toBe("say hello");
  await found("Say hello");
  await found("New session - 2026-11-29");
  expect([await title(), await isWanted()]).toEqual(["say hello", true]);
  await found(`Greeting with ${secret} in it`);
  expect(await title()).toMatch(/^Greeting with \S+ in it$/);
  expect(
    JSON.stringify(await ada.as.query(api.events.list, { sessionId, after: 0, limit: 500 })),
  ).not.toContain(secret);
  expect(await isWanted()).toBe(false);
  await found("Another one");
  expect(await title()).toMatch(/^Greeting/);
  // A person's own stays, whatever the message was.
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, title: "Mine" });
  await found("Another one");
  expect(await title()).toBe("Mine");
  await ada.as.mutation(api.sandboxSessions.update, { sessionId, title: "say hello" });
  await db.t.run(async (ctx) => await ctx.db.patch(sessionId, { status: "stopped" }));
  await found("Too late");
  expect(await title()).toBe("say hello");
});
