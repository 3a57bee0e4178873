import fs from "node:fs";
import path from "node:path";
import { METHODS } from "#contracts/route.ts";

const root = path.resolve(import.meta.dirname, "../..");

function filesIn(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesIn(file) : entry.name === "route.ts" ? [file] : [];
  });
}

/** Every method that a route file of the app exports: its name as the table of routes has it, and the file's source. */
export function routesOfFiles(): { name: string; source: string }[] {
  return filesIn(path.join(root, "app/api")).flatMap((file) => {
    const source = fs.readFileSync(file, "utf8");
    const folder = `/${path.relative(path.join(root, "app"), path.dirname(file))}`;
    const address = folder.replaceAll(/\[(?:\.\.\.)?(\w+)\]/g, "{$1}");
    return [...METHODS, "HEAD", "OPTIONS"]
      .filter((method) =>
        new RegExp(`export (const|async function|function) ${method}\\b|as ${method}\\b`).test(source),
      )
      .map((method) => ({ name: `${method} ${address}`, source }));
  });
}
