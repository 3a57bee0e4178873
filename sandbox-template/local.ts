import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { SYSTEM_PATH } from "#sandbox-host/spec.ts";
import { sealedCopy } from "#sandbox-host/sealed-program.ts";
import { bundleAgent } from "./bundle.ts";
import {
  AGENT_FILES,
  AGENT_FOLDERS,
  bridgeWrapper,
  HOME_FILES,
  HOME_FOLDERS,
  INSIDE,
  INSIDE_AGENT,
  INSIDE_BIN,
  INSIDE_TOOLS,
  MACHINE_TOOLS,
  STRUERE_FILE,
  struereWrapper,
  SYSTEM_PROGRAMS,
  TEMPLATE_ENV,
  TOOLS,
  TOOLS_BIN,
  VERSIONS_FILE,
} from "./contents.ts";
import { templateVersions, VERSIONS } from "./versions.ts";

/** Programs from npm packages of the repository: name on PATH, file, and the package that pins it. */
const PACKAGED = [
  { name: "node", sealed: false, folder: "node", file: "bin/node", version: VERSIONS.node },
  {
    name: "opencode",
    sealed: true,
    folder: "opencode-linux-x64",
    file: "bin/opencode",
    version: VERSIONS.opencode,
  },
  {
    name: "sandbox-agent",
    sealed: false,
    folder: "@sandbox-agent/cli-linux-x64",
    file: "bin/sandbox-agent",
    version: VERSIONS.sandboxAgent,
  },
] as const;

/** A program that is asked for its version may be on a disk that sleeps. */
const PROBE_MS = 10_000;

export interface LocalTemplateOptions {
  /** Where the template is written; made if missing, and its own files replaced. */
  folder: string;
  /** The repository, whose `node_modules` has the pinned programs. */
  repoRoot: string;
  /** The struere CLI as one bundled file; without it the sandbox has no `struere`. */
  struereBundle?: string;
  /** Whether sandboxes do without npm, pnpm, bun and tsc. */
  lean?: boolean;
}

interface Mount {
  source: string;
  target: string;
}

async function packagedMounts(repoRoot: string, folder: string): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const { name, sealed, folder: installed, file, version } of PACKAGED) {
    const root = path.join(repoRoot, "node_modules", installed);
    let manifest: { version?: unknown };
    try {
      manifest = JSON.parse(await fs.readFile(path.join(root, "package.json"), "utf8")) as typeof manifest;
      await fs.access(path.join(root, file), fs.constants.X_OK);
    } catch (error) {
      throw new Error(`${name} is not installed in ${root}: run 'npm ci' on linux-x64.`, { cause: error });
    }
    if (manifest.version !== version) {
      throw new Error(`${root} has version ${String(manifest.version)}, but the template pins ${version}.`);
    }
    const program = path.join(root, file);
    const source = sealed ? path.join(folder, "sealed", name) : program;
    if (sealed) await sealedCopy(program, source);
    mounts.push({ source, target: `${INSIDE_BIN}/${name}` });
  }
  return mounts;
}

