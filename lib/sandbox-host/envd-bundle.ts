import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ENTRY = fileURLToPath(new URL("./envd/main.ts", import.meta.url));

/** Bundles envd into one file below `folder`, or finds it there from an earlier start. Returns its path. */
export async function bundleEnvd(folder: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: "esm",
    minify: true,
    logLevel: "silent",
  });
  const code = outputFiles[0]?.contents ?? new Uint8Array();
  const name = `envd-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.mjs`;
  const file = path.join(folder, name);
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (!fs.existsSync(file)) {
    // Renamed into place, so that a host that dies here leaves no half a file.
    fs.writeFileSync(`${file}.${process.pid}`, code, { mode: 0o644 });
    fs.renameSync(`${file}.${process.pid}`, file);
  }
  return file;
}

/** The addon that opens terminals, of the optional package for this platform. Undefined where there is none. */
export function findTerminalAddon(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(
      `@lydell/node-pty-${process.platform}-${process.arch}/pty.node`,
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
