import { parseArgs } from "node:util";
import { EXIT_UNREACHABLE } from "#contracts/sync.ts";

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
  /** The login or key has expired: struere login makes a new one. */
  expired: 5,
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

  /** True where another try may succeed. */
  get mayPass(): boolean {
    return this.exitCode === EXIT_UNREACHABLE;
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
  login: "logs in on a page of Studio: struere login [ADDRESS] [--device]; or keeps a key that is piped in",
  logout: "revokes the login and forgets it",
  whoami: "says whose key it is, and what it may do",
  org: "says which organization this folder and the key belong to; struere org list, struere org use SLUG",
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
  --types        validate: also by the tsc of this folder's node_modules, which is code of the project
  --device       login: shows a code to enter on another device
  --key          login: reads an API key from the terminal
  --json         answers as one line of JSON

In CI, STRUERE_API_KEY and STRUERE_CONVEX_URL say where the project is, in the environment or in .env. Elsewhere a login
does, for the organization that struere.json names. STRUERE_AUTH_URL is Studio's address for struere login.
It ends with 0 where it's done, 1 where the project has problems or the request was refused, 2 where it was asked
wrongly, 3 where both sides have changed, 4 where the key is missing or may not, 5 where the login has expired, and 75 where
Studio can't be reached.
`;

/** How many words a command takes beside its name. */
const ARGUMENTS: Partial<Record<CommandName, number>> = { add: 20, login: 1, org: 2 };

export interface Command {
  name: CommandName | "help" | "version";
  rest: string[];
  force: boolean;
  dryRun: boolean;
  json: boolean;
  delete: boolean;
  yes: boolean;
  types: boolean;
  device: boolean;
  key: boolean;
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
        types: { type: "boolean", default: false },
        device: { type: "boolean", default: false },
        key: { type: "boolean", default: false },
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
    types: values.types,
    device: values.device,
    key: values.key,
    ...(values.env !== undefined && { environment: values.env }),
  };
  if (values.version) return { name: "version", ...flags };
  if (values.help || given === undefined) return { name: "help", ...flags };
  const name = given === "sync" ? "push" : given;
  const most = ARGUMENTS[name as CommandName] ?? 0;
  if (!Object.hasOwn(COMMANDS, name) || rest.length > most)
    throw new CliError(`There's no command “${positionals.join(" ")}”.\n\n${HELP}`, EXIT.usage);
  return { name: name as CommandName, ...flags };
}
