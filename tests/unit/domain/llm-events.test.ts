import fc from "fast-check";
import { expect, test } from "vitest";
import { budgetStep } from "#domain/budget-steps.ts";

test("a warning comes once at each step, and says the highest that was passed", () => {
  expect(budgetStep(0, 49, 100)).toBeNull();
  expect(budgetStep(49, 50, 100)).toBe(50);
  expect(budgetStep(50, 79, 100)).toBeNull();
  expect(budgetStep(10, 90, 100)).toBe(80);
  expect(budgetStep(0, 250, 100)).toBe(100);
  expect(budgetStep(100, 400, 100)).toBeNull();
  expect(budgetStep(0, 400, undefined)).toBeNull();
  expect(budgetStep(0, 0, 0)).toBeNull();
});

test("whatever calls cost, each step is told of at most once, and the last one that was passed is", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60 })),
      fc.integer({ min: 1, max: 200 }),
      (costs, limit) => {
        let spent = 0;
        const told: number[] = [];
        for (const cost of costs) {
          const step = budgetStep(spent, spent + cost, limit);
          spent += cost;
          if (step !== null) told.push(step);
        }
        expect(told).toEqual([...new Set(told)].toSorted((a, b) => a - b));
        const last = [100, 80, 50].find((step) => spent * 100 >= limit * step);
        expect(told.at(-1)).toBe(last);
      },
    ),
  );
});
