import { expect, test } from "vitest";
import { Queue } from "#runtime/storage/queue.ts";

test("what came first goes first, also when many have come and gone", () => {
  const queue = new Queue<number>();
  expect(queue.shift()).toBeUndefined();
  const gone: number[] = [];
  for (let n = 0; n < 10_000; n++) {
    queue.push(n);
    if (n % 3 !== 0) gone.push(queue.shift() ?? -1);
  }
  expect(gone).toEqual(gone.map((_, at) => at));
  expect(queue.length).toBe(10_000 - gone.length);
  while (queue.length > 0) gone.push(queue.shift() ?? -1);
  expect(gone).toHaveLength(10_000);
  expect(gone.at(-1)).toBe(9_999);
  expect(queue.shift()).toBeUndefined();
});
