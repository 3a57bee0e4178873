import { isReservedVariable } from "./variables.ts";

/** Skills: instructions of an organization that agents find in their workspace, and that messages can name. Pure. */

/** Where a session's project lies in its sandbox. */
export const WORKSPACE_FOLDER = "/workspace";
/** The folder in the workspace that holds skills where nothing else is said; relative to the workspace. */
export const DEFAULT_SKILL_ROOT = ".skills_runtime_sdk/skills";
/** What stands for the default root in a mention. */
const DEFAULT_DOMAIN = "web";
/** Skills of an organization, enabled or not. */
export const MAX_SKILLS = 100;
/** Bytes of one SKILL.md, as UTF-8. */
export const MAX_SKILL_BYTES = 65_536;
/** Bytes of all of an organization's skills together: one query reads them for a sandbox. */
export const MAX_ALL_SKILLS_BYTES = 1_500_000;
/** Revisions of a skill that are kept, the present one among them. */
export const MAX_SKILL_REVISIONS = 20;
export const MAX_SKILL_ROOTS = 10;
/** Skills of one session whose changes wait for a person, or were dismissed. */
export const MAX_SESSION_OFFERS = 20;
export const MAX_SKILL_ROOT_CHARS = 200;
export const MAX_SKILL_VARIABLES = 20;
/** Characters of what a SKILL.md says beyond what Studio knows of, as JSON. */
export const MAX_SKILL_EXTRA_CHARS = 16_000;
/** Bytes of all skills that one message brings with it. */
export const MAX_INJECTED_BYTES = 256_000;

/** Every name can be mentioned: it begins and ends with a letter or a digit. */
export const SKILL_NAME = /^[a-z0-9][a-z0-9_-]{0,62}[a-z0-9]$/;

/** What happens to a run whose skill needs a variable that its sandbox does not have. */
export const ENV_VAR_POLICIES = ["fail_fast", "skip_skill"] as const;
export type EnvVarPolicy = (typeof ENV_VAR_POLICIES)[number];

/** Why a mentioned skill did not go into the message. */
export const SKILL_FAILURES = [
  "unknown_namespace",
  "unknown_skill",
  "disabled",
  "not_for_agent",
  "not_in_production",
  "not_repeated",
  "missing_env_var",
  "too_large",
  "too_many",
] as const;
export type SkillFailure = (typeof SKILL_FAILURES)[number];

/** What a person writes of a skill. */
export interface SkillFields {
  name: string;
  description: string;
  /** For people; empty where it has none. */
  title: string;
  /** Names of the variables that it needs in the sandbox. */
  envVars: string[];
  /** Markdown. */
  body: string;
  /** What else its front matter says, as the text of a JSON object. */
  extra: string;
}

/** Folders of the project and of its tools, in which a skill would be taken for something else. */
const TAKEN_FOLDERS: readonly string[] = [
  "agents",
  "entity-types",
  "roles",
  "triggers",
  "tools",
  "evals",
  "fixtures",
  ".struere",
];
const TAKEN_NAMES: readonly string[] = [".", "..", ".git", ".env", "node_modules"];
const FOLDER = /^[A-Za-z0-9._-]{1,64}$/;
const SEGMENT = /^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$/;

/** Why a folder, relative to the workspace, can't be a root of skills; null where it can. */
export function skillRootFault(root: string): string | null {
  if (root.length > MAX_SKILL_ROOT_CHARS) return `has more than ${MAX_SKILL_ROOT_CHARS} characters`;
  const parts = root.split("/");
  const bad = parts.find((part) => !FOLDER.test(part) || TAKEN_NAMES.includes(part));
  if (bad !== undefined) return "must name a folder below the workspace";
  if (TAKEN_FOLDERS.includes(parts[0] ?? "")) return `must not be in “${parts[0]}”, which is the project's`;
  if (!SEGMENT.test(skillDomain(root)))
    return "must end in a name of 2 to 64 small letters, digits and -, so that it can be mentioned";
  return null;
}

