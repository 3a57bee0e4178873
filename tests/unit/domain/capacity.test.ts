import { expect, test } from "vitest";
import { queueOrder, sandboxLimits } from "#domain/capacity.ts";

test("how many sandboxes there may be follows from memory, one at least; the operator's word outranks it", () => {
  expect(sandboxLimits({ memoryMb: 1_000 })).toEqual({ max: 1, warm: 0 });
  expect(sandboxLimits({ memoryMb: 4_700 })).toEqual({ max: 3, warm: 0 });
  expect(sandboxLimits({ memoryMb: 7_500 })).toEqual({ max: 5, warm: 1 });
  expect(sandboxLimits({ memoryMb: 32_000 })).toEqual({ max: 29, warm: 2 });
  // A cloud says nothing of its machines.
  expect(sandboxLimits({})).toEqual({ max: null, warm: 2 });
  expect(sandboxLimits({ memoryMb: 32_000, max: 2 })).toEqual({ max: 2, warm: 0 });
  expect(sandboxLimits({ memoryMb: 32_000, warm: 0 })).toEqual({ max: 29, warm: 0 });
  // What is warm leaves room for one that is live.
  expect(sandboxLimits({ max: 3, warm: 8 })).toEqual({ max: 3, warm: 2 });
  expect(sandboxLimits({ max: 1, warm: 1 })).toEqual({ max: 1, warm: 0 });
});

test("organizations take turns in the queue, and one that has much comes later", () => {
  const at = (organizationId: string, since: number) => ({
    organizationId,
    since,
    name: `${organizationId}${since}`,
  });
  const names = (all: { name: string }[]) => all.map(({ name }) => name);
  const crowd = [at("a", 1), at("a", 2), at("a", 3), at("b", 4), at("c", 5)];
  expect(names(queueOrder(crowd, []))).toEqual(["a1", "b4", "c5", "a2", "a3"]);
  const held = [{ organizationId: "b" }, { organizationId: "b" }];
  expect(names(queueOrder(crowd, held))).toEqual(["a1", "c5", "a2", "a3", "b4"]);
  // Without others nobody waits for a turn.
  expect(names(queueOrder([at("a", 2), at("a", 1)], [{ organizationId: "a" }]))).toEqual(["a1", "a2"]);
});
