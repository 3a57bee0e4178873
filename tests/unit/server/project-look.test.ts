import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { printedProject, WORKSPACE_LIMITS } from "#domain/project/workspace.ts";
import { readPrinted } from "#server/changes/look.ts";
import { ProjectWatch } from "#server/changes/watch.ts";
import type { Id } from "#convex/_generated/dataModel.js";

const AGENT = { name: "Support", slug: "support", version: "1", systemPrompt: "Help." };
const text = JSON.stringify(AGENT);
const hash = createHash("sha256").update(text).digest("hex");
const FILE = "agents/support.ts";
const plain = { mask: (value: string) => value.replaceAll("sk-secret", "•••") };
const NOTHING = { entries: [], kept: [] };
const said = (definitions: object[], faults: object[] = []) =>
  printedProject.parse({ success: true, revision: 1, definitions, faults });
const one = { kind: "agent", slug: "support", file: FILE, hash, text };

describe("what a sandbox says of its workspace", () => {
  test("is read and hashed again", () => {
    const lied = { ...one, hash: "0".repeat(64) };
    const { found, texts, faults } = readPrinted(said([lied]), NOTHING, plain);
    expect(found).toEqual([{ kind: "agent", slug: "support", file: FILE, hash }]);
    expect(texts).toEqual([{ kind: "agent", text }]);
    expect(faults).toEqual([]);
  });

  test("is a problem where it is no definition, has another name, or is there twice", () => {
    const odd: [string, object][] = [
      ["isn't JSON", { ...one, text: "{" }],
      ["isn't what its name says", { ...one, slug: "other" }],
      ["isn't what its name says", { ...one, text: `${text} ` }],
      ["There's no such field", { ...one, text: JSON.stringify({ ...AGENT, evil: 1 }) }],
    ];
    for (const [what, definition] of odd) {
      const { found, texts, faults } = readPrinted(said([definition]), NOTHING, plain);
      expect([found, texts], what).toEqual([[], []]);
      expect(faults[0]!.message).toContain(what);
    }
    expect(readPrinted(said([one, one]), NOTHING, plain)).toMatchObject({
      found: [{ slug: "support" }],
      faults: [{ file: FILE }],
    });
  });

  test("never brings a session's secrets into the project", () => {
    const leak = JSON.stringify({ ...AGENT, systemPrompt: "Use sk-secret." });
    const faults = [{ file: "agents/sk-secret.ts", message: "sk-secret is not defined" }];
    const read = readPrinted(said([{ ...one, text: leak }], faults), NOTHING, plain);
    expect(read.texts).toEqual([]);
    expect(JSON.stringify(read)).not.toContain("sk-secret");
    expect(read.faults.at(-1)!.message).toContain("one of this session's secrets");
  });

  test("counts without its text only where that is known", () => {
    const { text: _, ...short } = one;
    expect(readPrinted(said([short]), NOTHING, plain).found).toEqual([]);
    for (const known of [
      { entries: [`agent:support:${hash}`], kept: [] },
      { entries: [], kept: [hash] },
    ])
      expect(readPrinted(said([short]), known, plain).found).toHaveLength(1);
  });

  test("names no file outside of the project's folders", () => {
    const paths = [
      "../x.ts",
      "agents/../../x.ts",
      "/etc/passwd",
      "agents/.git/x",
      ".env",
      "src/x.ts",
      "agents",
    ];
    for (const file of paths)
      expect(readPrinted(said([{ ...one, file }]), NOTHING, plain).found, file).toEqual([]);
  });

  test("is refused whole beyond its bounds", () => {
    const over = [
      { definitions: Array.from({ length: 1_001 }, () => one) },
      { faults: Array.from({ length: WORKSPACE_LIMITS.faults + 1 }, () => ({ file: "a", message: "b" })) },
      { definitions: [{ ...one, text: "x".repeat(500_001) }] },
      { definitions: [{ ...one, kind: "secret" }] },
      { revision: -1 },
      { success: false },
    ];
    for (const more of over) {
      const whole = { success: true, revision: 1, definitions: [], faults: [], ...more };
      expect(printedProject.safeParse(whole).success).toBe(false);
    }
  });
});

describe("the watch", () => {
  const id = (name: string) => name as Id<"sandboxSessions">;

  test("looks at each workspace once at a time, and again where somebody asked meanwhile", async () => {
    const looks: { name: string; end: () => void }[] = [];
    const watch = new ProjectWatch(async (name) => {
      await new Promise<void>((end) => looks.push({ name, end }));
    });
    watch.start(id("a"));
    watch.start(id("a"));
    watch.start(id("b"));
    watch.start(id("c"));
    expect(looks.map(({ name }) => name)).toEqual(["a", "b"]);
    let isDone = false;
    const waited = watch.looked(id("c")).then(() => (isDone = true));
    looks[0]!.end();
    await expect.poll(() => looks.map(({ name }) => name)).toEqual(["a", "b", "a"]);
    looks[2]!.end();
    await expect.poll(() => looks.map(({ name }) => name)).toEqual(["a", "b", "a", "c"]);
    expect(isDone).toBe(false);
    looks[3]!.end();
    looks[1]!.end();
    await waited;
    await watch.ended();
  });

  test("goes on after a look that failed", async () => {
    const watch = new ProjectWatch(async () => {
      await Promise.reject(new Error("no"));
    });
    await watch.looked(id("a"));
    await watch.looked(id("a"));
  });
});
