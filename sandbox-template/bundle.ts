import fs from "node:fs/promises";
import path from "node:path";
import { build, stop } from "esbuild";
import { AGENT_PROGRAMS, AGENT_SHELL } from "./contents.ts";

/** Bundles the `struere` command of the repository into one file that Node runs. */
export async function bundleStruere(repoRoot: string, outfile: string): Promise<void> {
  await bundle(path.join(repoRoot, "lib/cli/struere.ts"), outfile);
  // Its process would stay in memory for as long as this one.
  await stop();
}

/**
 * Bundles the programs around the agent into `folder`, which sandboxes see, with the shell of its commands.
 * @param programs by default all of them
 */
export async function bundleAgent(
  repoRoot: string,
  folder: string,
  programs: readonly (typeof AGENT_PROGRAMS)[number][] = AGENT_PROGRAMS,
): Promise<void> {
  for (const name of programs)
    await bundle(path.join(repoRoot, `sandbox-template/agent/${name}.ts`), path.join(folder, `${name}.mjs`));
  await stop();
  const shell = path.join(folder, AGENT_SHELL);
  await fs.mkdir(path.dirname(shell), { recursive: true });
  await fs.copyFile(path.join(repoRoot, "sandbox-template/agent/shell.pl"), shell);
  await fs.chmod(shell, 0o755);
}

async function bundle(entry: string, outfile: string): Promise<void> {
  await fs.mkdir(path.dirname(outfile), { recursive: true });
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "silent",
    legalComments: "none",
    // What a package that is no module itself takes its own parts by.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
}
