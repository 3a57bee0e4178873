/**
 * `npm run bench:runtime [-- --million] [engine components served]`: what the embedded runtime costs, beside plain
 * SQLite and `convex-test` in the same run. It informs; `--million` adds a million documents.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { componentFigures } from "./components.ts";
import { engineFigures } from "./engine.ts";
import { print } from "./measure.ts";
import { servedFigures } from "./served.ts";

const { values, positionals } = parseArgs({
  options: { million: { type: "boolean", default: false } },
  allowPositionals: true,
});
const wanted = (part: string) => positionals.length === 0 || positionals.includes(part);
const load = () => `load ${os.loadavg()[0]?.toFixed(1)} on ${os.cpus().length} cores`;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "runtime-bench-"));
process.stderr.write(`${load()}\n`);
try {
  if (wanted("engine")) process.stdout.write(print(await engineFigures(folder, values)));
  if (wanted("components")) process.stdout.write(print(await componentFigures(folder)));
  if (wanted("served")) process.stdout.write(print(await servedFigures(folder)));
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
process.stderr.write(`${load()}\n`);
process.exit(0);
