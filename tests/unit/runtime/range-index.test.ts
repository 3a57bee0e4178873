import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RangeIndex, type RangeNode } from "#runtime/engine/range-index.ts";
import { compareKeys } from "#runtime/storage/keys.ts";

const key = fc.uint8Array({ maxLength: 2, max: 4 });

test("finds exactly the ranges that contain a key, while they come and go", () => {
  const step = fc.record({ lo: key, hi: key, probe: key, drop: fc.option(fc.nat(40)) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const index = new RangeIndex<number>();
      const present = new Map<number, RangeNode<number>>();
      steps.forEach(({ lo, hi, probe, drop }, i) => {
        present.set(i, index.add(lo, hi, i));
        const dropped = drop === null ? undefined : present.get(drop);
        if (drop !== null && dropped) {
          index.remove(dropped);
          present.delete(drop);
        }
        const found: number[] = [];
        index.containing(probe, (value) => found.push(value));
        const expected = [...present.values()].filter(
          (range) => compareKeys(range.lo, probe) <= 0 && compareKeys(probe, range.hi) < 0,
        );
        expect(found.toSorted((a, b) => a - b)).toEqual(expected.map(({ value }) => value));
      });
    }),
    { numRuns: 300 },
  );
});
