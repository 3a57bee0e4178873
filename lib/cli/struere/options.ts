import { parseArgs } from "node:util";

/** Something the person who typed the command can put right. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

export const HELP = `struere: a project's definitions as files

  struere pull       writes every agent, entity type, role and trigger into its file
    --force          also over files that were changed here
    --dry-run        says what would be written, and writes nothing
    --json           answers as one line of JSON
  struere --version
`;

export interface Command {
  name: "pull" | "help" | "version";
  force: boolean;
  dryRun: boolean;
  json: boolean;
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
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false },
      },
    });
  } catch (error) {
    throw new CliError(`${(error as Error).message}\n\n${HELP}`, 2);
  }
  const { values, positionals } = parsed;
  const flags = { force: values.force, dryRun: values["dry-run"], json: values.json };
  if (values.version) return { name: "version", ...flags };
  if (values.help || positionals.length === 0) return { name: "help", ...flags };
  if (positionals.length > 1 || positionals[0] !== "pull")
    throw new CliError(`there is no command “${positionals.join(" ")}”.\n\n${HELP}`, 2);
  return { name: "pull", ...flags };
}
