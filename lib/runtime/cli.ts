import fs from "node:fs";
import { parseArgs, parseEnv, type ParseArgsOptionsConfig } from "node:util";
import { StartError } from "./data-folder.ts";
import { AppError } from "./project.ts";
import type { RuntimeOptions } from "./server.ts";

const USAGE =
  "Usage: CONVEX_ADMIN_KEY=<key> runtime --dir <convex folder> --data <folder> [--port 3210] [--site-port 3211] [--env-file <file>] [--watch] [--production], or: runtime backup|restore|export --data <folder> --file <file>";
const MAX_PORT = 65_535;
const CLOSE_TIMEOUT_MS = 5_000;

function port(text: string, flag: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= MAX_PORT) return value;
  throw new StartError(`--${flag} must be a port number from 0 to ${MAX_PORT}, not "${text}".`);
}

function readEnvFile(file: string | undefined): Record<string, string> {
  if (file === undefined) return {};
  try {
    return parseEnv(fs.readFileSync(file, "utf8")) as Record<string, string>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The env file ${file} cannot be read: ${reason}.`, { cause: error });
  }
}

function parse<T extends ParseArgsOptionsConfig>(argv: string[], options: T) {
  try {
    return parseArgs({ args: argv, options }).values;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error);
    throw new StartError(`${reason}. ${USAGE}`, { cause: error });
  }
}

function readFlags(argv: string[]): RuntimeOptions {
  const options = {
    dir: { type: "string" },
    data: { type: "string" },
    port: { type: "string", default: "3210" },
    "site-port": { type: "string", default: "3211" },
    "admin-key": { type: "string" },
    "env-file": { type: "string" },
    watch: { type: "boolean", default: false },
    production: { type: "boolean", default: false },
  } as const;
  const values = parse(argv, options);
  const { dir, data } = values;
  if (!dir || !data) throw new StartError(`--${dir ? "data" : "dir"} is missing. ${USAGE}`);
  // By the environment where others use the machine: they may read a process's arguments.
  const adminKey = values["admin-key"] ?? process.env.CONVEX_ADMIN_KEY;
  if (!adminKey) throw new StartError(`--admin-key is missing, and CONVEX_ADMIN_KEY is not set. ${USAGE}`);
  // Functions and what they start have no use for it.
  delete process.env.CONVEX_ADMIN_KEY;
  return {
    dir,
    data,
    adminKey,
    port: port(values.port, "port"),
    sitePort: port(values["site-port"], "site-port"),
    env: readEnvFile(values["env-file"]),
    watch: values.watch,
    production: values.production,
  };
}

type CopyCommand = "backup" | "restore" | "export";

/** Copies the data, or puts a copy in their place, and says so in one line of JSON. */
async function copyData(command: CopyCommand, argv: string[]): Promise<void> {
  const flags = { data: { type: "string" }, file: { type: "string" } } as const;
  const noFiles = { "without-files": { type: "boolean", default: false } } as const;
  const values = parse(argv, { ...flags, ...(command === "export" ? noFiles : {}) });
  const { data, file } = values;
  if (!data || !file) throw new StartError(`--${data ? "file" : "data"} is missing. ${USAGE}`);
  const { backupData, restoreData } = await import("./backup.ts");
  const { exportData } = await import("./export.ts");
  const commands = {
    backup: () => ({ file, bytes: backupData(data, file) }),
    restore: () => ({ data, before: restoreData(data, file, new Date()) }),
    export: () => ({ file, documents: exportData(data, file, values["without-files"] !== true) }),
  };
  process.stdout.write(`${JSON.stringify(commands[command]())}\n`);
}

async function main(): Promise<void> {
  const [command = "", ...rest] = process.argv.slice(2);
  if (command === "backup" || command === "restore" || command === "export") {
    return copyData(command, rest);
  }
  if (command === "analyze") {
    const { data, dir } = parse(rest, { data: { type: "string" }, dir: { type: "string" } });
    if (!dir || !data) throw new StartError(`--${data ? "dir" : "data"} is missing. ${USAGE}`);
    const { analyzePush } = await import("./pushes/analyze.ts");
    await analyzePush(data, dir);
    // What the code has left to be done ends here.
    process.exit(0);
  }
  const flags = readFlags(process.argv.slice(2));
  const { startRuntime } = await import("./server.ts");
  const runtime = await startRuntime(flags);
  let closing = false;
  const close = (): void => {
    if (closing) return;
    closing = true;
    // A function that never ends must not keep the process; what is committed is on disk.
    setTimeout(() => process.exit(0), CLOSE_TIMEOUT_MS).unref();
    runtime.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`closing: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  // Nobody reads the log by then, so there is nobody to tell.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  process.on("SIGTERM", close);
  process.on("SIGINT", close);
  // What an action leaves behind (a promise, a timer) must not take everyone down.
  process.on("uncaughtException", (error) => {
    process.stderr.write(`uncaught exception: ${error.stack ?? String(error)}\n`);
  });
  process.on("unhandledRejection", (reason) => {
    process.stderr.write(`unhandled rejection: ${reason instanceof Error ? reason.stack : String(reason)}\n`);
  });
  process.stdout.write(`${JSON.stringify({ ready: true, url: runtime.url, siteUrl: runtime.siteUrl })}\n`);
}

try {
  await main();
} catch (error) {
  const known = error instanceof StartError || error instanceof AppError;
  const text = known
    ? error.message
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error);
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
