import { DEFINITION_KINDS, definitionPath, definitionSource } from "#domain/definitions.ts";
import { DEFAULT_MODEL } from "#domain/project/effects.ts";
import { MODULE_TYPES } from "./module-types.ts";
import { CliError, EXIT } from "./options.ts";
import { type Call, readProjectFile, type Report } from "./project.ts";
import { PROJECT_TSCONFIG } from "#domain/project/tsconfig.ts";
import { writeInside, writeNewInside } from "./write.ts";

const slugOf = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");

/** What a new definition of each kind begins with. */
const TEMPLATES: Record<string, (name: string, slug: string) => Record<string, unknown>> = {
  agent: (name, slug) => ({
    name,
    slug,
    version: "0.1.0",
    systemPrompt: `You are ${name}. Answer briefly.`,
    model: { model: DEFAULT_MODEL, temperature: 0.7, maxTokens: 4096 },
    tools: [],
  }),
  entityType: (name, slug) => ({
    name,
    slug,
    schema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
    searchFields: ["title"],
    displayConfig: { titleField: "title" },
  }),
  role: (name) => ({ name, policies: [{ resource: "users", actions: ["read"], effect: "deny" }] }),
  trigger: (name, slug) => ({
    name,
    slug,
    on: { entityType: "ticket", action: "created" },
    actions: [{ tool: "event.emit", args: { eventType: slug } }],
  }),
};

const WORDS: Record<string, string> = { "data-type": "entityType", "entity-type": "entityType" };

async function writeNew(folder: string, name: string, text: string): Promise<void> {
  if (!(await writeNewInside(folder, name, text)))
    throw new CliError(`${name} is there already. Nothing was written.`);
}

/** Writes a new file of a kind. @throws CliError where one is there, or the kind is none */
export async function add({ folder }: Call, [word = "", ...words]: readonly string[]): Promise<Report> {
  const name = words.join(" ").trim();
  const slug = slugOf(name);
  const kind = DEFINITION_KINDS.find((one) => one.kind === (WORDS[word] ?? word));
  if ((!kind && word !== "eval" && word !== "fixture") || slug === "")
    throw new CliError(
      "Say what, and its name: struere add agent|entity-type|role|trigger|eval|fixture NAME.",
      EXIT.usage,
    );
  const file = kind
    ? definitionPath(kind, slug)
    : word === "eval"
      ? `evals/${slug}.eval.yaml`
      : `fixtures/${slug}.fixture.yaml`;
  const text = kind
    ? definitionSource(kind, TEMPLATES[kind.kind]!(name, slug))
    : word === "eval"
      ? `suite: ${JSON.stringify(name)}\nslug: ${slug}\nagent: support-agent\ncases: []\n`
      : `name: ${JSON.stringify(name)}\nslug: ${slug}\nentities: []\nrelations: []\n`;
  await writeNew(folder, file, text);
  return { exitCode: 0, lines: [`+ ${file}`], json: { file } };
}

/** Begins a project in a folder: what says whose it is, and what editors need. What is there stays. */
export async function init({ folder, remote }: Call): Promise<Report> {
  if (await readProjectFile(folder)) throw new CliError("This folder has a project already (struere.json).");
  const { organization } = await remote.state();
  const lines: string[] = [];
  const files = {
    "struere.json": `${JSON.stringify({ version: "2.0", organization }, null, 2)}\n`,
    "tsconfig.json": `${JSON.stringify(PROJECT_TSCONFIG, null, 2)}\n`,
    ".gitignore": "node_modules/\n.env\n.struere/\n",
  };
  for (const [name, text] of Object.entries(files))
    if (await writeNewInside(folder, name, text)) lines.push(`+ ${name}`);
  await writeInside(folder, ".struere/struere.d.ts", MODULE_TYPES);
  return { exitCode: 0, lines: [...lines, "Next: struere pull"], json: { organization } };
}

export const DOCS = `How a project is written

agents/        export default defineAgent({ name, slug, version, systemPrompt, model, tools, … })
entity-types/  export default defineData({ name, slug, schema, searchFields, displayConfig, … })
roles/         export default defineRole({ name, policies, agentAccess, scopeRules, fieldMasks })
triggers/      export default defineTrigger({ name, slug, on, schedule, retry, actions })
tools/, evals/, fixtures/ are carried as they are; Studio doesn't run them.

The builders come from "struere". A file may import other files of the project and nothing else; it's read without
network, files and environment. A prompt may be a function. slug names a definition (a role: its name), so another slug
is another definition. Every field, with its type, is in .struere/struere.d.ts.

struere validate checks all of it, struere diff shows what a push would change, struere push changes it.
`;
