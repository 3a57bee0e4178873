import { expect, test } from "vitest";
import { suggestionsFor } from "#domain/suggestions.ts";

const name = (kind: "agent" | "entityType" | "role" | "trigger", slug: string) => ({
  kind,
  slug,
  name: slug,
});

test("each kind has its turn, and there are at most four", () => {
  const names = [
    name("agent", "a1"),
    name("agent", "a2"),
    name("agent", "a3"),
    name("entityType", "e1"),
    name("trigger", "t1"),
  ];
  expect(suggestionsFor(names).map(({ file }) => file)).toEqual([
    "agents/a1.ts",
    "entity-types/e1.ts",
    "triggers/t1.ts",
    "agents/a2.ts",
  ]);
  expect(suggestionsFor([name("role", "r")])[0]).toMatchObject({
    file: "roles/r.ts",
    title: "Review the r role",
  });
  expect(suggestionsFor([])).toEqual([]);
});
