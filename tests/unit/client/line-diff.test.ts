import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type DiffLine, diffLines, rowsOf } from "#client/line-diff.ts";

const ops = (lines: DiffLine[]) =>
  lines.map((line) => `${{ same: " ", add: "+", del: "-" }[line.op]}${line.text}`);

const join = (lines: string[]) => lines.map((line) => `${line}\n`).join("");
const big = (mark: string) => Array.from({ length: 3000 }, (_, i) => `${mark}${i}`).join("\n");

test("a new file is all added, from line 1", () => {
  const { hunks, added, removed } = diffLines(null, "a\nb\n");
  expect([added, removed]).toEqual([2, 0]);
  expect(hunks).toEqual([
    {
      header: "@@ -0,0 +1,2 @@",
      lines: [
        { op: "add", text: "a", after: 1 },
        { op: "add", text: "b", after: 2 },
      ],
    },
  ]);
});

test("shows three lines around a change, and two changes far apart as two hunks", () => {
  const before = Array.from({ length: 30 }, (_, i) => `line ${i + 1}`);
  const after = before.with(4, "five").toSpliced(25, 1);
  const { hunks } = diffLines(before.join("\n"), after.join("\n"));
  expect(hunks.map((hunk) => hunk.header)).toEqual(["@@ -2,7 +2,7 @@", "@@ -23,7 +23,6 @@"]);
  expect(ops(hunks[0]?.lines ?? [])).toEqual([
    " line 2",
    " line 3",
    " line 4",
    "-line 5",
    "+five",
    " line 6",
    " line 7",
    " line 8",
  ]);
});

test("the same text has no hunk", () => {
  expect(diffLines("a\n", "a\n")).toEqual({ hunks: [], added: 0, removed: 0 });
});

test("a diff holds both texts, with their numbers, and is never longer than both", () => {
  const text = fc.array(fc.constantFrom("a", "b", "c", "", "long line"), { maxLength: 30 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const diff = diffLines(join(a), join(b), 100);
      const lines = diff.hunks.flatMap((hunk) => hunk.lines);
      if (diff.added + diff.removed === 0) {
        expect(a).toEqual(b);
        return;
      }
      expect(lines.filter((l) => l.op !== "add").map((l) => l.text)).toEqual(a);
      expect(lines.filter((l) => l.op !== "del").map((l) => l.text)).toEqual(b);
      expect(lines.flatMap((l) => l.before ?? [])).toEqual(a.map((_, i) => i + 1));
      expect(lines.flatMap((l) => l.after ?? [])).toEqual(b.map((_, i) => i + 1));
    }),
  );
});

test("finds the shortest script, and still answers where two files share nothing", () => {
  expect(diffLines("a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n")).toMatchObject({ added: 2, removed: 3 });
  expect(diffLines(big("x"), big("y"))).toMatchObject({ added: 3000, removed: 3000 });
});

test("beside each other, what went stands opposite what came; nothing is lost or twice", () => {
  const [hunk] = diffLines("a\nb\nc\nd\n", "a\nB\nC\nextra\nd\n").hunks;
  expect(rowsOf(hunk?.lines ?? []).map(({ left, right }) => [left?.text, right?.text])).toEqual([
    ["a", "a"],
    ["b", "B"],
    ["c", "C"],
    [undefined, "extra"],
    ["d", "d"],
  ]);
  const text = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 20 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = diffLines(join(before), join(after), 100).hunks.flatMap((one) => one.lines);
      const rows = rowsOf(lines);
      expect(rows.flatMap(({ left }) => left?.before ?? [])).toEqual(
        lines.flatMap((line) => line.before ?? []),
      );
      expect(rows.flatMap(({ right }) => right?.after ?? [])).toEqual(
        lines.flatMap((line) => line.after ?? []),
      );
      expect(rows.every(({ left, right }) => left !== undefined || right !== undefined)).toBe(true);
    }),
  );
});
