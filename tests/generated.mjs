// Checks that what `npm run codegen` writes is what stands in the repository. Leaves the files as they were, and does not
// write what has not changed: other tests read it meanwhile.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");
const FOLDERS = ["convex/_generated", "lib/sdk/_generated"];
const read = () =>
  new Map(
    FOLDERS.flatMap((folder) =>
      fs.readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`),
    ).map((file) => [file, fs.readFileSync(path.join(root, file), "utf8")]),
  );

const before = read();
const { status } = spawnSync("npm", ["run", "-s", "codegen"], { stdio: ["ignore", "ignore", "inherit"] });
const after = read();
const stale = [...new Set([...before.keys(), ...after.keys()])].filter(
  (name) => before.get(name) !== after.get(name),
);
for (const name of stale) {
  const text = before.get(name);
  if (text === undefined) fs.rmSync(path.join(root, name));
  else fs.writeFileSync(path.join(root, name), text);
  console.error(`${name} is not what npm run codegen writes. Run it, and commit.`);
}
process.exit(status === 0 && stale.length === 0 ? 0 : 1);
