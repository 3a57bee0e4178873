#!/usr/bin/env node
// What `npx struere` runs in a clone of Studio. The packed command (`npm run struere:pack`) is one file without it.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { fileURLToPath } from "node:url";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const own = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));
const file = fileURLToPath(new URL("struere.ts", import.meta.url));
// TypeScript runs from 22.18 on; the clone has a newer one of its own.
if (major > 22 || (major === 22 && minor >= 18)) await import("./struere.ts");
else if (fs.existsSync(own)) {
  const { status } = spawnSync(own, [file, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exitCode = status ?? 1;
} else {
  console.error(`struere: needs Node 22.18 or newer; this is ${process.version}. Run npm ci first.`);
  process.exitCode = 2;
}