async function findOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env["PATH"] ?? "").split(path.delimiter).filter((f) => path.isAbsolute(f))) {
    const file = path.join(folder, program);
    try {
      await fs.access(file, fs.constants.X_OK);
      return await fs.realpath(file);
    } catch (error) {
      if (!["ENOENT", "EACCES", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
  return undefined;
}

/** Sandboxes see the host's /usr; only what is installed elsewhere needs a mount. */
async function systemMounts(): Promise<Mount[]> {
  const mounts: Mount[] = [];
  for (const [program, debianPackage] of Object.entries(SYSTEM_PROGRAMS)) {
    const source = await findOnPath(program);
    if (!source) {
      throw new Error(`${program} is missing: install it with 'apt-get install ${debianPackage}'.`);
    }
    if (!source.startsWith("/usr/")) mounts.push({ source, target: `${INSIDE_BIN}/${program}` });
  }
  return mounts;
}

/** Their packages as they are installed, and a folder of links into them for PATH. */
async function writeTools(folder: string, repoRoot: string): Promise<Mount[]> {
  const modules = path.join(repoRoot, "sandbox-template/tools/node_modules");
  const bin = path.join(folder, "tools");
  await fs.rm(bin, { recursive: true, force: true });
  await fs.mkdir(bin);
  for (const [name, file] of Object.entries(TOOLS)) {
    try {
      await fs.access(path.join(modules, file), fs.constants.X_OK);
    } catch (error) {
      const command = "npm ci --ignore-scripts --prefix sandbox-template/tools";
      throw new Error(`${name} is not installed in ${modules}: run '${command}'.`, { cause: error });
    }
    await fs.symlink(`${INSIDE_TOOLS}/node_modules/${file}`, path.join(bin, name));
  }
  return [
    { source: modules, target: `${INSIDE_TOOLS}/node_modules` },
    { source: "tools", target: TOOLS_BIN },
  ];
}

const runFile = promisify(execFile);

/** What sandboxes on this machine lack, since they see its own `/usr`: names for people, and Debian's packages. */
export async function missingMachineTools(): Promise<{ names: string[]; packages: string[] }> {
  const looked = await Promise.all(
    MACHINE_TOOLS.map(async (tool) => {
      // Without what this machine's people have put before it: no sandbox sees that.
      const isThere = await runFile("env", ["-i", `PATH=${SYSTEM_PATH}`, ...tool.probe], {
        timeout: PROBE_MS,
      }).then(
        () => true,
        () => false,
      );
      return { tool, isThere };
    }),
  );
  const missing = looked.filter(({ isThere }) => !isThere).map(({ tool }) => tool);
  return {
    names: missing.map(({ name }) => name),
    packages: [...new Set(missing.map(({ debian }) => debian))],
  };
}

async function writeStruere(folder: string, bundle: string): Promise<Mount[]> {
  const wrapper = path.join(folder, "bin", "struere");
  await fs.mkdir(path.dirname(wrapper), { recursive: true });
  await fs.copyFile(bundle, path.join(folder, STRUERE_FILE));
  await fs.writeFile(wrapper, struereWrapper());
  await fs.chmod(wrapper, 0o755);
  return [
    { source: "bin/struere", target: `${INSIDE_BIN}/struere` },
    { source: STRUERE_FILE, target: `${INSIDE}/${STRUERE_FILE}` },
  ];
}

/** Writes the bridge to the agent, with what only the agent reads. */
async function writeAgent(folder: string, repoRoot: string): Promise<Mount[]> {
  const agent = path.join(folder, "agent");
  await fs.rm(agent, { recursive: true, force: true });
  for (const name of AGENT_FOLDERS) await fs.mkdir(path.join(agent, name), { recursive: true });
  for (const [name, content] of Object.entries(AGENT_FILES))
    await fs.writeFile(path.join(agent, name), content);
  await bundleAgent(repoRoot, agent);
  const wrapper = path.join(folder, "bin", "studio-agent");
  await fs.mkdir(path.dirname(wrapper), { recursive: true });
  await fs.writeFile(wrapper, bridgeWrapper());
  await fs.chmod(wrapper, 0o755);
  return [
    { source: "agent", target: INSIDE_AGENT },
    { source: "bin/studio-agent", target: `${INSIDE_BIN}/studio-agent` },
  ];
}

/** Writes what the template was built with: a session's server reads it there. */
async function writeVersions(
  folder: string,
  { lean, struereBundle }: LocalTemplateOptions,
): Promise<Mount[]> {
  const versions = templateVersions({ lean: lean ?? false, struere: struereBundle !== undefined });
  await fs.writeFile(path.join(folder, VERSIONS_FILE), `${JSON.stringify(versions, null, 2)}\n`);
  return [{ source: VERSIONS_FILE, target: `${INSIDE}/${VERSIONS_FILE}` }];
}

async function writeHome(home: string): Promise<void> {
  await fs.rm(home, { recursive: true, force: true });
  for (const folder of HOME_FOLDERS) await fs.mkdir(path.join(home, folder), { recursive: true });
  for (const [name, content] of Object.entries(HOME_FILES)) {
    await fs.mkdir(path.dirname(path.join(home, name)), { recursive: true });
    await fs.writeFile(path.join(home, name), content);
  }
}

/**
 * Writes Studio's template for the local sandbox host (`--template name=<folder>`): the pinned OpenCode,
 * sandbox-agent and Node, the bridge to the agent, ripgrep and git, npm, pnpm, bun and tsc where it is not lean, `struere`
 * if given, and what keeps them quiet at start.
 * @throws Error with one sentence if a program is missing or has another version
 */
export async function writeLocalTemplate(options: LocalTemplateOptions): Promise<void> {
  const { folder, struereBundle } = options;
  await fs.mkdir(folder, { recursive: true });
  await writeHome(path.join(folder, "home"));
  const manifest = {
    mounts: [
      ...(await packagedMounts(path.resolve(options.repoRoot), folder)),
      ...(await writeAgent(folder, path.resolve(options.repoRoot))),
      ...(await systemMounts()),
      ...(options.lean ? [] : await writeTools(folder, path.resolve(options.repoRoot))),
      ...(struereBundle === undefined ? [] : await writeStruere(folder, struereBundle)),
      ...(await writeVersions(folder, options)),
    ],
    env: TEMPLATE_ENV,
    path: [INSIDE_BIN, ...(options.lean ? [] : [TOOLS_BIN])],
    home: "home",
  };
  await fs.writeFile(path.join(folder, "template.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}
