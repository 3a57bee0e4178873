import { parseArgs } from "node:util";

/** How `struere` ends, beside 0 for done. */
export const EXIT = {
  /** Something in the project or the request is wrong; nothing was changed. */
  problems: 1,
  /** It was asked wrongly. */
  usage: 2,
  /** Both sides have changed: pull, or say what is meant. */
  conflict: 3,
  /** The key is missing, not valid, or may not. */
  access: 4,
} as const;

/** Something the person who typed the command can put right. */
export class CliError extends Error {
  readonly exitCode: number;
  /** What else `--json` tells. */
  readonly details: object;

  constructor(message: string, exitCode: number = EXIT.problems, details: object = {}) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}

export const COMMANDS = {
  init: "begins a project in this folder",
  pull: "writes every agent, entity type, role, trigger and file into this folder",
  push: "changes the environment to what is in this folder (also: sync)",
  status: "says what is different, here and there",
  diff: "shows what is different, field by field",
  validate: "checks every file, and changes nothing",
  print: "prints every definition of this folder, for programs with --json",
  add: "writes a new file: struere add agent|entity-type|role|trigger|eval|fixture NAME",
  dev: "pushes each time a file is saved, to development",
  deploy: "makes production what development is",
  login: "keeps an API key for this address (read from standard input)",
  logout: "forgets it",
  whoami: "says whose key it is, and what it may do",
  org: "says which organization this folder and the key belong to",
  docs: "prints how projects are written",
} as const;
export type CommandName = keyof typeof COMMANDS;

export const HELP = `struere: a project's definitions as files

${Object.entries(COMMANDS)
  .map(([name, what]) => `  struere ${name.padEnd(9)} ${what}`)
  .join("\n")}

  --env NAME     development or production; it must be the key's own
  --dry-run      says what would happen, and changes nothing
  --force        pull: also over files that were changed here; push: also over changes that were not pulled
  --delete       push, deploy: also deletes what isn't there any more; nothing is deleted without it
  --yes          asks nothing
  --json         answers as one line of JSON

STRUERE_API_KEY and STRUERE_CONVEX_URL say where the project is: both in the environment, or both in .env.
It ends with 0 where it's done, 1 where the project has problems or the request was refused, 2 where it was asked
wrongly, 3 where both sides have changed, 4 where the key is missing or may not, and 75 where Studio can't be reached.
`;

export interface Command {
  name: CommandName | "help" | "version";
  rest: string[];
  force: boolean;
  dryRun: boolean;
  json: boolean;
  delete: boolean;
  yes: boolean;
  environment?: string;
}

/** @throws CliError (exit code 2) where the command or an option is not known */
export function parseCommand(argv: string[]): Command {
  let parsed;
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        force: { type: "boolean", default: false },
        "dry-run": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        delete: { type: "boolean", default: false },
        yes: { type: "boolean", short: "y", default: false },
        env: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false },
      },
    });
  } catch (error) {
    throw new CliError(`${(error as Error).message}\n\n${HELP}`, EXIT.usage);
  }
  const { values, positionals } = parsed;
  const [given, ...rest] = positionals;
  const flags = {
    rest,
    force: values.force,
    dryRun: values["dry-run"],
    json: values.json,
    delete: values.delete,
    yes: values.yes,
    ...(values.env !== undefined && { environment: values.env }),
  };
  if (values.version) return { name: "version", ...flags };
  if (values.help || given === undefined) return { name: "help", ...flags };
  const name = given === "sync" ? "push" : given;
  if (!Object.hasOwn(COMMANDS, name) || (name !== "add" && rest.length > 0))
    throw new CliError(`There's no command “${positionals.join(" ")}”.\n\n${HELP}`, EXIT.usage);
  return { name: name as CommandName, ...flags };
}
