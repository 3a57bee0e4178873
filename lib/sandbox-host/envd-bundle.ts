import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";

const ENTRY = fileURLToPath(new URL("./envd/main.ts", import.meta.url));

/** The one name in {@link layEnvd}'s folder that is for a mount: Node itself is too large to be copied. */
export const NODE_NAME = "node";
export const ENVD_NAME = "envd.cjs";

/**
 * Makes the folder that sandboxes see as /envd: the bundled envd, the addons that it loads, and a place for Node.
 * `folder` must be new.
 */
export async function layEnvd(folder: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    write: false,
    platform: "node",
    target: "node24",
    format: "cjs",
    minify: true,
    logLevel: "silent",
  });
  // Its helper process has nothing more to do.
  await stop();
  fs.mkdirSync(folder, { mode: 0o755 });
  fs.writeFileSync(path.join(folder, ENVD_NAME), outputFiles[0]?.contents ?? "");
  fs.writeFileSync(path.join(folder, NODE_NAME), "");
  for (const { source, name } of findAddons()) fs.copyFileSync(source, path.join(folder, name));
}

/**
 * The addons that envd loads, by the names that it knows them by: for terminals and for extended attributes.
 * Each comes prebuilt with an npm package, and only for some platforms.
 */
function findAddons(): { source: string; name: string }[] {
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
