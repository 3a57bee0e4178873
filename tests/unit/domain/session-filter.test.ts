import { expect, test } from "vitest";
import { groupOf, matchesFilter } from "#domain/session-filter.ts";
import type { Session } from "#domain/session.ts";

const session = {
  title: "Refunds over $500",
  status: "active",
  waitingFor: "approval",
  environment: "development",
  userId: "mara",
  archivedAt: null,
} as Session;

test.each([
  [{ status: "active", waitingFor: "approval" }, "waiting"],
  [{ status: "active", waitingFor: "credits" }, "waiting"],
  [{ status: "active", waitingFor: "provider" }, "active"],
  [{ status: "provisioning", waitingFor: "sandbox" }, "active"],
  [{ status: "ready", waitingFor: null }, "idle"],
  [{ status: "stopped", waitingFor: null }, "stopped"],
] as const)("%j is %s", (state, group) => expect(groupOf(state)).toBe(group));

test.each([
  [{}, true],
  [{ group: "waiting" }, true],
  [{ group: "active" }, false],
  [{ mine: true }, true],
  [{ environment: "production" }, false],
  [{ archived: true }, false],
] as const)("a filter %j shows it: %s", (filter, shown) =>
  expect(matchesFilter(session, filter, "mara")).toBe(shown),
);

test("one that was put away is shown where those are asked for, and nobody else's are mine", () => {
  expect(matchesFilter({ ...session, archivedAt: 1 }, {}, "mara")).toBe(false);
  expect(matchesFilter({ ...session, archivedAt: 1 }, { archived: true }, "mara")).toBe(true);
  expect(matchesFilter(session, { mine: true }, "jonas")).toBe(false);
});
