import { expect, test } from "vitest";
import { Refusals } from "#sandbox-host/network/refusals.ts";

const to = (host: string, port = 443) => ({ host, port });

test("each destination of a sandbox is told of once, in order", () => {
  const refusals = new Refusals();
  expect(refusals.add("a", to("x.example"), "policy")).toBe(true);
  expect(refusals.add("a", to("x.example"), "policy")).toBe(false);
  expect(refusals.add("a", to("x.example", 80), "policy")).toBe(true);
  expect(refusals.add("b", to("x.example"), "private")).toBe(true);
  const all = refusals.after(0, 10);
  expect(all.map(({ sandboxId, port, kind }) => [sandboxId, port, kind])).toEqual([
    ["a", 443, "policy"],
    ["a", 80, "policy"],
    ["b", 443, "private"],
  ]);
  expect(refusals.after(all[0]!.seq, 1)).toEqual([all[1]]);
  expect(refusals.after(all[2]!.seq, 10)).toEqual([]);
});

test("a sandbox whose rules have changed is told of again", () => {
  const refusals = new Refusals();
  refusals.add("a", to("x.example"), "policy");
  refusals.forget("a");
  expect(refusals.add("a", to("x.example"), "policy")).toBe(true);
});

test("a hostile sandbox cannot flood it, nor push out what others were refused", () => {
  const refusals = new Refusals();
  refusals.add("quiet", to("x.example"), "policy");
  let told = 0;
  for (let index = 0; index < 5_000; index += 1)
    if (refusals.add("loud", to(`h${index}.example`), "policy")) told += 1;
  expect(told).toBe(100);
  expect(refusals.after(0, 5_000)).toHaveLength(101);
  for (let sandbox = 0; sandbox < 50; sandbox += 1)
    for (let index = 0; index < 100; index += 1)
      refusals.add(`s${sandbox}`, to(`h${index}.example`), "policy");
  expect(refusals.after(0, 5_000)).toHaveLength(1_000);
});
