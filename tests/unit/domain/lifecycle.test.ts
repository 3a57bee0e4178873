import { expect, test } from "vitest";
import { betterTitle, canMove, deadlineOf, isLive, STATUSES, titleOf } from "#domain/lifecycle.ts";

test.each([
  ["Build the thing\nwith care", "Build the thing"],
  ["\n\n  - fix it  \n", "- fix it"],
  ["```demo\nsay hello\n```", "say hello"],
  ["  \n…\n", "New session"],
  [`${"word ".repeat(30)}end`, `${"word ".repeat(15)}word…`],
  ["日本語で書く", "日本語で書く"],
  // CODE-10
  ["---\nFix the login bug", "Fix the login bug"],
  // PAGE-22
  ["run `npm test` and **fix** what fails", "run npm test and fix what fails"],
  ["``\n`x`", "x"],
])("the title of %j is %j", (message, title) => {
  expect(titleOf(message)).toBe(title);
});

test.each([
  ["say hello", "say hello", "Friendly greeting", "Friendly greeting"],
  ["say hello", "say hello", "**Friendly** `greeting`\nand more", "Friendly greeting"],
  ["say hello", "say hello", "word ".repeat(100), `${"word ".repeat(15)}word…`],
  // A person's title, the same words again, and none at all.
  ["My own", "say hello", "Friendly greeting", null],
  ["say hello", "say hello", "Say hello", null],
  ["say hello to everybody", "say hello to everybody", "Say hello", null],
  ["say hello", "say hello", "New session - 2026-11-29T10:00:00.000Z", null],
  ["say hello", "say hello", " \n…", null],
])(
  "PAGE-22: of a session called %j after %j the agent's title %j becomes %j",
  (title, message, found, next) => {
    expect(betterTitle(title, message, found)).toBe(next);
  },
);

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
