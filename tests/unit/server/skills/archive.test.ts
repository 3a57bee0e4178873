import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { ZipFile } from "yazl";
import { filesInArchive } from "#server/skills/archive.ts";
import { isSkillFile } from "#server/skills/import-paths.ts";

const TEXT = "---\nname: one\ndescription: d\n---\nText.\n";

interface Entry {
  name: string;
  data?: string | Buffer;
  /** Of tar: `0` a file, `1` and `2` links, `5` a folder. */
  type?: string;
  mode?: number;
}

async function zip(entries: Entry[]): Promise<Buffer> {
  const file = new ZipFile();
  for (const { name, data = "", mode = 0o100644 } of entries)
    file.addBuffer(Buffer.from(data), name, { mode });
  file.end();
  return await buffer(file.outputStream);
}

/** A tar's entry, whatever its name says. */
function tarEntry({ name, data = "", type = "0" }: Entry): Buffer {
  const bytes = Buffer.from(data);
  const header = Buffer.alloc(512);
  header.write(name.slice(0, 100), 0);
  header.write("0000644\0", 100);
  header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\u000000", 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}
const tar = (entries: Entry[]) => Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]);

/** The same bytes with another text of the same length in place of each. */
function patched(bytes: Buffer, from: string, to: string): Buffer {
  expect(to).toHaveLength(from.length);
  return Buffer.from(bytes.toString("latin1").replaceAll(from, to), "latin1");
}

const read = (bytes: Buffer) =>
  filesInArchive(bytes, isSkillFile).map((file) => [file.path, Buffer.from(file.bytes).toString()]);
const kindOf = (bytes: Buffer): unknown => {
  try {
    read(bytes);
  } catch (error) {
    return (error as { besides?: { kind?: string } }).besides?.kind ?? String(error);
  }
  return null;
};

