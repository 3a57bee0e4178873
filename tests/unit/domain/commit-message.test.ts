import { expect, test } from "vitest";
import { conversationOf } from "#demo-model/conversation.ts";
import { planReply } from "#demo-model/planner.ts";
import { COMMIT_INSTRUCTIONS, messageFrom, shownChanges } from "#domain/commit-message.ts";

const file = (path: string, lines: string, head = "index 1..2 100644") =>
  `diff --git a/${path} b/${path}\n${head}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n${lines}\n`;
const added = `diff --git a/n.txt b/n.txt\nnew file mode 100644\n--- /dev/null\n+++ b/n.txt\n@@ -0,0 +1 @@\n+n\n`;
const removed = `diff --git a/o.txt b/o.txt\ndeleted file mode 100644\n--- a/o.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-o\n`;
const binary = "diff --git a/p.png b/p.png\nindex 1..2 100644\nBinary files a/p.png and b/p.png differ\n";

test("the chosen files alone are shown, whatever was done to them", () => {
  const patch = file("src/a.ts", "-a\n+b") + added + removed + binary;
  expect(shownChanges(patch)).toContain("4 files:\n- src/a.ts\n- n.txt\n- o.txt\n- p.png\n");
  const some = shownChanges(patch, ["n.txt", "p.png"]);
  expect(some).toContain("2 files:\n- n.txt\n- p.png\n");
  expect(some).not.toContain("src/a.ts");
  expect(shownChanges(patch, ["elsewhere"])).toBe("");
  expect(shownChanges("", undefined)).toBe("");
});

test("what is too long is cut, file by file, and says so; many files stay within the bound", () => {
  const long = file("big.txt", "+x".repeat(100_000)) + file("small.txt", "+small");
  const shown = shownChanges(long);
  expect(shown.length).toBeLessThan(62_000);
  expect(shown).toContain("characters more]");
  expect(shown).toContain("+small");
  const many = Array.from({ length: 2_000 }, (_, n) => file(`f${n}.txt`, "+y".repeat(500))).join("");
  expect(shownChanges(many).length).toBeLessThan(75_000);
});

test.each([
  ["Fix the login page", "Fix the login page"],
  ["```\nFix it\n\nWhy\n```", "Fix it\n\nWhy"],
  ["```text\nFix it\n```\n", "Fix it"],
  ['"Fix it"', "Fix it"],
  ["   ", ""],
])("an answer %j is the message %j", (answer, message) => expect(messageFrom(answer)).toBe(message));

const proposed = (text: string) =>
  planReply(
    conversationOf({
      system: COMMIT_INSTRUCTIONS,
      messages: [{ role: "user", texts: [text], results: [], size: text.length }],
      tools: [],
      toolsSize: 0,
    }),
  ).pieces;

test.each([
  [file("src/a.ts", "-a\n+create a file x containing y"), "Change a.ts"],
  [added, "Add n.txt"],
  [added + removed, "Add n.txt and remove o.txt"],
  [added + removed + binary, "Add n.txt and 2 other files"],
])("the demo model has a subject for %j", (patch, text) =>
  expect(proposed(shownChanges(patch))).toEqual([{ kind: "text", text }]),
);
