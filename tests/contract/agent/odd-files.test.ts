import type { Sandbox } from "e2b";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FileEntry } from "#contracts/files.ts";
import { Field } from "./sandboxed-agent.ts";

let field: Field;
let sandbox: Sandbox;

interface OddFile {
  /** Makes it, in the folder. */
  make: string;
  /** As it is listed; `x` where that is not said. */
  name?: string;
  listed: Partial<FileEntry>;
  /** What reading it gives: the text, null for bytes that are no text, or the code of the refusal. */
  read?: string | null | { refused: string };
  /** What saving `saved` over it leaves, in hexadecimal, or the code of the refusal. */
  saved?: string | { refused: string };
  /** Its mode after that. */
  mode?: string;
}

const invalid = { refused: "invalid_request" };
const missing = { refused: "not_found" };
const SAVED = Buffer.from("saved\r\n").toString("hex");

/** What a folder may contain. To add to it, add a row. */
const ODD_FILES: Record<string, OddFile> = {
  "plain text": {
    make: "printf one > x",
    listed: { kind: "file", size: 3, readable: true },
    read: "one",
    saved: SAVED,
  },
  "no bytes": { make: ": > x", listed: { kind: "file", size: 0 }, read: "", saved: SAVED },
  "a folder": { make: "mkdir x", listed: { kind: "folder" }, saved: invalid },
  "Windows line ends, and a lone CR": {
    make: "printf 'a\\r\\nb\\rc\\n' > x",
    listed: { kind: "file" },
    read: "a\r\nb\rc\n",
    saved: SAVED,
  },
  "a BOM": {
    make: "printf '\\357\\273\\277a\\n' > x",
    listed: { kind: "file" },
    read: "\uFEFFa\n",
    saved: SAVED,
  },
  "a program": {
    make: "printf a > x; chmod 755 x",
    listed: { kind: "file" },
    read: "a",
    saved: SAVED,
    mode: "755",
  },
  "a private file": {
    make: "printf a > x; chmod 600 x",
    listed: { kind: "file" },
    saved: SAVED,
    mode: "600",
  },
  "Latin-1": { make: "printf 'caf\\351\\n' > x", listed: { kind: "file" }, read: null, saved: invalid },
  "UTF-16": { make: "printf '\\377\\376a\\0' > x", listed: { kind: "file" }, read: null, saved: invalid },
  "a NUL": { make: "printf 'a\\0b' > x", listed: { kind: "file" }, read: null, saved: invalid },
  "a cut character": {
    make: "printf 'a\\342\\202' > x",
    listed: { kind: "file" },
    read: null,
    saved: invalid,
  },
  "a pipe": { make: "mkfifo x", listed: { kind: "pipe" }, read: invalid, saved: invalid },
  "a socket": {
    make: "node -e \"require('net').createServer().listen('x', () => process.kill(process.pid, 'SIGKILL'))\" || true",
    listed: { kind: "socket" },
    read: invalid,
    saved: invalid,
  },
  "a link to a file": {
    make: "printf in > target; ln -s target x",
    listed: { kind: "file", link: true },
    read: "in",
    saved: SAVED,
  },
  "a link to a folder": { make: "mkdir target; ln -s target x", listed: { kind: "folder", link: true } },
  "a link to a device": {
    make: "ln -s /dev/null x",
    listed: { kind: "device", link: true },
    read: invalid,
    saved: invalid,
  },
  "a link that leads out": {
    make: "ln -s /etc/passwd x",
    listed: { kind: "file", link: true },
    read: invalid,
    saved: invalid,
  },
  "a link to nothing": { make: "ln -s nothing x", listed: { kind: "link", link: true }, read: missing },
  "a link to itself": { make: "ln -s x x", listed: { kind: "link", link: true } },
  "a name that is not UTF-8": {
    make: "printf a > \"$(printf '\\377\\376bad.txt')\"",
    name: "\uFFFD\uFFFDbad.txt",
    listed: { kind: "file", nameBytes: Buffer.from("\xff\xfebad.txt", "latin1").toString("base64") },
  },
  "a name with a line break": {
    make: "printf a > \"$(printf 'a\\nb')\"",
    name: "a\nb",
    listed: { kind: "file" },
    read: "a",
  },
  "a name with quotes": {
    make: 'printf a > "it\'s \\"\\$(id)\\""',
    name: 'it\'s "$(id)"',
    listed: { kind: "file" },
    read: "a",
  },
  "a name like an option": {
    make: "printf a > ./-rf",
    name: "-rf",
    listed: { kind: "file" },
    read: "a",
    saved: SAVED,
  },
  "a name of an address": {
    make: "printf a > '%41#?&'",
    name: "%41#?&",
    listed: { kind: "file" },
    read: "a",
    saved: SAVED,
  },
  "a name of objects": {
    make: "printf a > __proto__",
    name: "__proto__",
    listed: { kind: "file" },
    read: "a",
  },
  "a name that ends with a blank": {
    make: "printf a > 'x '",
    name: "x ",
    listed: { kind: "file" },
    read: "a",
  },
  "a long name": {
    make: "printf a > $(printf 'n%.0s' $(seq 255))",
    name: "n".repeat(255),
    listed: { kind: "file" },
    read: "a",
  },
};

