import { expect, test } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { type DueDelivery, Notifier } from "#server/engine/notifier.ts";

const due = (id: string, organization: string, channel: DueDelivery["channel"] = "webhook"): DueDelivery => ({
  deliveryId: id as Id<"notificationDeliveries">,
  organizationId: organization as Id<"organizations">,
  channel,
});

function notifier() {
  const under = new Map<string, () => void>();
  const began: string[] = [];
  const stopping = new AbortController();
  const made = new Notifier(stopping.signal, async (id) => {
    began.push(id);
    await new Promise<void>((resolve) => under.set(id, resolve));
  });
  const start = (id: string, organization: string, channel: DueDelivery["channel"] = "webhook") =>
    made.start(due(id, organization, channel));
  /** Ends what is under way, until nothing is. */
  const endAll = async () => {
    const ended = made.ended();
    const all = setInterval(() => {
      for (const end of under.values()) end();
    }, 1);
    await ended;
    clearInterval(all);
  };
  return { made, start, under, began, stopping, endAll };
}

test("a slow receiver takes no more than its organization's share, and others are told meanwhile", async () => {
  const { start, under, began, stopping, endAll } = notifier();
  for (let n = 0; n < 10; n += 1) start(`slow${n}`, "slow");
  expect(began).toHaveLength(4);
  start("slow0", "slow");
  start("other", "small");
  expect(began.slice(4)).toEqual(["other"]);
  under.get("slow0")?.();
  // Without another sweep.
  await expect.poll(() => began.at(-1)).toBe("slow4");
  stopping.abort();
  start("late", "small");
  await endAll();
  expect(began).not.toContain("late");
  expect(began).not.toContain("slow5");
});

test("a few organizations with slow receivers don't keep every place from the others", async () => {
  const { start, under, began, endAll } = notifier();
  // As each sweep has it: what has waited the longest comes first.
  const sweep = () => {
    for (let n = 0; n < 20; n += 1) for (const org of ["a", "b", "c", "d"]) start(`${org}${n}`, org);
    start("small0", "small");
  };
  sweep();
  expect(began).toHaveLength(16);
  expect(began).not.toContain("small0");
  // Places get free one by one, and sweeps come between.
  for (const ended of ["a0", "b0", "c0", "d0", "a1"]) {
    under.get(ended)?.();
    await expect.poll(() => began.length).toBeGreaterThan(16);
    sweep();
  }
  await expect.poll(() => began.length).toBe(21);
  expect(began).toContain("small0");
  await endAll();
});

test("no more than some at the same time, whoever's they are; each is begun once, and one that fails is looked at again", async () => {
  const { start, began, endAll } = notifier();
  for (let n = 0; n < 40; n += 1) start(`d${n}`, `o${n}`);
  for (let n = 0; n < 40; n += 1) start(`d${n}`, `o${n}`);
  expect(began).toHaveLength(16);
  await endAll();
  expect(began.toSorted()).toEqual(Array.from({ length: 40 }, (_, n) => `d${n}`).toSorted());
  let tries = 0;
  const failing = new Notifier(new AbortController().signal, async () => {
    tries += 1;
    throw new Error("the database is away");
  });
  for (let n = 1; n <= 2; n += 1) {
    failing.start(due("d", "o"));
    await failing.ended();
    expect(tries).toBe(n);
  }
});

test("an organization's slow receivers don't hold up its e-mail", async () => {
  const { start, began, endAll } = notifier();
  for (let n = 0; n < 10; n += 1) start(`hook${n}`, "o", n % 2 === 0 ? "webhook" : "push");
  expect(began).toHaveLength(4);
  for (let n = 0; n < 3; n += 1) start(`mail${n}`, "o", "email");
  expect(began.slice(4)).toEqual(["mail0", "mail1"]);
  await endAll();
  expect(began).toHaveLength(13);
});
