import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { filesIn, home, packs, read, rewind, rewindWorld, save, write } from "./rewind-world.ts";

rewindWorld();

const shadow = () => path.join(home, ".local/share/studio/checkpoints.git");

describe("a rewind in a sandbox whose shadow repository is spoiled", () => {
  test.each([
    ["its objects", (file: string) => /objects\/[0-9a-f]{2}\//.test(file)],
    ["its packs", (file: string) => file.endsWith(".pack")],
    ["its head", (file: string) => file.endsWith("/HEAD")],
  ])("takes all of it from packs, where %s are others", (_, isVictim) => {
    write("a.txt", "one");
    const first = save();
    write("a.txt", "two");
    const second = save();
    const victims = filesIn(shadow()).filter(isVictim);
    expect(victims).not.toEqual([]);
    for (const victim of victims) {
      fs.chmodSync(victim, 0o600);
      fs.writeFileSync(victim, "spoiled");
    }
    expect(rewind(first, second)).toEqual({ missing: true });
    expect(read("a.txt")).toBe("two");
    expect(rewind(first, second, { packs })).toMatchObject({ kept: [] });
    expect(read("a.txt")).toBe("one");
    // What is saved next leans on nothing that is spoiled, and the way back is there, too.
    const third = save();
    expect(rewind(second, third, { packs: [...packs] })).toMatchObject({ kept: [] });
    expect(read("a.txt")).toBe("two");
  });

  test("does not take an object that the sandbox has replaced", () => {
    write("a.txt", "one");
    const first = save();
    write("a.txt", "two");
    const second = save();
    const objects = path.join(shadow(), "objects");
    const place = (text: string) => {
      const oid = execFileSync("git", ["hash-object", "--stdin"], { input: text, encoding: "utf8" }).trim();
      return path.join(objects, oid.slice(0, 2), oid.slice(2));
    };
    const [pack] = fs.readdirSync(path.join(objects, "pack")).filter((name) => name.endsWith(".pack"));
    const whole = fs.readFileSync(path.join(objects, "pack", pack ?? ""));
    fs.rmSync(path.join(objects, "pack"), { recursive: true });
    execFileSync("git", ["-C", shadow(), "unpack-objects", "-q"], { input: whole });
    fs.rmSync(place("one"), { force: true });
    fs.copyFileSync(place("two"), place("one"));
    const { error, missing } = rewind(first, second);
    expect(error !== undefined || missing === true).toBe(true);
    expect(read("a.txt")).toBe("two");
  });
});
