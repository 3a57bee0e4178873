import { expect, test } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { Notifier } from "#server/engine/notifier.ts";

type DeliveryId = Id<"notificationDeliveries">;

function notifier() {
  const under = new Map<string, () => void>();
  const began: string[] = [];
  const stopping = new AbortController();
  const made = new Notifier(stopping.signal, async (id) => {
    began.push(id);
    await new Promise<void>((resolve) => under.set(id, resolve));
  });
  const start = (id: string, organization: string) => made.start(id as DeliveryId, organization);
  return { made, start, under, began, stopping };
}

test("a slow receiver takes no more than its organization's share, and others are told meanwhile", async () => {
  const { made, start, under, began, stopping } = notifier();
  for (let n = 0; n < 10; n += 1) start(`slow${n}`, "slow");
  expect(began).toHaveLength(4);
  start("slow0", "slow");
  start("other", "small");
  expect(began.slice(4)).toEqual(["other"]);
  under.get("slow0")?.();
  await expect.poll(() => (start("slow9", "slow"), began.at(-1))).toBe("slow9");
  stopping.abort();
  start("late", "small");
  for (const end of under.values()) end();
  await made.ended();
  expect(began).not.toContain("late");
});

test("no more than some at the same time, whoever's they are; one that fails is looked at again", async () => {
  const { start, began, made, under } = notifier();
  for (let n = 0; n < 40; n += 1) start(`d${n}`, `o${n}`);
  expect(began).toHaveLength(16);
  for (const end of under.values()) end();
  await made.ended();
  const failing = new Notifier(new AbortController().signal, async () => {
    throw new Error("the database is away");
  });
  failing.start("d" as DeliveryId, "o");
  await failing.ended();
});
