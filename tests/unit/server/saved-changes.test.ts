import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { factsOf, planOf } from "#domain/rewind-plan.ts";
import { savedDifferences } from "#server/checkpoints/saved-changes.ts";
import { SavedWorkspace } from "#server/checkpoints/saved-workspace.ts";

const base = fs.mkdtempSync(path.join(os.tmpdir(), "saved-changes-"));
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));
const store = path.join(base, "store.git");
execFileSync("git", ["init", "-q", "--bare", store]);

const git = (args: string[], input: string | Buffer) =>
  execFileSync("git", ["-C", store, ...args], { input })
    .toString()
    .trim();
const blob = (content: string) => git(["hash-object", "-w", "--stdin"], content);
/** A tree as checkpoints have them: with permissions that git's own commands don't write. */
const tree = (entries: Record<string, readonly [mode: string, oid: string]>) =>
  git(
    ["hash-object", "-w", "--literally", "-t", "tree", "--stdin"],
    Buffer.concat(
      Object.entries(entries).flatMap(([name, [mode, oid]]) => [
        Buffer.from(`${mode} `),
        Buffer.from(name, "latin1"),
        Buffer.from([0]),
        Buffer.from(oid, "hex"),
      ]),
    ),
  );
/** @param skip what it says that it leaves out; undefined of an early one */
function commit(workspace: string, skip?: string[]): string {
  const parts = {
    agent: ["40755", tree({})],
    ...(skip && { rules: ["100644", blob(JSON.stringify({ skip }))] as const }),
    workspace: ["40755", workspace],
  } as const;
  const who = "Studio <checkpoints@studio.invalid> 1 +0000";
  return git(
    ["hash-object", "-w", "-t", "commit", "--stdin"],
    `tree ${tree(parts)}\nauthor ${who}\ncommitter ${who}\n\nCheckpoint\n`,
  );
}
/** What a look at these finds. */
async function look(given: { now: string; to: string; base?: string }, keep: string[] = []) {
  const saved = new SavedWorkspace(store, given.now);
  const differ = await savedDifferences(saved, { base: null, ...given });
  const plan = planOf(differ.now, differ.to, differ.base, { own: [".env"], overwrite: [], keep });
  return factsOf(plan, { maxListed: 200, maxNamed: 20 });
}
const [one, two, three] = [blob("one"), blob("two"), blob("three")];
const file = (oid: string, mode = "100644") => [mode, oid] as const;
const folder = (entries: Parameters<typeof tree>[0], mode = "40755") => [mode, tree(entries)] as const;

describe("what a rewind of what is saved would change", () => {
  test.each(["100755", "100600", "100444"])("has a file whose mode alone was %s", async (mode) => {
    const then = commit(tree({ "run.sh": file(one, mode), same: file(two) }), []);
    const now = commit(tree({ "run.sh": file(one), same: file(two) }), []);
    expect(await look({ now, to: then, base: now })).toMatchObject({
      counts: { added: 0, changed: 1, deleted: 0 },
      listed: [{ path: "run.sh", change: "changed", byHand: false }],
      openCount: 0,
    });
    // Whoever has set it by hand is asked.
    expect(await look({ now, to: then, base: then })).toMatchObject({ open: ["run.sh"], openCount: 1 });
    expect(await look({ now, to: then, base: then }, ["/"])).toMatchObject({ listed: [], openCount: 0 });
  });

  test("has what was added, changed and deleted in folders, and a file in a folder's place", async () => {
    const then = commit(
      tree({
        a: folder({ gone: file(one), kept: file(one), moved: file(two) }),
        turned: folder({ "in.txt": file(one) }),
        "\xff\xfe.txt": file(one),
      }),
      [],
    );
    const now = commit(
      tree({
        ".env": file(three),
        a: folder({ kept: file(one), moved: file(three), new: file(one) }),
        turned: file(one),
      }),
      [],
    );
    const { counts, listed } = await look({ now, to: then, base: now });
    expect(counts).toEqual({ added: 3, changed: 2, deleted: 1 });
    expect(listed.map(({ path: place, change }) => `${change} ${place}`)).toEqual([
      "added a/gone",
      "changed a/moved",
      "deleted a/new",
      "changed turned",
      "added turned/in.txt",
      "added \ufffd\ufffd.txt",
    ]);
  });

  test("does not have a folder's own mode, nor what one of them leaves out by name", async () => {
    const then = commit(tree({ a: folder({ b: file(one) }, "40700"), dist: folder({ c: file(one) }) }), []);
    const now = commit(tree({ a: folder({ b: file(one) }) }), ["dist"]);
    expect((await look({ now, to: then, base: now })).listed).toEqual([]);
    const early = commit(tree({ node_modules: folder({ d: file(one) }) }));
    expect((await look({ now: commit(tree({})), to: early })).listed).toEqual([]);
  });

  test("is bounded, whatever a sandbox has made of it", async () => {
    let bomb = tree({ f: file(one) });
    for (let depth = 0; depth < 12; depth += 1)
      bomb = tree(Object.fromEntries(Array.from("abcdefghij", (name) => [name, ["40755", bomb] as const])));
    await expect(look({ now: commit(tree({}), []), to: commit(bomb, []) })).rejects.toThrow();
    const none = blob("no tree");
    await expect(look({ now: commit(tree({}), []), to: commit(none, []) })).rejects.toThrow();
    const other = git(
      ["hash-object", "-w", "-t", "commit", "--stdin"],
      `tree ${tree({})}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n`,
    );
    await expect(look({ now: other, to: other })).rejects.toThrow("no checkpoint");
  });
});
