import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildTemplate, buildWeb } from "#cli/up/build.ts";
import bundleOnce from "./bundle-once.ts";

/**
 * Setup of a whole run: the web server, the sandboxes' template and the functions' bundle are built before the files
 * that start them, and the latter two once for all of them.
 * @returns what removes it again
 */
export default async function buildOnce(): Promise<() => void> {
  const root = path.resolve(import.meta.dirname, "../..");
  await buildWeb(root);
  const template = fs.mkdtempSync(path.join(os.tmpdir(), "studio-template-"));
  await buildTemplate(root, template);
  process.env.STUDIO_TEST_TEMPLATE = template;
  const forgetBundle = await bundleOnce();
  return () => {
    forgetBundle();
    fs.rmSync(template, { recursive: true, force: true });
  };
}
