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

| \`tools/\`, \`evals/\`, \`fixtures/\` | kept as files, and not run here |

Each file exports one definition as its default:

\`\`\`ts
import { defineAgent } from "struere";

export default defineAgent({
  name: "Support",
  slug: "support",
  version: "1.0.0",
  systemPrompt: "Help customers with their orders.",
  model: { model: "openai/gpt-5-mini", temperature: 0.7 },
  tools: ["entity.query"],
});
\`\`\`

- \`slug\` names a definition; a role is named by its \`name\`. A changed slug is a new thing, not a renamed one: the old
  one then counts as deleted.
- A file may import other files of the project, and nothing else. It is read without network, files and environment, for
  at most five seconds.
- Every field, with its type, is in \`.struere/struere.d.ts\`; \`struere docs\` tells the formats. A field that isn't there is
  a problem, not a note.
- References go by slug (\`references\`, \`on.entityType\`, \`resource\`, \`boundToRole\`, \`agentAccess\`): change both ends.
- A role allows nothing that no policy allows; \`deny\` wins, and \`*\` means everything. Give the least that is needed.
- A trigger fires for every matching record from the moment that it is pushed. Keep its condition narrow.
- \`struere.json\` says whose project this is: leave it as it is.

## Before you say that it's done
1. \`struere validate\` checks every file: 0 problems, and no warnings that you have caused.
2. \`struere diff\` shows what a push would change, field by field. Undo what the task didn't ask for.

After each turn people see what you have changed, what it means (rights that widen, triggers that newly fire, references
that break), and what is wrong with it. They push it, or send it back to you. The key in this sandbox only reads, so
\`struere push\` is refused: say what is ready instead. \`struere pull\` brings in what others have pushed, and leaves what
you have changed.

## How to work
- Read the files that a change touches before you change them; keep their form.
- Write and run as little as the task needs. People see each command and each change, and answer for it.
- Keys and tokens in the environment are for the tools. Do not print them, and do not write them into files.
`;
}