/** What stands for a root in a mention: the last folder's name, or `web` for the default one. */
export const skillDomain = (root: string): string =>
  root === DEFAULT_SKILL_ROOT ? DEFAULT_DOMAIN : root.slice(root.lastIndexOf("/") + 1);

/** Two roots that a mention could not tell apart; null where there are none. */
export function equalDomains(roots: readonly string[]): [string, string] | null {
  for (const [index, root] of roots.entries()) {
    const other = roots.slice(0, index).find((before) => skillDomain(before) === skillDomain(root));
    if (other !== undefined) return [other, root];
  }
  return null;
}

/** A skill's file, relative to the workspace. */
export const skillPath = (root: string, name: string): string => `${root}/${name}/SKILL.md`;

/** True for a variable that a skill can require: what Studio and the system set themselves is always there. */
export const isRequirable = (name: string): boolean => !isReservedVariable(name);

/** Fields of the front matter that have a place of their own. */
const OWN_FIELDS: readonly string[] = ["name", "description", "metadata"];
const PLAIN_KEY = /^[A-Za-z][\w-]*$/;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The front matter's other fields, from their JSON; null where that is none of an object. */
export function skillExtra(text: string): Json | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** JSON is YAML, too; a line each, so that a person can read it. */
const line = (key: string, value: unknown) =>
  `${PLAIN_KEY.test(key) ? key : JSON.stringify(key)}: ${JSON.stringify(value)}`;

/** The file of a skill: its front matter as YAML, and its body. */
export function skillMarkdown({ name, description, title, envVars, body, extra }: SkillFields): string {
  const { metadata, ...others } = skillExtra(extra) ?? {};
  const told = {
    ...(isObject(metadata) && metadata),
    ...(title !== "" && { title }),
    // The format's metadata maps words to words.
    ...(envVars.length > 0 && { "env-vars": envVars.join(", ") }),
  };
  const fields = Object.entries(others).filter(([key]) => !OWN_FIELDS.includes(key));
  return [
    "---",
    line("name", name),
    line("description", description),
    ...fields.map(([key, value]) => line(key, value)),
    ...(Object.keys(told).length > 0
      ? ["metadata:", ...Object.entries(told).map(([key, value]) => `  ${line(key, value)}`)]
      : []),
    "---",
    "",
    body.endsWith("\n") ? body : `${body}\n`,
  ].join("\n");
}

/** A skill as a message brings it to the model, in the form in which OpenCode's own tool gives it. */
export const injectedSkill = ({
  name,
  body,
  folder,
}: {
  name: string;
  body: string;
  folder: string;
}): string =>
  [
    `<skill_content name="${name}">`,
    `# Skill: ${name}`,
    "",
    body.trim(),
    "",
    `Base directory for this skill: file://${folder}`,
    "Relative paths in this skill (e.g., scripts/, reference/) are relative to this base directory.",
    "</skill_content>",
  ].join("\n");

/** Examples to begin with. */
export const EXAMPLE_SKILLS: readonly Omit<SkillFields, "extra">[] = [
  {
    name: "commit-message",
    title: "Commit message",
    description: "Use when writing a git commit message, or when asked what a change should be called.",
    envVars: [],
    body: `Write the message from the diff, not from memory: run \`git diff --staged\` first.

- Subject: at most 72 characters, an area and an imperative, as in \`api: refuse a body without a model\`.
- Body: why the change is needed and what a reader can't see in the diff. Leave it out where the subject says it all.
- One change per commit. If the diff holds two, say so and propose how to split it.
`,
  },
  {
    name: "review-checklist",
    title: "Review checklist",
    description: "Use when reviewing a change, before approving it or answering questions about it.",
    envVars: [],
    body: `Read the whole diff before you write anything. Then check, in this order:

1. **Correctness**: edge cases, empty input, errors that are swallowed, concurrent use.
2. **Security**: input from outside is validated, secrets stay out of logs, queries are scoped to their owner.
3. **Tests**: each one fails without the change.
4. **Clarity**: names, dead code, comments that repeat the code.

Report what must change first, each with file and line and a proposed fix. Keep matters of taste apart.
`,
  },
];
