import fs from "node:fs/promises";
import path from "node:path";
import { build, stop } from "esbuild";

/** Bundles the `struere` command of the repository into one file that Node runs. */
export async function bundleStruere(repoRoot: string, outfile: string): Promise<void> {
  await fs.mkdir(path.dirname(outfile), { recursive: true });
  await build({
    entryPoints: [path.join(repoRoot, "lib/cli/struere.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "silent",
    legalComments: "none",
  });
  // Its process would stay in memory for as long as this one.
  await stop();
}
