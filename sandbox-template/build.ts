/**
 * `npm run template:build [-- <name>] [--lean]`: builds Studio's template in E2B's cloud, under the name that
 * SANDBOX_TEMPLATE gives, or `studio`. It needs E2B_API_KEY. A lean one is without npm's newer releases, pnpm, bun, tsc,
 * Python and compilers.
 */
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { defaultBuildLogger, Template } from "e2b";
import { studioTemplate, writeBuildContext } from "./e2b.ts";
import { bundleAgent, bundleStruere } from "./bundle.ts";

const REPO = fileURLToPath(new URL("..", import.meta.url));
/** What OpenCode and a build besides it need; as the local host gives. */
const SIZE = { cpuCount: 2, memoryMB: 2048 };

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(1);
}

if (!process.env["E2B_API_KEY"]) {
  refuse("E2B_API_KEY is not set: the template is built in E2B's cloud, with the key of your account there.");
}
if (process.env["E2B_API_URL"]) {
  refuse("E2B_API_URL is set: the local sandbox host builds no templates, it reads them from folders.");
}
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { lean: { type: "boolean", default: false } },
});
const name = positionals[0] ?? process.env["SANDBOX_TEMPLATE"] ?? "studio";
const context = await fs.mkdtemp(path.join(os.tmpdir(), "studio-template-"));
try {
  const bundle = path.join(context, "bundle.mjs");
  await bundleStruere(REPO, bundle);
  const agent = path.join(context, "bundled");
  await bundleAgent(REPO, agent);
  await writeBuildContext(context, bundle, agent);
  await Template.build(studioTemplate(context, values), name, { ...SIZE, onBuildLogs: defaultBuildLogger() });
  process.stdout.write(`The template '${name}' is ready.\n`);
} catch (error) {
  refuse(`The template could not be built: ${error instanceof Error ? error.message : String(error)}`);
} finally {
  await fs.rm(context, { recursive: true, force: true });
}
