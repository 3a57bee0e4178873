import fs from "node:fs";
import { createInterface } from "node:readline/promises";
import { text as readAll } from "node:stream/consumers";
import { VERSION } from "#domain/version.ts";
import { login, logout, org, settingsOf, whoami } from "./struere/account.ts";
import { dev } from "./struere/dev.ts";
import { CliError, type Command, type CommandName, EXIT, HELP, parseCommand } from "./struere/options.ts";
import type { Call, Report } from "./struere/project.ts";
import { knownHashes, print } from "./struere/print.ts";
import { pull } from "./struere/pull.ts";
import { deploy, push, status } from "./struere/push.ts";
import { Remote } from "./struere/remote.ts";
import { add, DOCS, init, validate } from "./struere/scaffold.ts";

/** Asks on the terminal; undefined where there is none, or nobody wants to be asked. */
function asking({ yes, json }: Command): Call["confirm"] {
  if (yes || json || process.env.CI || !process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return async (question) => {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(`${question} [y/N] `);
    terminal.close();
    return /^y(es)?$/i.test(answer.trim());
  };
}

async function run(command: Command & { name: CommandName }): Promise<Report> {
  const folder = process.cwd();
  const settings = await settingsOf(folder, process.env);
  const call: Call = {
    folder,
    remote: new Remote(settings),
    environment: command.environment,
    force: command.force,
    dryRun: command.dryRun,
    delete: command.delete,
    confirm: asking(command),
    say: (line) => console.log(line),
  };
  switch (command.name) {
    case "pull":
      return await pull(call);
    case "push":
      return await push(call);
    case "deploy":
      return await deploy(call);
    case "status":
      return await status(call, false);
    case "diff":
      return await status(call, true);
    case "validate":
      return await validate(call);
    case "print":
      return await print(call, knownHashes(process.env));
    case "dev":
      return await dev(call);
    case "add":
      return await add(call, command.rest);
    case "init":
      return await init(call);
    case "login":
      if (process.stdin.isTTY) console.error("Paste an API key of Studio, then press Enter and Ctrl-D:");
      return await login(
        settings,
        await readAll(process.stdin),
        async (own) => await new Remote(own).state(),
      );
    case "logout":
      return await logout(settings);
    case "whoami":
      return await whoami(call);
    case "org":
      return await org(call);
    case "docs":
      return { exitCode: 0, lines: [DOCS], json: { docs: DOCS } };
  }
}

/** The `struere` command. {@link EXIT} and its help say how it ends. */
async function main(): Promise<number> {
  const command = parseCommand(process.argv.slice(2));
  if (command.name === "help" || command.name === "version") {
    console.log(command.name === "help" ? HELP : VERSION);
    return 0;
  }
  const report = await run({ ...command, name: command.name });
  if (command.json) console.log(JSON.stringify({ success: report.exitCode === 0, ...report.json }));
  else for (const line of report.lines) console.log(line);
  return report.exitCode;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    const details = error instanceof CliError ? error.details : {};
    if (process.argv.includes("--json"))
      fs.writeSync(1, `${JSON.stringify({ success: false, error: message, ...details })}\n`);
    else console.error(`struere: ${message}`);
    process.exitCode = error instanceof CliError ? error.exitCode : EXIT.problems;
  },
);
