import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Sandbox } from "e2b";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { HttpError } from "#server/http/error.ts";
import { openFile, readPath, setFile, writePath } from "#server/sandbox/files.ts";
import { bundleAgent } from "../../../sandbox-template/bundle.ts";

const programs = fs.mkdtempSync(path.join(os.tmpdir(), "programs-"));
const PROGRAM = path.join(programs, "files.mjs");
const MARK = "/opt/studio/bin/node /opt/studio/agent/files.mjs";

let root: string;
/** The calls into the sandbox, in order. */
const calls: string[] = [];
const prints = z.looseObject({ real: z.string().optional() });

/** A place of this machine as the sandbox has it, and the other way round. */
const outside = (place: string) => place.replace(/^\/workspace(?=\/|$)/, root);
const inside = (place: string) => (place.startsWith(root) ? `/workspace${place.slice(root.length)}` : place);

/** A sandbox whose workspace is a folder of this machine: the template's program runs in it as it is. */
const sandbox = {
  commands: {
    run: async (command: string, { envs }: { envs: Record<string, string> }) => {
      calls.push("run");
      expect(command).toContain(MARK);
      const given = { STUDIO_PATH: outside(envs["STUDIO_PATH"] ?? ""), STUDIO_ROOT: root };
      const [, ...args] = command.slice(command.indexOf(MARK) + MARK.length - 1).split(" ");
      const printed = execFileSync(process.execPath, [PROGRAM, ...args], {
        env: { ...process.env, ...given },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      });
      const found = prints.parse(JSON.parse(printed));
      const stdout = JSON.stringify({ ...found, ...(found.real && { real: inside(found.real) }) });
      return { stdout, stderr: "", wait: async () => ({ stdout }) };
    },
  },
  files: {
    read: async (place: string) => {
      calls.push("read");
      return new Blob([fs.readFileSync(outside(place))]).stream();
    },
    write: async (place: string, text: string) => {
      calls.push("write");
      fs.writeFileSync(outside(place), text);
    },
    remove: async (place: string) => {
      calls.push("remove");
      fs.rmSync(outside(place));
    },
    getInfo: async () => ({ modifiedTime: new Date(0) }),
  },
} as unknown as Sandbox;

beforeAll(async () => {
  await bundleAgent(path.resolve(import.meta.dirname, "../../.."), programs, ["files"]);
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "studio-files-")));
  fs.mkdirSync(path.join(root, "many"));
  for (let count = 0; count < 1_200; count += 1) fs.writeFileSync(path.join(root, "many", `f${count}`), "");
  fs.writeFileSync(path.join(root, "a.txt"), "one\n");
  fs.writeFileSync(path.join(root, ".env"), "KEY=1");
  fs.symlinkSync("/etc", path.join(root, "out"));
  fs.symlinkSync("circle", path.join(root, "circle"));
  fs.symlinkSync(".env", path.join(root, "keys"));
  fs.symlinkSync("many", path.join(root, "linked"));
  fs.symlinkSync("/etc/nothing", path.join(root, "out-to-nothing"));
});
beforeEach(() => void (calls.length = 0));
afterAll(() => {
  for (const folder of [root, programs]) fs.rmSync(folder, { recursive: true });
});

const codeOf = (error: unknown) => (error instanceof HttpError ? error.besides.kind : String(error));
describe("BUG-4: one call into the sandbox", () => {
  test.each(["many", "linked"])("lists a folder, of which so many entries are shown: %s", async (folder) => {
    const result = await readPath(sandbox, folder);
    expect(calls).toEqual(["run"]);
    expect(result).toMatchObject({ kind: "folder", path: folder, truncated: true });
    expect(result.kind === "folder" && result.entries).toHaveLength(1_000);
  });

  test("finds a file before it is read", async () => {
    const result = await readPath(sandbox, "a.txt");
    expect(calls).toEqual(["run", "read"]);
    expect(result).toMatchObject({ kind: "file", path: "a.txt", size: 4, content: "one\n" });
  });
});

test.each([
  ["none", "file_not_found"],
  ["none/below", "file_not_found"],
  ["out", "path_leads_out"],
  ["out/passwd", "path_leads_out"],
  ["out-to-nothing", "path_leads_out"],
  ["circle", "path_unusable"],
  [".env", "env_file_hidden"],
  ["keys", "env_file_hidden"],
])("%s is refused as %s, whatever is done with it", async (name, kind) => {
  expect(await readPath(sandbox, name).catch(codeOf)).toBe(kind);
  expect(await openFile(sandbox, name).catch(codeOf)).toBe(kind);
  if (kind === "file_not_found") return;
  const body = { path: name, content: "x", expectedHash: null };
  expect(await writePath(sandbox, body).catch(codeOf)).toBe(kind);
  expect(calls.at(-1)).toBe("run");
});

test("a folder is none to be saved or downloaded", async () => {
  expect(await openFile(sandbox, "many").catch(codeOf)).toBe("path_of_folder");
  const body = { path: "many", content: "x", expectedHash: null };
  expect(await writePath(sandbox, body).catch(codeOf)).toBe("path_of_folder");
});

test("a file that is new is saved, and one that has changed is not", async () => {
  const body = { path: "new/b.txt", content: "x", expectedHash: null };
  fs.mkdirSync(path.join(root, "new"));
  expect(await writePath(sandbox, body)).toMatchObject({ before: null, file: { size: 1 } });
  expect(await writePath(sandbox, body).catch(codeOf)).toBe("file_changed");
});

describe("setting a file", () => {
  const at = (name: string) => path.join(root, name);

  test("writes it, writes over it, and removes it, once and again", async () => {
    await setFile(sandbox, "set.ts", "one");
    expect(fs.readFileSync(at("set.ts"), "utf8")).toBe("one");
    await setFile(sandbox, "set.ts", "two");
    expect(fs.readFileSync(at("set.ts"), "utf8")).toBe("two");
    await setFile(sandbox, "set.ts", null);
    await setFile(sandbox, "set.ts", null);
    expect(fs.existsSync(at("set.ts"))).toBe(false);
  });

  test("follows no link out of the workspace, and no path", async () => {
    for (const place of ["out/passwd", "../x.ts", "/etc/passwd", ".env", "keys", "many"])
      for (const content of ["x", null])
        await expect(setFile(sandbox, place, content), place).rejects.toBeInstanceOf(HttpError);
    expect(calls).not.toContain("remove");
    expect(calls).not.toContain("write");
  });

  test("removes a link, and not the file that it leads to", async () => {
    fs.symlinkSync("a.txt", at("link.ts"));
    await setFile(sandbox, "link.ts", null);
    expect(fs.existsSync(at("link.ts"))).toBe(false);
    expect(fs.existsSync(at("a.txt"))).toBe(true);
  });
});
