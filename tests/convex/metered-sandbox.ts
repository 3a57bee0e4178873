/** Sandboxes whose time is counted, for tests of that. */

import { beforeEach, vi } from "vitest";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type Database, database, member, type Member } from "./support.ts";

export const MINUTE = 60_000;
const START = Date.parse("2026-11-20T10:00:00Z");
export const SIZE = { vcpus: 2, memoryMb: 2_048 };
/** 37 micro-USD a second for that size. */
export const PRICE = { vcpuNanoUsd: 14_000, gbNanoUsd: 4_500 };

export let db: Database;
export let ada: Member;

/** Starts over, at the same moment. */
export async function startOver(): Promise<void> {
  vi.setSystemTime(START);
  db = database();
  ada = await member(db, "ada");
}

/** Does so before each test of the file that calls it, under a clock that stands still. */
export function frozenClock(): void {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await startOver();
    return () => void vi.useRealTimers();
  });
}

export const later = (ms: number) => vi.setSystemTime(Date.now() + ms);
export const terms = async (
  more: { monthlyHours?: number; vcpuNanoUsd?: number; gbNanoUsd?: number } = PRICE,
) =>
  await db.service.mutation(api.sandboxMeters.setTerms, {
    vcpuNanoUsd: 0,
    gbNanoUsd: 0,
    monthlyHours: 0,
    ...more,
  });
export const grant = async (amountMicroUsd: number, who = ada) =>
  await db.service.mutation(api.credits.grant, {
    organizationId: who.organizationId,
    key: `k${amountMicroUsd}-${Date.now()}`,
    amountMicroUsd,
    description: "test",
  });
export const create = async (who = ada) =>
  await who.by.mutation(api.sandboxSessions.create, {
    environment: "development",
    provider: "demo",
    model: "demo",
    keySource: "direct",
    title: "New session",
  });

/** A session that is ready in a sandbox of that id. */
export async function running(sandboxId: string, who = ada) {
  const sessionId = (await create(who)).id as Id<"sandboxSessions">;
  const generation = (await db.service.mutation(api.sessionLeases.claim, { sessionId, holder: "t" })) ?? 0;
  const attached = { sessionId, generation, sandboxId, size: SIZE };
  await db.service.mutation(api.sandboxSessions.attachSandbox, attached);
  await db.service.mutation(api.sandboxSessions.finishProvisioning, {
    sessionId,
    generation,
    agentSessionId: "a",
    acpServerId: "b",
    durationMs: 1,
  });
  return { sessionId, generation, attached };
}

export const seen = async (sandboxId: string, more: { at?: number; ran?: boolean; ended?: boolean } = {}) =>
  await db.service.mutation(api.sandboxMeters.seen, {
    sandboxId,
    at: Date.now(),
    ran: true,
    ended: false,
    ...more,
  });
export const balance = async (who = ada) => await who.as.query(api.credits.balance, {});
export const month = async (who = ada) => await who.as.query(api.sandboxMeters.month, {});
export const meters = async () =>
  await db.t.run(async (ctx) => await ctx.db.query("sandboxMeters").collect());
export const entries = async (who = ada) =>
  (
    await who.as.query(api.credits.ledger, {
      kind: "sandbox",
      paginationOpts: { numItems: 50, cursor: null },
    })
  ).page;
export const usage = async (who = ada) =>
  (
    await who.as.query(api.usageReports.page, {
      from: "2026-01-01",
      paginationOpts: { numItems: 100, cursor: null },
    })
  ).groups;
export const due = async () =>
  (await db.service.query(api.due.meters, { now: Date.now() })).items.map(({ sandboxId }) => sandboxId);
