import { expect, test } from "vitest";
import { canMove, deadlineOf, isLive, STATUSES, titleOf } from "#domain/lifecycle.ts";

test.each([
  ["Build the thing\nwith care", "Build the thing"],
  ["\n\n  - fix it  \n", "- fix it"],
  ["```demo\nsay hello\n```", "say hello"],
  ["  \n…\n", "New session"],
  [`${"word ".repeat(30)}end`, `${"word ".repeat(15)}word…`],
  ["日本語で書く", "日本語で書く"],
  // PAGE-22
  ["run `npm test` and **fix** what fails", "run npm test and fix what fails"],
  ["``\n`x`", "x"],
])("the title of %j is %j", (message, title) => {
  expect(titleOf(message)).toBe(title);
});

test("a session that has ended is stopped or goes on from its beginning, and has no deadline", () => {
  for (const from of STATUSES.filter((status) => !isLive(status)))
    for (const to of STATUSES)
      expect(canMove(from, to)).toBe(to === "provisioning" || (from === "error" && to === "stopped"));
  for (const status of STATUSES) expect(deadlineOf(status, 1) !== undefined).toBe(isLive(status));
});

test("every live state can be stopped, and can fail", () => {
  for (const from of STATUSES.filter(isLive)) {
    expect(canMove(from, "stopped")).toBe(true);
    expect(canMove(from, "error")).toBe(true);
  }
});
