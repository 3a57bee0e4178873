import fs from "node:fs";
import path from "node:path";
import type { TemplateVersions } from "#domain/template.ts";
import { VERSION } from "#domain/version.ts";

/** What runs in Studio's sandboxes, here and on E2B alike. package.json pins the same for this machine. */
export const VERSIONS = {
  node: "24.21.0",
  opencode: "1.18.33",
  sandboxAgent: "0.4.2",
} as const;

/** The tools that people find on PATH, by the packages that they come from. */
const TOOL_PACKAGES = {
  npm: "npm",
  pnpm: "pnpm",
  bun: "@oven/bun-linux-x64-baseline",
  typescript: "typescript",
} as const;

/** All that a template is built with, which it says of itself in a file: sessions keep that. */
export function templateVersions({ lean = false, struere = true } = {}): TemplateVersions {
  const manifest = JSON.parse(
    fs.readFileSync(path.join(import.meta.dirname, "tools/package.json"), "utf8"),
  ) as { dependencies: Record<string, string> };
  const tools = Object.entries(TOOL_PACKAGES).map(([name, from]) => [
    name,
    manifest.dependencies[from] ?? "",
  ]);
  return {
    node: VERSIONS.node,
    opencode: VERSIONS.opencode,
    "sandbox-agent": VERSIONS.sandboxAgent,
    ...(struere && { struere: VERSION }),
    ...(!lean && (Object.fromEntries(tools) as Record<string, string>)),
  };
}
