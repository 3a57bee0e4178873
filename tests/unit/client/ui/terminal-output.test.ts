// @vitest-environment happy-dom
import { expect, test } from "vitest";
import {
  boundedSequences,
  drawOutput,
  needsTerminal,
  type OutputLine,
  plainOf,
} from "#client/terminal-output.ts";

const E = "\u001b";
const textOf = (lines: readonly OutputLine[] | undefined) =>
  (lines ?? []).map((line) => line.map(({ text }) => text).join(""));

test("BUG-14: a text without codes needs no terminal, nor do the line ends of Windows", () => {
  expect(needsTerminal("one\r\ntwo\n")).toBe(false);
  for (const text of [`${E}[31mred`, "10%\r20%", "a\bb"]) expect(needsTerminal(text)).toBe(true);
});

test("BUG-14: colors are the page's, and a screen that is cleared shows what came after", async () => {
  expect(await drawOutput(`A${E}[31mred${E}[0m\n${E}[1;32mok${E}[0m ${E}[2mdim${E}[0m\n`)).toEqual([
    [{ text: "A" }, { text: "red", tone: "danger" }],
    [{ text: "ok", tone: "success", bold: true }, { text: " " }, { text: "dim", dim: true }],
  ]);
  expect(textOf(await drawOutput(`A${E}[31mred${E}[0m\n${E}[2J${E}[Hcleared\n`))).toEqual(["cleared"]);
});

test("BUG-14: progress that writes over itself is one line; 300 steps are not 300 lines", async () => {
  const steps = Array.from({ length: 300 }, (_, at) => `\rstep ${at + 1} of 300`).join("");
  expect(textOf(await drawOutput(`begin\n${steps}\ndone\n`))).toEqual(["begin", "step 300 of 300", "done"]);
  expect(plainOf(`begin\n${steps}\ndone\n`)).toBe("begin\nstep 300 of 300\ndone\n");
  // Shorter words leave the rest of longer ones, unless the line is cleared.
  expect(textOf(await drawOutput("loading\rok"))).toEqual(["okading"]);
  expect(textOf(await drawOutput(`loading\r${E}[Kok`))).toEqual(["ok"]);
});

test("BUG-14: a test runner goes up and writes its lines again", async () => {
  const output = `a: running\nb: running\n${E}[2A${E}[2Ka: passed\n${E}[2Kb: failed\n`;
  expect(textOf(await drawOutput(output))).toEqual(["a: passed", "b: failed"]);
});

test("BUG-14: long lines stay one, and grounds, 256 and true colors are the page's, too", async () => {
  const long = "x".repeat(1_000);
  expect(textOf(await drawOutput(`${E}[1m${long}${E}[0m\nend`))).toEqual([long, "end"]);
  expect(
    await drawOutput(`${E}[41;97m FAIL ${E}[0m ${E}[38;5;208mo${E}[38;2;10;200;30mg${E}[38;5;240mgray`),
  ).toEqual([
    [
      { text: " FAIL ", ground: "danger" },
      { text: " " },
      { text: "o", tone: "warning" },
      { text: "g", tone: "success" },
      { text: "gray" },
    ],
  ]);
  expect(await drawOutput(`${E}[7minverse${E}[0m`)).toEqual([[{ text: "inverse", ground: "neutral" }]]);
});

test("BUG-14: titles and links are not shown, and what is cut in the middle of a code does no harm", async () => {
  const output = `${E}]0;title\u0007${E}]8;;http://x.test${E}\\link${E}]8;;${E}\\ end${E}[3`;
  expect(textOf(await drawOutput(output))).toEqual(["link end"]);
  expect(plainOf(`${E}]0;title\u0007${E}[1mbold${E}[0m`)).toBe("bold");
});

test("BUG-14: what is too long for it is shown without colors", async () => {
  const long = `${E}[31m${"line\n".repeat(9_000)}`;
  expect(await drawOutput(long)).toBeUndefined();
  expect(plainOf(long)).toBe("line\n".repeat(9_000));
});

test.each(["b", "S", "T", "L", "M", "I", "Z", "@", "P", "X"])(
  "BUG-14: a sequence that repeats 2 billion times (%s) is drawn as one of a few, and many of them not at all",
  async (end) => {
    const one = `a${E}[2000000000${end}`;
    expect(boundedSequences(one)).toBe(`a${E}[999${end}`);
    expect(await drawOutput(one)).toBeDefined();
    expect(await drawOutput(one.repeat(1_000))).toBeUndefined();
  },
);

test("BUG-14: clearing the screen without end is not drawn, and colors are, however many", async () => {
  expect(boundedSequences(`${E}[2J`.repeat(6_000))).toBeUndefined();
  expect(boundedSequences(`${E}c`.repeat(6_000))).toBeUndefined();
  expect(boundedSequences(`${E}[38;2;200;10;10mx`.repeat(20_000))).toBeDefined();
});

test("BUG-14: a line of carriage returns is read in one go", () => {
  expect(plainOf(`${"\r".repeat(200_000)}a`)).toBe("a");
  expect(plainOf(`old\rnew${"\r".repeat(200_000)}`)).toBe("new");
});
