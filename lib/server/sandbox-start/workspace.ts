import type { Environment } from "#domain/catalog.ts";
import { PROJECT_TSCONFIG } from "#domain/project/tsconfig.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { configText } from "./config-text.ts";

export interface WorkspaceInput {
  organization: { id: string; slug: string; name: string };
  environment: Environment;
  /** The content of opencode.json. */
  openCode: Record<string, unknown>;
  /** Addresses as the sandbox sees them. */
  convexUrl: string;
  convexSiteUrl: string;
  syncKey: string;
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** The files that every workspace begins with; the four folders of the project are filled by `struere pull`. */
export function workspaceFiles(input: WorkspaceInput): { path: string; data: string }[] {
  const { organization } = input;
  return [
    ["struere.json", json({ version: "2.0", organization })],
    [
      "package.json",
      json({
        name: organization.slug,
        version: "0.1.0",
        private: true,
        type: "module",
        scripts: { pull: "struere pull" },
      }),
    ],
    ["tsconfig.json", json(PROJECT_TSCONFIG)],
    ["opencode.json", `${configText(input.openCode, 2)}\n`],
    ["CLAUDE.md", instructions(input)],
    [
      ".env",
      [
        `STRUERE_API_KEY=${input.syncKey}`,
        `STRUERE_CONVEX_URL=${input.convexUrl}`,
        `STRUERE_CONVEX_SITE_URL=${input.convexSiteUrl}`,
        "",
      ].join("\n"),
    ],
    [".gitignore", "node_modules/\n.env\n.struere/\n"],
  ].map(([path, data]) => ({ path: `${WORKSPACE}/${path}`, data: data as string }));
}

function instructions({ organization, environment }: WorkspaceInput): string {
  return `# ${organization.name}

This is the project of ${organization.name} on Struere, as it stands in **${environment}**. You work on a copy in
a sandbox of your own: what you change here reaches nobody until a person pushes it.

## What is here
| folder | one file each |
|---|---|
| \`agents/\` | an agent: its prompt, model and tools (\`defineAgent\`) |
| \`entity-types/\` | a type of record: a JSON Schema (\`defineData\`) |
| \`roles/\` | who may do what with which records (\`defineRole\`) |
| \`triggers/\` | what happens by itself when a record changes (\`defineTrigger\`) |

Each file exports one definition as its default. \`slug\` names it; a role is named by its \`name\`. A changed slug is a
new thing, not a renamed one. \`struere.json\` says whose project this is: leave it as it is.

## How to work
- \`struere validate\` checks every file, \`struere diff\` shows what a push would change, \`struere docs\` tells the formats.
  The key in this sandbox only reads: pushing is for people.
- Read the files that a change touches before you change them; keep their form.
- Write and run as little as the task needs. People see each command and each change, and answer for it.
- Keys and tokens in the environment are for the tools. Do not print them, and do not write them into files.
`;
}
