import { expect, test } from "vitest";
import { inTurns } from "#server/engine/sweep.ts";

test("CODE-9: work is done in turns between organizations", () => {
  const many = Array.from({ length: 5 }, (_, i) => ({ organizationId: "large", id: `l${i}` }));
  const few = [
    { organizationId: "small", id: "s0" },
    { organizationId: "small", id: "s1" },
    { organizationId: "tiny", id: "t0" },
  ];
  expect(inTurns([...many, ...few]).map(({ id }) => id)).toEqual([
    "l0",
    "s0",
    "t0",
    "l1",
    "s1",
    "l2",
    "l3",
    "l4",
  ]);
});
