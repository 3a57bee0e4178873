import { VERSION } from "../domain/version.ts";
import { pull } from "./struere/pull.ts";
import { CliError, HELP, parseCommand } from "./struere/options.ts";

/** The `struere` command. Exit code 0 where it did what was asked, 1 where it did not, 2 where it was asked wrongly,
 * 75 where the project could not be reached. */
async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  if (command.name === "help") {
    console.log(HELP);
    return 0;
  }
  if (command.name === "version") {
    console.log(VERSION);
    return 0;
  }
  const report = await pull({
    folder: process.cwd(),
    environment: process.env,
    force: command.force,
    dryRun: command.dryRun,
  });
  if (command.json) console.log(JSON.stringify({ success: report.conflicts.length === 0, ...report }));
  else for (const line of report.lines) console.log(line);
  return report.conflicts.length === 0 ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (process.argv.includes("--json")) console.log(JSON.stringify({ success: false, error: message }));
    else console.error(`struere: ${message}`);
    process.exitCode = error instanceof CliError ? error.exitCode : 1;
  },
);
