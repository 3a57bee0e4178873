import fs from "node:fs";
import path from "node:path";

/** The host's tools by their absolute paths, since the shell that runs them has no environment. */
const found = new Map<string, string>();

/** Where a tool is on this process's PATH; its bare name if it is nowhere. */
export function toolPath(tool: string): string {
  const known = found.get(tool);
  if (known !== undefined) return known;
  const folders = (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .filter((folder) => folder.startsWith("/"));
  const file = folders.map((folder) => path.join(folder, tool)).find((name) => fs.existsSync(name));
  if (file !== undefined) found.set(tool, file);
  return file ?? tool;
}
