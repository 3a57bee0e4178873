import { spawn } from "node:child_process";
import fs from "node:fs/promises";
import path from "node:path";
import { PROJECT_TSCONFIG } from "#domain/project/tsconfig.ts";
import type { FileFault } from "./local.ts";
import { MODULE_TYPES } from "./module-types.ts";
import { writeInside } from "./write.ts";

/** What `tsc` said of a project's files; null where there is no `tsc` that may be run. */
export type TypeFaults = FileFault[] | null;

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_CHARS = 1_000_000;
const MAX_FAULTS = 200;

/**
 * The compiler: one on PATH, outside of the project. Its own folder's is code that its author chose, and files of
 * a project are checked without running any.
 * @param own whether the project's own is meant, too
 */
async function findCompiler(
  folder: string,
  own: boolean,
  searched = process.env.PATH,
): Promise<string | null> {
  const root = await fs.realpath(folder);
  const name = process.platform === "win32" ? "tsc.cmd" : "tsc";
  const inProject = own ? [path.join(root, "node_modules/.bin")] : [];
  for (const entry of [...inProject, ...(searched ?? "").split(path.delimiter)]) {
    // A relative one depends on where somebody stands.
    if (!path.isAbsolute(entry)) continue;
    const file = await fs.realpath(path.join(entry, name)).catch(() => null);
    if (file === null || (!own && file.startsWith(`${root}${path.sep}`))) continue;
    const isRunnable = await fs.access(path.join(entry, name), fs.constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isRunnable) return path.join(entry, name);
  }
  return null;
}

/** Lines as compilers write them for programs: `agents/a.ts(3,5): error TS2322: …`, and what they add below. */
const LINE = /^(.+?)\((\d+),(\d+)\): error (TS\d+): (.*)$/;

function faultsIn(output: string, root: string, base: string): FileFault[] {
  const faults: FileFault[] = [];
  for (const line of output.split(/\r?\n/)) {
    const found = LINE.exec(line);
    if (found) {
      const [, name = "", at = "", column = "", code = "", message = ""] = found;
      const file = path.relative(root, path.resolve(base, name)).replaceAll("\\", "/");
      faults.push({ file, line: Number(at), column: Number(column), message: `${message} (${code})` });
    } else if (/^\s+\S/.test(line) && faults.length > 0) {
      const last = faults.at(-1)!;
      last.message += ` ${line.trim()}`;
    }
  }
  return faults.slice(0, MAX_FAULTS);
}

/** What one run of the compiler wrote. @throws Error with a sentence where it said nothing that can be read */
async function run(compiler: string, args: string[], cwd: string): Promise<string> {
  const child = spawn(compiler, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const keep = (chunk: Buffer) => {
    if (output.length < MAX_OUTPUT_CHARS) output += chunk.toString("utf8");
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, TIMEOUT_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  }).finally(() => clearTimeout(timer));
  if (isLate) throw new Error(`tsc was not done within ${TIMEOUT_MS / 1_000} s.`);
  if (code !== 0 && !/error TS\d+/.test(output))
    throw new Error(`tsc ended with ${code}: ${output.trim().slice(0, 300)}`);
  return output;
}

/** Checks the types of a project's definitions, by Studio's own settings: the folder's are for its editor. */
export async function checkTypes(folder: string, own: boolean): Promise<TypeFaults> {
  const compiler = await findCompiler(folder, own);
  if (compiler === null) return null;
  const root = await fs.realpath(folder);
  const settings = ".struere/tsconfig.json";
  const { compilerOptions, include } = PROJECT_TSCONFIG;
  await writeInside(root, ".struere/struere.d.ts", MODULE_TYPES);
  await writeInside(
    root,
    settings,
    JSON.stringify({
      compilerOptions: { ...compilerOptions, paths: { struere: ["./struere.d.ts"] } },
      include: include.map((one) => `../${one}`),
    }),
  );
  const output = await run(compiler, ["--project", path.join(root, settings), "--pretty", "false"], root);
  return faultsIn(output, root, root);
}
