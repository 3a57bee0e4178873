import fs from "node:fs";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { eventually, HostProcess, temporaryFolder } from "./host-process.ts";

/** How many files a sandbox may have: few in every run, and a million with SANDBOX_FILES=1000000. */
const FILES = Number(process.env["SANDBOX_FILES"] ?? 10_000);
/** A busy machine makes ten thousand a second, and hundreds only where many have been deleted just now. */
const PATIENCE_MS = 60_000 + FILES / 4;
/** For what takes milliseconds: a host that is held up by the files takes as long as they do. */
const PROMPT_MS = 5_000;

const ENDLESS = `
import itertools, os
for folder in itertools.count():
    os.mkdir("d%d" % folder)
    for file in range(2000): os.mknod("d%d/f%d" % (folder, file))
`;

const temporary = temporaryFolder();
const data = path.join(temporary.folder, "data");
let host: HostProcess | undefined;

afterAll(async () => {
  await host?.stop();
  temporary.remove();
});

test(
  `who makes files without end is ended at ${FILES}, is deleted, and holds up nobody`,
  async () => {
    const started = (host = await HostProcess.start(data, [`--files=${FILES}`]));
    const [hostile, neighbour] = await Promise.all([started.create(), started.create()]);
    for (const sandbox of [hostile, neighbour]) await sandbox.setTimeout(4 * PATIENCE_MS);
    let slowest = 0;
    const over = new AbortController();
    const answers = (async () => {
      while (!over.signal.aborted) {
        const before = Date.now();
        expect((await neighbour.commands.run("echo well", { timeoutMs: 60_000 })).stdout).toBe("well\n");
        slowest = Math.max(slowest, Date.now() - before);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    // Looked at below, unless the test has failed by then.
    answers.catch(() => undefined);
    await hostile.files.write("/home/user/endless.py", ENDLESS);
    await hostile.commands.run("cd /workspace && python3 ~/endless.py", { background: true, timeoutMs: 0 });
    await eventually("it is gone", async () => !(await hostile.isRunning()), PATIENCE_MS);
    expect(started.stderr).toMatch(
      new RegExp(`${hostile.sandboxId}: ended: it has \\d+ files, and may have ${FILES}`),
    );
    const folder = path.join(data, "sandboxes", hostile.sandboxId);
    await eventually("its folder is put away", () => !fs.existsSync(folder), PROMPT_MS);
    const trash = path.join(data, "trash");
    await eventually("its files are deleted", () => fs.readdirSync(trash).length === 0, PATIENCE_MS);
    over.abort();
    await answers;
    expect(slowest).toBeLessThan(PROMPT_MS);
    console.log(`a neighbour's slowest command took ${slowest} ms`);
  },
  3 * PATIENCE_MS,
);
