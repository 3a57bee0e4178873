import { expect, onTestFinished, test } from "vitest";
import { Ready, type ReadyOptions } from "#sandbox-host/ready.ts";
import type { Sandbox } from "#sandbox-host/sandbox.ts";
import { BASE_TEMPLATE, type Template } from "#sandbox-host/templates.ts";

const other: Template = { ...BASE_TEMPLATE, name: "other" };
const PLENTY = 2 ** 40;

/** The part of a sandbox that this part of the host sees. */
const waiting = (template: Template): Sandbox =>
  ({ id: "i", spec: { template }, isAlive: true, onExit: () => undefined }) as unknown as Sandbox;

function readyWith(options: Partial<ReadyOptions> = {}) {
  const made: Sandbox[] = [];
  const ended: Sandbox[] = [];
  const ready = new Ready({
    count: 1,
    make: async (template) => {
      const sandbox = waiting(template);
      made.push(sandbox);
      return sandbox;
    },
    end: async (sandbox) => void ended.push(sandbox),
    log: () => undefined,
    available: () => PLENTY,
    ...options,
  });
  onTestFinished(() => ready.close());
  return { ready, made, ended };
}

test("one waits after a template was used, is given away once, and is followed by another", async () => {
  const { ready, made } = readyWith();
  expect(ready.take(BASE_TEMPLATE)).toBeUndefined();
  ready.used(BASE_TEMPLATE);
  await expect.poll(() => made.length).toBe(1);
  expect(ready.take(other)).toBeUndefined();
  await expect.poll(() => ready.take(BASE_TEMPLATE)).toBe(made[0]);
  expect(ready.take(BASE_TEMPLATE)).toBeUndefined();
  ready.used(BASE_TEMPLATE);
  await expect.poll(() => made.length).toBe(2);
});

test("one that has ended is not given away, though nobody has heard of it yet", async () => {
  const { ready, made, ended } = readyWith();
  ready.used(BASE_TEMPLATE);
  await expect.poll(() => ready.size).toBe(1);
  Object.assign(made[0]!, { isAlive: false });
  expect(ready.take(BASE_TEMPLATE)).toBeUndefined();
  made[0]!.onExit();
  await expect.poll(() => ended).toEqual(made.slice(0, 1));
});

test("a host that is asked for other things makes it later, and makes it", async () => {
  const { ready, made } = readyWith();
  const asking = setInterval(() => ready.busy(), 20);
  ready.busy();
  ready.used(BASE_TEMPLATE);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(made).toEqual([]);
  await expect.poll(() => made.length, { timeout: 15_000 }).toBe(1);
  clearInterval(asking);
}, 20_000);

test("what waits ends when another template is asked for, and when the host closes", async () => {
  const { ready, made, ended } = readyWith();
  ready.used(BASE_TEMPLATE);
  await expect.poll(() => made.length).toBe(1);
  ready.used(other);
  await expect.poll(() => made.length).toBe(2);
  expect(ended).toEqual([made[0]]);
  await ready.close();
  expect(ended).toEqual(made);
  ready.used(BASE_TEMPLATE);
  expect(ready.take(other)).toBeUndefined();
});

test("none waits of a snapshot, or where none is wanted", async () => {
  const none = readyWith({ count: 0 });
  const { ready, made } = readyWith();
  none.ready.used(BASE_TEMPLATE);
  ready.used({ ...BASE_TEMPLATE, name: "snapshot:default", base: "base" });
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect([...none.made, ...made]).toEqual([]);
});

test("what ends while it waits is replaced", async () => {
  const { ready, made, ended } = readyWith();
  ready.used(BASE_TEMPLATE);
  await expect.poll(() => made.length).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 10));
  made[0]?.onExit();
  expect(ready.take(BASE_TEMPLATE)).toBeUndefined();
  await expect.poll(() => made.length, { timeout: 10_000 }).toBe(2);
  expect(ended).toEqual([made[0]]);
}, 15_000);

test("where memory is short none is made, and what waits is ended", async () => {
  let available = 2 ** 20;
  const { ready, made, ended } = readyWith({ available: () => available });
  ready.used(BASE_TEMPLATE);
  await new Promise((resolve) => setTimeout(resolve, 800));
  expect(made).toEqual([]);
  available = PLENTY;
  await expect.poll(() => made.length, { timeout: 10_000 }).toBe(1);
  available = 2 ** 20;
  await expect.poll(() => ended.length, { timeout: 10_000 }).toBe(1);
  expect(ready.take(BASE_TEMPLATE)).toBeUndefined();
}, 30_000);
