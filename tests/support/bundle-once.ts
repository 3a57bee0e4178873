import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { bundleApp } from "#runtime/bundle.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const MANIFEST = "bundle.json";

/**
 * Setup of a whole run: Studio's functions are bundled once for all runtimes that it starts.
 * @returns what removes the bundle again
 */
export default async function bundleOnce(): Promise<() => void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "studio-bundle-"));
  await bundleApp({ dir: path.join(ROOT, "convex"), outDir: folder, env: {} });
  process.env.STUDIO_TEST_BUNDLE = folder;
  return () => fs.rmSync(folder, { recursive: true, force: true });
}

/**
 * Lets a runtime find the run's bundle where its own last one would be; it still checks that no source has changed.
 * @param data the runtime's data folder, before its first start
 */
export function shareBundle(data: string): void {
  const { STUDIO_TEST_BUNDLE } = process.env;
  // Outside of such a run, as by a bench, it makes its own.
  if (STUDIO_TEST_BUNDLE === undefined) return;
  const folder = path.join(data, "bundle");
  fs.mkdirSync(folder, { recursive: true });
  fs.copyFileSync(path.join(STUDIO_TEST_BUNDLE, MANIFEST), path.join(folder, MANIFEST));
}
