import { expect, test } from "vitest";
import { callOf } from "#domain/rules/call.ts";
import { decide, prepare } from "#domain/rules/decide.ts";
import { SECTIONS } from "./commands.ts";

test.each(SECTIONS)("$by", ({ rules, expected, commands }) => {
  const prepared = prepare(rules);
  const wrong = commands.flatMap((command) => {
    const { action, why } = decide(prepared, callOf({ tool: "bash", kind: "execute", request: { command } }));
    return action === expected ? [] : [`${command} → ${action}: ${why}`];
  });
  expect(wrong).toEqual([]);
});

test("the table has 400 commands and more, each once", () => {
  const all = SECTIONS.flatMap(({ by, commands }) => commands.map((command) => `${by}: ${command}`));
  expect(new Set(all).size).toBeGreaterThanOrEqual(400);
  expect(all.filter((one, index) => all.indexOf(one) !== index)).toEqual([]);
});
