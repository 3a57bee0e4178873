import fs from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { VERSION } from "../lib/domain/version.ts";
import { bundleStruere } from "./bundle.ts";

/*
 * `npm run struere:pack [-- FOLDER]`: the struere command as a package of one file, by default in dist/struere.
 * `npm pack dist/struere` makes a tarball of it, which `npx` and `npm install` take.
 */
const root = path.join(import.meta.dirname, "..");
const { positionals } = parseArgs({ allowPositionals: true });
const folder = path.resolve(positionals[0] ?? path.join(root, "dist/struere"));
const file = path.join(folder, "struere.mjs");

await fs.mkdir(folder, { recursive: true });
await bundleStruere(root, file);
const bundled = await fs.readFile(file, "utf8");
await fs.writeFile(file, bundled.startsWith("#!") ? bundled : `#!/usr/bin/env node\n${bundled}`);
await fs.chmod(file, 0o755);
const manifest = {
  name: "struere",
  version: VERSION,
  description: "A project of Studio as files: pull, check and push its definitions.",
  license: "MIT",
  type: "module",
  bin: { struere: "struere.mjs" },
  engines: { node: ">=22.18" },
};
await fs.writeFile(path.join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await fs.copyFile(path.join(root, "LICENSE"), path.join(folder, "LICENSE"));
console.log(`${path.relative(process.cwd(), file)}: ${(bundled.length / 1_000).toFixed(0)} kB`);
