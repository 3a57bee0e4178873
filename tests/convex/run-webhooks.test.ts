import { expect, test } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { WEBHOOK_CLAIM_MS, WEBHOOK_RETRIES_MS } from "#domain/webhooks.ts";
import { member } from "./support.ts";
import { HEADLESS } from "./things.ts";
import { ada, db, freshWorld } from "./world.ts";

freshWorld();

const KEY = { wrapped: "w", kekVersion: 1 };
const HOOK = { url: "https://hooks.example.com/x", ciphertext: "c", sealedFor: "s" };
const begin = async (more: object = {}) =>
  await ada.by.mutation(api.headlessRuns.start, { ...HEADLESS, webhook: { ...HOOK, dataKey: KEY }, ...more });
const dueAt = async (now: number) => (await db.service.query(api.due.webhooks, { now })).items;
const claim = async (webhookId: Id<"runWebhooks">, now: number) =>
  await db.service.mutation(api.runWebhooks.claim, { webhookId, now });
const LATER = () => Date.now() + 1_000;

test("a webhook waits for its run, is due when that ends, and is delivered once", async () => {
  const { runId, sessionId } = await begin();
  expect(await ada.as.query(api.runWebhooks.ofRun, { runId })).toMatchObject({
    url: HOOK.url,
    status: "waiting",
    attempts: 0,
  });
  expect(await dueAt(LATER())).toEqual([]);
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  const [due] = await dueAt(LATER());
  const webhookId = due!.webhookId;
  const now = LATER();
  const [first, second] = await Promise.all([claim(webhookId, now), claim(webhookId, now)]);
  expect([first, second].filter(Boolean)).toHaveLength(1);
  expect(first ?? second).toMatchObject({
    attempt: 1,
    url: HOOK.url,
    run: { status: "cancelled" },
    dataKey: KEY,
  });
  await db.service.mutation(api.runWebhooks.came, { webhookId, attempt: 1, status: 200, now });
  expect(await ada.as.query(api.runWebhooks.ofRun, { runId })).toMatchObject({
    status: "delivered",
    attempts: 1,
    lastStatus: 200,
    deliveredAt: now,
  });
  expect(await dueAt(now + 10 * WEBHOOK_CLAIM_MS)).toEqual([]);
});

test("an attempt whose server died is made again; one that failed later, until none is left", async () => {
  const { sessionId, runId } = await begin();
  await ada.as.mutation(api.sandboxSessions.stop, { sessionId });
  const webhookId = (await dueAt(LATER()))[0]!.webhookId;
  let now = LATER();
  await claim(webhookId, now);
  expect(await dueAt(now)).toEqual([]);
  now += WEBHOOK_CLAIM_MS;
  for (let attempt = 2; attempt <= WEBHOOK_RETRIES_MS.length + 1; attempt += 1) {
    expect((await claim(webhookId, now))?.attempt).toBe(attempt);
    await db.service.mutation(api.runWebhooks.came, { webhookId, attempt, status: 500, error: "500", now });
    now += WEBHOOK_RETRIES_MS[attempt - 1] ?? 0;
  }
  expect(await ada.as.query(api.runWebhooks.ofRun, { runId })).toMatchObject({
    status: "failed",
    attempts: WEBHOOK_RETRIES_MS.length + 1,
    lastError: "500",
  });
  expect(await claim(webhookId, now)).toBeNull();
});

test("a secret needs the data key that is in use, and none besides", async () => {
  await begin();
  await expect(begin()).rejects.toMatchObject({ data: { kind: "webhook_race" } });
  await begin({ webhook: HOOK });
  expect(await ada.by.query(api.runWebhooks.forMaking, {})).toMatchObject({ dataKey: KEY });
  const eve = await member(db, "eve");
  expect(await eve.by.query(api.runWebhooks.forMaking, {})).toMatchObject({ dataKey: null });
});

test("runs of one person are theirs; of somebody who is none here there are none", async () => {
  const mia = await member(db, "mia", "member", "ada");
  const eve = await member(db, "eve");
  await begin();
  const { runId } = await mia.by.mutation(api.headlessRuns.start, HEADLESS);
  const list = async (more: object) =>
    (await ada.as.query(api.runs.list, { paginationOpts: { numItems: 20, cursor: null }, ...more })).page.map(
      ({ _id }) => _id,
    );
  expect(await list({ personId: mia.userId })).toEqual([runId]);
  expect(await list({ personId: eve.userId })).toEqual([]);
  expect(await list({ personId: "nothing" })).toEqual([]);
  expect(await list({ personId: mia.userId, mine: true })).toEqual([]);
  expect(await list({})).toHaveLength(2);
});

test("a webhook's whole address is for admins and for who asked", async () => {
  const { runId } = await begin();
  expect((await ada.as.query(api.runWebhooks.ofRun, { runId }))?.url).toBe(HOOK.url);
  const viewer = await member(db, "vera", "viewer", "ada");
  const url = new URL(HOOK.url);
  expect(url.pathname).not.toBe("/");
  expect((await viewer.as.query(api.runWebhooks.ofRun, { runId }))?.url).toBe(`${url.origin}/…`);
});
