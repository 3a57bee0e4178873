import { describe, expect, test } from "vitest";
import { Masker } from "#domain/mask.ts";
import { DOTS } from "#domain/masked.ts";
import { changedLockfiles, MAX_SETUP_OUTPUT_CHARS, SETUP_OUTPUT_END_CHARS } from "#domain/setup.ts";
import { SetupOutput } from "#server/sandbox-start/setup-output.ts";

const SECRET = "correct-horse-battery";

describe("what a set-up script prints", () => {
  test("shows no secret, however it is cut into pieces, and loses nothing else", () => {
    const text = `before ${SECRET} after ${SECRET}`;
    for (let size = 1; size < text.length; size += 1) {
      const output = new SetupOutput(new Masker([SECRET]));
      let shown = "";
      for (let at = 0; at < text.length; at += size) {
        output.add(text.slice(at, at + size));
        shown += output.take();
        expect(shown).not.toContain(SECRET);
      }
      shown += output.finish();
      expect(shown).toBe(`before ${DOTS} after ${DOTS}`);
    }
  });

  test("of a long one has the beginning and the end, and says how much is between", () => {
    const output = new SetupOutput(new Masker());
    output.add("begin\n");
    for (let line = 0; line < 20_000; line += 1) output.add(`line ${line}\n`);
    output.add("the end");
    const text = output.take() + output.finish();
    expect(text).toMatch(/^begin\nline 0\n/);
    expect(text).toMatch(/… \d+ characters left out …\n/);
    expect(text.endsWith("line 19999\nthe end")).toBe(true);
    expect(text.length).toBeLessThan(MAX_SETUP_OUTPUT_CHARS + SETUP_OUTPUT_END_CHARS + 100);
    expect(output.lastLine).toBe("the end");
  });

  test("ends with what might have been the beginning of a secret", () => {
    const output = new SetupOutput(new Masker([SECRET]));
    output.add(SECRET.slice(0, 9));
    expect(output.take()).toBe("");
    expect(output.finish()).toBe(SECRET.slice(0, 9));
  });
});

test("a lockfile counts as changed where it is neither what a script began with nor what it left", () => {
  const known = [
    { path: "a", before: null, after: "1" },
    { path: "b", before: "2", after: "3" },
  ];
  const changed = (a: string | null, b: string | null) =>
    changedLockfiles(
      known,
      new Map([
        ["a", a],
        ["b", b],
      ]),
    );
  expect(changed(null, "2")).toEqual([]);
  expect(changed("1", "3")).toEqual([]);
  expect(changed("9", null)).toEqual(["a", "b"]);
  expect(changedLockfiles(known, new Map())).toEqual(["b"]);
});

test("what npm ends with says nothing of what went wrong", () => {
  const output = new SetupOutput(new Masker([]));
  output.add(
    "npm error 404 Not Found: @acme/none\nnpm error A complete log of this run can be found in: /home/user/.npm/_logs/x.log\n",
  );
  output.finish();
  expect(output.lastLine).toBe("npm error 404 Not Found: @acme/none");
});
