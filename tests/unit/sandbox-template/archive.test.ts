import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { testWhere } from "#tests/test-where.ts";

/** The program of the template, and Python's own reader of zips. */
const PROGRAM = path.resolve("sandbox-template/agent/archive.ts");
const place = fs.mkdtempSync(path.join(os.tmpdir(), "archive-"));
afterAll(() => fs.rmSync(place, { recursive: true, force: true }));

function pack(folder: string): { printed: { files?: number; words?: string }; file: string } {
  const file = path.join(place, "out.zip");
  const wanted = { folder, file, leaveOut: path.join(folder, ".env") };
  const ran = spawnSync(path.resolve("node_modules/node/bin/node"), [PROGRAM], {
    encoding: "utf8",
    env: { ...process.env, STUDIO_ARCHIVE: JSON.stringify(wanted) },
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return { printed: JSON.parse(ran.stdout) as { files?: number; words?: string }, file };
}
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const testWithPython = testWhere(hasPython, "there is no python3 to read a zip with");
const READ = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps({i.filename: [oct(i.external_attr >> 16), z.read(i).decode("latin1")[:60]] for i in z.infolist()}))
`;

testWithPython(
  "a folder's files are packed with their rights, links as links, and without keys and packages",
  () => {
    const folder = path.join(place, "shop");
    for (const name of ["src/deep", "node_modules/x", "src/node_modules", "empty", ".git"])
      fs.mkdirSync(path.join(folder, name), { recursive: true });
    const write = (name: string, text: string, mode = 0o644) => {
      fs.writeFileSync(path.join(folder, name), text);
      fs.chmodSync(path.join(folder, name), mode);
    };
    fs.chmodSync(path.join(folder, "empty"), 0o755);
    write("src/deep/ä b.txt", "words\n");
    write("run.sh", "#!/bin/sh\n", 0o755);
    write(".env", "SECRET=1\n");
    write("src/.env", "theirs\n");
    write("node_modules/x/a.js", "x");
    write(".git/HEAD", "ref: x\n");
    fs.symlinkSync("/etc/passwd", path.join(folder, "link"));
    const { printed, file } = pack(folder);
    expect(printed.words).toBeUndefined();
    const read = spawnSync("python3", ["-c", READ, file], { encoding: "utf8" });
    expect(read.stderr).toBe("");
    expect(JSON.parse(read.stdout)).toEqual({
      "src/deep/ä b.txt": ["0o100644", "words\n"],
      "src/.env": ["0o100644", "theirs\n"],
      "run.sh": ["0o100755", "#!/bin/sh\n"],
      ".git/HEAD": ["0o100644", "ref: x\n"],
      "empty/": ["0o40755", ""],
      link: ["0o120777", "/etc/passwd"],
    });
  },
);

test("what can't be packed is said", () => {
  expect(pack(path.join(place, "none")).printed.words).toMatch(/ENOENT/);
  expect(fs.existsSync(path.join(place, "out.zip"))).toBe(false);
});
