// Checks that what `npm run codegen` writes is what stands in the repository. Leaves the files as they were.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const folder = path.resolve(import.meta.dirname, "../convex/_generated");
const read = () =>
  new Map(fs.readdirSync(folder).map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")]));

const before = read();
const { status } = spawnSync("npm", ["run", "-s", "codegen"], { stdio: ["ignore", "ignore", "inherit"] });
const after = read();
for (const [name, text] of before) fs.writeFileSync(path.join(folder, name), text);
const stale = [...new Set([...before.keys(), ...after.keys()])].filter(
  (name) => before.get(name) !== after.get(name),
);
for (const name of stale) {
  if (!before.has(name)) fs.rmSync(path.join(folder, name));
  console.error(`convex/_generated/${name} is not what npm run codegen writes. Run it, and commit.`);
}
process.exit(status === 0 && stale.length === 0 ? 0 : 1);
