import { createHash } from "node:crypto";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";

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
  // Its helper process has nothing more to do.
  await stop();
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

/**
 * The addons that envd loads, by the names that it knows them by: for terminals and for extended attributes.
 * Each comes prebuilt with an npm package, and only for some platforms.
 */
export function findAddons(): { source: string; name: string }[] {
  const platform = `${process.platform}-${process.arch}`;
  const sources = {
    "pty.node": `@lydell/node-pty-${platform}/pty.node`,
    "attributes.node": `fs-native-extensions/prebuilds/${platform}/fs-native-extensions.node`,
  };
  const { resolve } = createRequire(import.meta.url);
  return Object.entries(sources).flatMap(([name, source]) => {
    try {
      return [{ source: resolve(source), name }];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return [];
      throw error;
    }
  });
}