describe("an archive", () => {
  const wanted = [
    ["one/SKILL.md", TEXT],
    ["deep/er/two/SKILL.md", "two"],
  ];
  const entries: Entry[] = [
    { name: "one/SKILL.md", data: TEXT },
    { name: "one/notes.txt", data: "no" },
    { name: "deep/er/two/SKILL.md", data: "two" },
    { name: "__MACOSX/one/SKILL.md", data: "no" },
    { name: "repo/.git/SKILL.md", data: "no" },
  ];

  test("as zip and as tar gives the skills' files alone", async () => {
    expect(read(await zip(entries))).toEqual(wanted);
    expect(read(tar(entries))).toEqual(wanted);
    expect(read(gzipSync(tar(entries)))).toEqual(wanted);
  });

  test("of the system's own tar is read, with long names", () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "skills-tar-"));
    onTestFinished(() => fs.rmSync(folder, { recursive: true, force: true }));
    const long = `${"long-folder-name-".repeat(4)}a/${"long-folder-name-".repeat(4)}b`;
    fs.mkdirSync(path.join(folder, "in", long), { recursive: true });
    fs.writeFileSync(path.join(folder, "in", long, "SKILL.md"), TEXT);
    for (const format of ["gnu", "pax", "ustar"])
      expect(
        read(execFileSync("tar", ["-C", path.join(folder, "in"), `--format=${format}`, "-cz", "."])),
      ).toEqual([[`${long}/SKILL.md`, TEXT]]);
  });

  const inTar = (entry: Entry) => tar([{ name: "one/SKILL.md", data: TEXT }, entry]);
  test.each<[string, () => Buffer | Promise<Buffer>, string]>([
    ["nothing", () => Buffer.alloc(0), "archive_unreadable"],
    ["noise", () => Buffer.from("x".repeat(3_000)), "archive_unreadable"],
    ["a text", () => Buffer.from(TEXT), "archive_unreadable"],
    ["a gzipped text", () => gzipSync(TEXT), "archive_unreadable"],
    ["half a gzip", () => gzipSync(tar(entries)).subarray(0, 200), "archive_unreadable"],
    ["half a zip", async () => (await zip(entries)).subarray(0, 200), "archive_unreadable"],
    [
      "a zip up",
      async () => patched(await zip([{ name: "aa/evil/SKILL.md" }]), "aa/evil", "../evil"),
      "archive_path",
    ],
    [
      "a zip further in up",
      async () => patched(await zip([{ name: "a/bb/SKILL.md" }]), "a/bb", "a/.."),
      "archive_path",
    ],
    [
      "an absolute zip",
      async () => patched(await zip([{ name: "aevil/SKILL.md" }]), "aevil", "/evil"),
      "archive_path",
    ],
    [
      "a zip with a drive",
      async () => patched(await zip([{ name: "aaevil/SKILL.md" }]), "aaevil", "C:evil"),
      "archive_path",
    ],
    [
      "a zip with a backslash",
      async () => patched(await zip([{ name: "aa.evil/SKILL.md" }]), "aa.evil", "aa\\evil"),
      "archive_path",
    ],
    [
      "a zip with a NUL",
      async () => patched(await zip([{ name: "aa.evil/SKILL.md" }]), "aa.evil", "aa\0evil"),
      "archive_path",
    ],
    [
      "a zip's link",
      async () => await zip([{ name: "one/SKILL.md", data: "/etc/passwd", mode: 0o120777 }]),
      "archive_link",
    ],
    [
      "a zip's link of another name",
      async () => await zip([{ name: "one", data: "/etc", mode: 0o120777 }]),
      "archive_link",
    ],
    ["a zip's device", async () => await zip([{ name: "one/SKILL.md", mode: 0o020666 }]), "archive_link"],
    ["a zip's pipe", async () => await zip([{ name: "one/x", mode: 0o010666 }]), "archive_link"],
    [
      "a zip bomb",
      async () => await zip([{ name: "one/SKILL.md", data: Buffer.alloc(20_000_000) }]),
      "archive_too_large",
    ],
    [
      "many small zip bombs",
      async () =>
        await zip(
          Array.from({ length: 10 }, (_, n) => ({ name: `n${n}/SKILL.md`, data: Buffer.alloc(1_000_000) })),
        ),
      "archive_too_large",
    ],
    [
      "a zip of more entries than are read",
      async () => await zip(Array.from({ length: 2_001 }, (_, n) => ({ name: `n${n}` }))),
      "archive_entries",
    ],
    ["a tar up", () => inTar({ name: "../evil/SKILL.md" }), "archive_path"],
    ["a tar further in up", () => inTar({ name: "a/../../evil/SKILL.md" }), "archive_path"],
    ["an absolute tar", () => inTar({ name: "/etc/SKILL.md" }), "archive_path"],
    ["a tar's link", () => inTar({ name: "two/SKILL.md", type: "2" }), "archive_link"],
    ["a tar's hard link", () => inTar({ name: "two/SKILL.md", type: "1" }), "archive_link"],
    ["a tar's linked folder", () => inTar({ name: "two", type: "2" }), "archive_link"],
    ["a tar's device", () => inTar({ name: "two/SKILL.md", type: "3" }), "archive_link"],
    ["a tar's pipe", () => inTar({ name: "two", type: "6" }), "archive_link"],
    [
      "a tar whose pax header leads up",
      () => tar([{ name: "x", type: "x", data: "20 path=../SKILL.md\n" }, { name: "a/SKILL.md" }]),
      "archive_path",
    ],
    [
      "a tar whose pax header is broken",
      () => tar([{ name: "x", type: "x", data: "9999 path=a\n" }, { name: "a/SKILL.md" }]),
      "archive_unreadable",
    ],
    [
      "a tar whose long name leads up",
      () => tar([{ name: "L", type: "L", data: "../SKILL.md\0" }, { name: "a/SKILL.md" }]),
      "archive_path",
    ],
    [
      "a tar whose sum is wrong",
      () => patched(inTar({ name: "two/SKILL.md" }), "two/SKILL.md", "tow/SKILL.mD"),
      "archive_unreadable",
    ],
    [
      "a tar that is cut",
      () => inTar({ name: "two/SKILL.md", data: "x".repeat(2_000) }).subarray(0, 2_600),
      "archive_unreadable",
    ],
    ["a gzip bomb", () => gzipSync(Buffer.alloc(50_000_000)), "archive_too_large"],
  ])("that is %s is refused", async (_, make, kind) => {
    expect(kindOf(await make())).toBe(kind);
  });

  test("whose sizes lie is refused", async () => {
    const whole = await zip([{ name: "one/SKILL.md", data: Buffer.alloc(100_000) }]);
    const at = whole.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    const lying = Buffer.from(whole);
    lying.writeUInt32LE(10, at + 24);
    expect(kindOf(lying)).toBe("archive_unreadable");
    const wrong = Buffer.from(whole);
    wrong.writeUInt32LE(1, at + 16);
    expect(kindOf(wrong)).toBe("archive_unreadable");
    const encrypted = Buffer.from(whole);
    encrypted.writeUInt16LE(encrypted.readUInt16LE(at + 8) | 1, at + 8);
    expect(kindOf(encrypted)).toBe("archive_unreadable");
    const outside = Buffer.from(whole);
    outside.writeUInt32LE(0x7fffffff, at + 42);
    expect(kindOf(outside)).toBe("archive_unreadable");
  });
});
