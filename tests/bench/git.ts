/**
 * `npm run bench:git [-- --json]`: a clone through Studio's endpoint beside a clone of the same repository right from its
 * server, in turns, and what that takes of the web server's memory.
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { Api } from "#tests/api.ts";
import { commitOf, GIT_PASSWORD, GIT_USER, GitServer } from "#tests/git-server.ts";
import { descendantsWith } from "#tests/processes.ts";
import { Stack } from "#tests/stack.ts";
import { type Figure, median, report, table } from "./figures.ts";

const ROUNDS = 5;
const BYTES = 60_000_000;
const LOOK_MS = 50;

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });

/** Milliseconds that git takes for a fresh clone. */
async function clone(url: string, headers: readonly string[]): Promise<number> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-git-"));
  const startedAt = performance.now();
  try {
    await new Promise<void>((resolve, reject) => {
      const args = ["-c", "credential.helper=", ...headers, "clone", "-q", url, path.join(folder, "to")];
      const child = spawn("git", args, {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_TERMINAL_PROMPT: "0" },
      });
      child.once("error", reject);
      child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`git ended with ${code}`))));
    });
    return performance.now() - startedAt;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** Resident memory of a process and what it has started, in MB. */
function residentMb(pid: number): number {
  return [pid, ...descendantsWith(pid, "")].reduce((sum, one) => {
    try {
      const status = fs.readFileSync(`/proc/${one}/status`, "utf8");
      return sum + Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_000;
    } catch {
      return sum;
    }
  }, 0);
}

const server = await GitServer.start();
const stack = await Stack.start();
try {
  server.make(
    "acme/bench",
    commitOf({
      "large.bin": randomBytes(BYTES),
      ...Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`f/${index}.txt`, `${index}\n`])),
    }),
  );
  const api = Api.withKey(stack.url, stack.credentials.apiKey);
  await api.call("PUT", "/api/v1/git/connections/bench", {
    base_url: server.url,
    username: GIT_USER,
    token: GIT_PASSWORD,
    repositories: ["acme/bench"],
  });
  const { body } = await api.call<{ session: { id: string; sandboxId: string } }>(
    "POST",
    "/api/studio/sessions?wait=true",
    { provider: "demo", model: "demo", repository: { connection: "bench", url: "acme/bench" } },
  );
  const config = await stack.readSandboxFile(body.session.sandboxId, "/home/user/.gitconfig");
  const token = /git_studio_\w+/.exec(config)?.[0] ?? "";
  const headers = ["-c", `http.extraHeader=Authorization: Bearer ${token}`];
  const through = `${stack.url}/api/git/bench/acme/bench.git`;
  const direct = `${server.ownUrl}/acme/bench.git`;
  // Both ways have been gone once.
  await clone(through, headers);
  await clone(direct, []);
  const web = stack.pids()["web"] ?? 0;
  const before = residentMb(web);
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, residentMb(web));
  }, LOOK_MS);
  const times = { through: [] as number[], direct: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    times.through.push(await clone(through, headers));
    times.direct.push(await clone(direct, []));
  }
  clearInterval(looking);
  const figures: Figure[] = [
    {
      name: "clone of 60 MB through Studio",
      unit: "ms",
      measured: median(times.through),
      baseline: median(times.direct),
      against: "ratio",
      aim: 1.3,
    },
    {
      name: "the web server's memory meanwhile",
      unit: "MB",
      measured: most,
      baseline: before,
      against: "added",
      aim: 50,
    },
  ];
  process.stdout.write(values.json ? `${JSON.stringify(report(figures))}\n` : table(figures));
} finally {
  await stack.stop();
  await server.stop();
}
