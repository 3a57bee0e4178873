import fs from "node:fs";
import { createInterface } from "node:readline/promises";
import { text as readAll } from "node:stream/consumers";
import { VERSION } from "#domain/version.ts";
import { loginByKey, logout, org, whoami } from "./struere/account.ts";
import { givenSettings, readCredentials, settingsOf } from "./struere/credentials.ts";
import { dev } from "./struere/dev.ts";
import { loginByPerson, studioUrl } from "./struere/login.ts";
import { CliError, type Command, type CommandName, EXIT, HELP, parseCommand } from "./struere/options.ts";
import type { Call, Report } from "./struere/project.ts";
import { knownHashes, print } from "./struere/print.ts";
import { pull } from "./struere/pull.ts";
import { deploy, push, status } from "./struere/push.ts";
import { Remote } from "./struere/remote.ts";
import { add, DOCS, init } from "./struere/scaffold.ts";
import { validate } from "./struere/validate.ts";
import { visible } from "./struere/visible.ts";

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

const MARK_COLORS: Record<string, number> = { "+": 32, "~": 33, "-": 31, "!": 31 };
const isColored = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== "dumb";

/** A line as a terminal shows it: what is made, changed and deleted has its color, and nothing in it steers the terminal. */
function shown(line: string): string {
  const plain = process.stdout.isTTY ? visible(line) : line;
  const color = / *(.) /y.exec(plain)?.[1];
  const code = color === undefined ? undefined : MARK_COLORS[color];
  return isColored && code !== undefined ? `\u001b[${code}m${plain}\u001b[0m` : plain;
}

/** What is under way, in a line that the next one takes the place of: for people who look, on standard error. */
function progressOf({ json }: Command): Call["progress"] {
  if (json || !process.stderr.isTTY || process.env.CI) return undefined;
  return (text) => void process.stderr.write(`\r\u001b[K${text ?? ""}`);
}

/** Whether a browser can open where the command runs: not over SSH, nor on a Linux without a screen. */
const hasBrowser = ({ SSH_CONNECTION, DISPLAY, WAYLAND_DISPLAY }: NodeJS.ProcessEnv): boolean =>
  !SSH_CONNECTION && (process.platform !== "linux" || Boolean(DISPLAY ?? WAYLAND_DISPLAY));

async function login(command: Command, folder: string): Promise<Report> {
  const settings = await givenSettings(folder, process.env);
  const [typed] = command.rest;
  const byKey = command.key || (!process.stdin.isTTY && !command.device && typed === undefined);
  if (byKey) {
    if (process.stdin.isTTY) console.error("Paste an API key of Studio, then press Enter and Ctrl-D:");
    return await loginByKey(settings, await readAll(process.stdin));
  }
  const { environment = "development" } = command;
  if (environment !== "development" && environment !== "production")
    throw new CliError("There are development and production.", EXIT.usage);
  const known = (await readCredentials(settings)).logins.findLast(({ studio }) => studio !== undefined);
  // Where a folder of somebody else's sends people must not be what they log in to.
  const address = typed ?? process.env.STRUERE_AUTH_URL ?? known?.studio;
  if (!address)
    throw new CliError("Say where Studio is: struere login https://studio.example.com.", EXIT.usage);
  return await loginByPerson({
    studio: studioUrl(address),
    settings,
    environment,
    device: command.device || !hasBrowser(process.env),
    // With --json, standard output has one line.
    say: (line) => (command.json ? console.error(line) : console.log(line)),
  });
}

async function run(command: Command & { name: CommandName }): Promise<Report> {
  const folder = process.cwd();
  const named = command.environment;
  const given = { folder, environment: process.env, named };
  switch (command.name) {
    case "login":
      return await login(command, folder);
    case "logout":
      return await logout({ ...given, force: command.force });
    case "org":
      return await org(given, command.rest);
    case "docs":
      return { exitCode: 0, lines: [DOCS], json: { docs: DOCS } };
    default:
  }
  const meant = named ?? (command.name === "deploy" ? "production" : "development");
  const settings = await settingsOf(folder, process.env, meant);
  const call: Call = {
    folder,
    remote: new Remote(settings),
    environment: command.environment,
    force: command.force,
    dryRun: command.dryRun,
    delete: command.delete,
    confirm: asking(command),
    say: (line) => console.log(shown(line)),
    progress: progressOf(command),
    types: command.types,
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
    case "whoami":
      return await whoami(call);
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
  else for (const line of report.lines) console.log(shown(line));
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
