import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, Start, type StartOptions } from "#tests/start.ts";
import { testAsRoot } from "#tests/test-where.ts";

let temp: string;
beforeAll(() => {
  temp = fs.mkdtempSync(path.join(os.tmpdir(), "studio-refused-"));
});
afterAll(() => fs.rmSync(temp, { recursive: true, force: true }));

/** Starts with what makes the start impossible. Answers what was printed behind “Studio did not start”. */
async function refused(args: string[], options: StartOptions = {}): Promise<string> {
  const data = path.join(temp, "data");
  const start = new Start(["--data", data, ...args], options);
  try {
    expect(await start.ended, start.output).toBe(1);
  } finally {
    await start.cleanUp();
  }
  expect(fs.existsSync(data)).toBe(false);
  const [, sentence, more] = start.output.split("Studio did not start: ");
  expect(more).toBeUndefined();
  expect(start.output).not.toMatch(/^ +at /m);
  return sentence?.trim() ?? start.output;
}

/** A module that runs before Studio's and shows it another machine. */
function preload(name: string, code: string): string {
  const file = path.join(temp, `${name}.mjs`);
  fs.writeFileSync(file, code);
  return file;
}

/** A PATH of one folder, with what Studio asks for but for `without`. */
function pathWithout(...without: string[]): string {
  const folder = fs.mkdtempSync(path.join(temp, "bin-"));
  for (const program of ["sh", "node", "npm", "bwrap", "rg", "git", "setpriv", "ln"]) {
    const found = (process.env.PATH ?? "")
      .split(path.delimiter)
      .map((dir) => path.join(dir, program))
      .find((file) => fs.existsSync(file));
    if (found !== undefined && !without.includes(program))
      fs.symlinkSync(fs.realpathSync(found), path.join(folder, program));
  }
  return folder;
}

function writeProgram(folder: string, name: string, script: string): void {
  fs.writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

describe("npm start says in one sentence why it cannot", () => {
  test("the Node is too old", async () => {
    const shim = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.8" } });`;
    expect(await refused([], { preload: preload("old", shim) })).toBe(
      "Node 18.20.8 is too old. Install Node 20 or newer.",
    );
  });

  test("the machine has other processors", async () => {
    const shim = `Object.defineProperty(process, "arch", { value: "arm64" });`;
    expect(await refused([], { preload: preload("arm", shim) })).toContain("need Linux on x64");
  });

  test("the disk is full", async () => {
    const shim = `import fs from "node:fs"; fs.statfsSync = () => ({ bavail: 10_000, bsize: 4096 });`;
    expect(await refused([], { preload: preload("full", shim) })).toMatch(
      /^the disk has 40 MB free, and \d+ MB are needed\. Make room, then start again\.$/,
    );
  });

  test("the packages are not installed, and there is no network", async () => {
    const root = path.join(temp, "fresh");
    for (const name of ["package.json", "package-lock.json", "lib/cli"])
      fs.cpSync(path.join(ROOT, name), path.join(root, name), { recursive: true });
    const env = {
      npm_config_registry: "http://127.0.0.1:1/",
      npm_config_cache: path.join(temp, "cache"),
    };
    expect(await refused([], { root, env })).toBe(
      "the packages could not be downloaded: there is no way to the npm registry. Check the network, then start again.",
    );
    expect(fs.existsSync(path.join(root, "node_modules/.studio-lock"))).toBe(false);
  });

  test("bubblewrap is missing, and only the machine's owner may install it", async () => {
    expect(await refused([], { env: { PATH: pathWithout("bwrap") } })).toBe(
      "bubblewrap is missing, which the sandboxes need. Install it with: sudo apt-get install -y --no-install-recommends bubblewrap",
    );
    expect(await refused([], { env: { PATH: pathWithout("bwrap", "rg", "git") } })).toMatch(
      /^bubblewrap ripgrep git is missing.* sudo apt-get install .* bubblewrap ripgrep git$/,
    );
  });

  testAsRoot("bubblewrap is missing, and cannot be installed", async () => {
    const folder = pathWithout("bwrap");
    writeProgram(folder, "apt-get", "echo 'E: Unable to locate package bubblewrap' >&2; exit 100");
    const sentence = await refused([], { env: { PATH: folder } });
    expect(sentence).toContain("bubblewrap is missing and could not be installed. Install it with: apt-get");
    expect(sentence).toContain("Unable to locate package");
  });

  testAsRoot("bubblewrap is missing, and is installed", async () => {
    const folder = pathWithout("bwrap");
    writeProgram(folder, "apt-get", `[ "$1" = install ] && ln -s /bin/true ${folder}/bwrap`);
    const start = new Start(["--data", path.join(temp, "data"), "--nope"], { env: { PATH: folder } });
    expect(await start.ended).toBe(1);
    expect(start.output).toMatch(/^ {2}system +bubblewrap installed +\d+\.\d s$/m);
    expect(start.output).toContain("unknown option '--nope'");
  });

  test("an option does not exist, or is not complete", async () => {
    expect(await refused(["--nope"])).toMatch(/^unknown option '--nope'\. This is what there is:/);
    expect(await refused(["--port"])).toMatch(/^option '--port <value>' argument missing\./);
    expect(await refused(["more"])).toMatch(/^unexpected argument 'more'\./);
  });

  test.each(["0", "65536", "abc", "", "3000.5", "0x10", "1e3"])("“%s” is no port", async (port) => {
    expect(await refused([`--port=${port}`])).toBe(`--port: “${port}” is not a port between 1 and 65535.`);
  });

  test("two services have the same port", async () => {
    expect(await refused(["--port", "3220"])).toContain("two services have been given the same port");
  });

  test("--reset would remove what is not Studio's", async () => {
    const home = path.join(temp, "home");
    fs.mkdirSync(home);
    fs.writeFileSync(path.join(home, "letter.txt"), "dear");
    const sentence = await refused(["--data", home, "--reset"]);
    expect(sentence).toContain("holds files that are not Studio's, so --reset does not remove them");
    expect(fs.readdirSync(home)).toEqual(["letter.txt"]);
    expect(await refused(["--data", path.join(home, "letter.txt")])).toContain("is no folder");
  });

  test("--help is an answer, not a start", async () => {
    const start = new Start(["--help"]);
    expect(await start.ended).toBe(0);
    for (const flag of ["--port", "--data", "--reset"]) expect(start.output).toContain(flag);
  });
});
