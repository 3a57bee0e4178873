import { expect, test } from "vitest";
import {
  AGENT_VARIABLES,
  agentValues,
  callsIn,
  filledPrompt,
  namesIn,
  unknownNames,
} from "#domain/prompt-variables.ts";

const values = agentValues({
  organizationName: "{{agentName}} & $& Co",
  organizationId: "o1",
  agentName: "Reviewer",
  environment: "development",
  provider: "demo",
  model: "demo",
  startedAt: Date.UTC(2026, 10, 6, 8, 2, 41),
});

test("names are filled in once, and what a value says is never a name", () => {
  expect(filledPrompt("You are {{agentName}} of {{ organizationName }}.", values)).toBe(
    "You are Reviewer of {{agentName}} & $& Co.",
  );
  expect(filledPrompt("{{currentTime}} {{currentDate}}", values)).toBe("2026-11-06T08:02:41.000Z 2026-11-06");
  expect(Object.keys(values).toSorted()).toEqual(AGENT_VARIABLES.map(({ name }) => name).toSorted());
});

test("what is no name stays as it is", () => {
  const odd = '{{unknown}} {{constructor}} {{}} {agentName} {{agent name}} {{entity.query({"type":"x"})}}';
  expect(filledPrompt(odd, values)).toBe(odd);
  expect(unknownNames(odd, AGENT_VARIABLES)).toEqual(["unknown", "constructor"]);
  expect(callsIn(odd)).toEqual(["entity.query"]);
  expect(namesIn("{{a}} {{a}} {{b.c}}")).toEqual(["a", "b.c"]);
});

test("a prompt of the largest size that is all braces is read at once", () => {
  const began = performance.now();
  namesIn("{{a ".repeat(8_000));
  filledPrompt("{{".repeat(16_000), values);
  namesIn(`{{${" ".repeat(31_000)}`);
  expect(performance.now() - began).toBeLessThan(2_000);
});