beforeAll(async () => {
  field = await Field.start();
  sandbox = await field.sandbox();
}, 120_000);

afterAll(async () => await field?.stop());

const codeOf = (error: unknown) => ({ refused: (error as { code: string }).code });

describe("BUG-B4, BUG-25: what a folder may contain is listed, read and saved as it is", () => {
  for (const [title, { make, name = "x", listed, read, saved, mode }] of Object.entries(ODD_FILES))
    test(title, async () => {
      const { readPath, writePath } = await import("#server/sandbox/files.ts");
      const folder = `odd-${Object.keys(ODD_FILES).indexOf(title)}`;
      await sandbox.files.write("/tmp/make.sh", make);
      await sandbox.commands.run(
        `mkdir /workspace/${folder} && cd /workspace/${folder} && bash /tmp/make.sh`,
      );
      const entries = await readPath(sandbox, folder);
      if (entries.kind !== "folder") throw new Error("a folder is one");
      expect(entries.entries).toContainEqual(
        expect.objectContaining({ name, readable: expect.any(Boolean), ...listed }),
      );
      const path = `${folder}/${name}`;
      if (read !== undefined)
        expect(
          await readPath(sandbox, path).then((file) => file.kind === "file" && file.content, codeOf),
        ).toEqual(read);
      if (saved === undefined) return;
      const before = await readPath(sandbox, path).catch(() => null);
      const expectedHash = before?.kind === "file" ? before.hash : null;
      const put = await writePath(sandbox, { path, content: "saved\r\n", expectedHash }).catch(codeOf);
      if (typeof saved !== "string") return expect(put).toEqual(saved);
      expect(put).toMatchObject({ file: { encoding: "utf-8", content: "saved\r\n" } });
      expect(
        Buffer.from(await sandbox.files.read(`/workspace/${path}`, { format: "bytes" })).toString("hex"),
      ).toBe(saved);
      const { stdout } = await sandbox.commands.run('stat -Lc %a -- "$FILE"', {
        envs: { FILE: `/workspace/${path}` },
      });
      if (mode !== undefined) expect(stdout.trim()).toBe(mode);
    });
});

test(
  "BUG-4: a folder of 30,000 files is listed within 300 ms, or four times a small one's beside other load",
  { timeout: 60_000 },
  async () => {
    const { readPath } = await import("#server/sandbox/files.ts");
    await sandbox.commands.run(
      "mkdir /workspace/many && cd /workspace/many && seq -f 'f%g.txt' 1 30000 | xargs touch",
    );
    const timed = async (path: string) => {
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 5; round++) {
        const from = performance.now();
        await readPath(sandbox, path);
        best = Math.min(best, performance.now() - from);
      }
      return best;
    };
    const many = await readPath(sandbox, "many");
    expect(many).toMatchObject({ kind: "folder", truncated: true });
    expect(many.kind === "folder" && many.entries.length).toBe(1_000);
    await sandbox.files.makeDir("/workspace/few");
    const [few, all] = [await timed("few"), await timed("many")];
    process.stdout.write(`a folder of none: ${few.toFixed(0)} ms, of 30,000 files: ${all.toFixed(0)} ms\n`);
    expect(all).toBeLessThan(Math.max(300, few * 4));
  },
);
