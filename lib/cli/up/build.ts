import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { missingMachineTools, writeLocalTemplate } from "../../../sandbox-template/local.ts";
import { bundleStruere } from "../../../sandbox-template/bundle.ts";
import { signalGroup, startNode } from "./child.ts";
import { StartFailure } from "./options.ts";

const SOURCES = [
  "app",
  "components",
  "convex",
  "lib/client",
  "lib/contracts",
  "lib/domain",
  "lib/net",
  "lib/server",
  "public",
];
const FILES = [
  "instrumentation.ts",
  "next.config.ts",
  "package-lock.json",
  "package.json",
  "postcss.config.mjs",
  "proxy.ts",
  "tsconfig.json",
];

function walk(entry: string): string[] {
  if (!fs.existsSync(entry)) return [];
  if (!fs.statSync(entry).isDirectory()) return [entry];
  return fs
    .readdirSync(entry)
    .toSorted()
    .flatMap((name) => walk(path.join(entry, name)));
}

/** A hash of everything that the web server's build is made of. */
function sourcesHash(root: string): string {
  const hash = createHash("sha256");
  for (const file of [...SOURCES, ...FILES].flatMap((entry) => walk(path.join(root, entry)))) {
    hash.update(path.relative(root, file)).update("\0").update(fs.readFileSync(file));
  }
  return hash.digest("hex");
}

/**
 * Builds the web server where its sources have changed since the last build. @returns whether it did
 * @param signal ends the build, whose next start builds everything
 * @throws StartFailure with the build's last words
 */
export async function buildWeb(root: string, signal?: AbortSignal): Promise<boolean> {
  const stamp = path.join(root, ".next/studio-sources");
  const hash = sourcesHash(root);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === hash) return false;
  // A build that is cut short must not pass for the one before it.
  fs.rmSync(stamp, { force: true });
  const child = startNode(["node_modules/next/dist/bin/next", "build"], {
    cwd: root,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" },
    output: "pipe",
  });
  const end = () => child.pid !== undefined && signalGroup(child.pid, "SIGKILL");
  signal?.addEventListener("abort", end, { once: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (piece: Buffer) => {
      output = (output + piece.toString("utf8")).slice(-6000);
    });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  signal?.removeEventListener("abort", end);
  if (code !== 0) throw new StartFailure(`the build failed:\n${output}`);
  fs.writeFileSync(stamp, hash);
  return true;
}

/**
 * Writes the sandboxes' template, with the `struere` command as one file.
 * @param lean without npm, pnpm, bun and tsc
 * @returns in words what every sandbox holds, and what this machine lacks for it
 */
export async function buildTemplate(root: string, folder: string, lean = false): Promise<string> {
  fs.mkdirSync(folder, { recursive: true });
  const struereBundle = path.join(folder, "struere.mjs");
  await bundleStruere(root, struereBundle);
  await writeLocalTemplate({ folder, repoRoot: root, struereBundle, lean });
  const { names, packages } = await missingMachineTools();
  if (names.length === 0) return lean ? "what every sandbox holds, lean" : "what every sandbox holds";
  return `without ${names.join(", ")}: apt-get install ${packages.join(" ")}`;
}
