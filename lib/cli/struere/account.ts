import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { CliError, EXIT } from "./options.ts";
import { type Environment, siteUrl } from "./remote.ts";
import { type Call, readProjectFile, type Report } from "./project.ts";

/** Keys by the address that they are for. */
const credentials = z.record(z.string(), z.object({ key: z.string() }));

const fileOf = (environment: Environment) =>
  path.join(environment.HOME ?? os.homedir(), ".struere", "credentials.json");

async function readCredentials(environment: Environment): Promise<z.output<typeof credentials>> {
  const text = await fs.readFile(fileOf(environment), "utf8").catch(() => null);
  if (text === null) return {};
  try {
    return credentials.parse(JSON.parse(text));
  } catch {
    throw new CliError(`${fileOf(environment)} can't be read. Remove it, and log in again.`, EXIT.access);
  }
}

async function writeCredentials(environment: Environment, all: z.output<typeof credentials>): Promise<void> {
  const file = fileOf(environment);
  await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // Never readable by others, not even for a moment.
  await fs.writeFile(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  await fs.rename(`${file}.new`, file);
}

/** Settings of a folder's `.env`, where the environment has none: `NAME=value` lines. */
async function fromEnvFile(folder: string): Promise<Environment> {
  const text = await fs.readFile(path.join(folder, ".env"), "utf8").catch(() => "");
  const lines = [...text.matchAll(/^\s*(?:export\s+)?(STRUERE_[A-Z_]+)\s*=\s*"?([^"\r\n]*)"?\s*$/gm)];
  return Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value.trim()]));
}

/** What the environment, the folder and an earlier login say, in this order. */
export async function settingsOf(folder: string, given: Environment): Promise<Environment> {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  // A folder that somebody else has made must not say where a key of one's own is sent.
  const environment: Environment = set.STRUERE_API_KEY ? set : { ...(await fromEnvFile(folder)), ...set };
  if (environment.STRUERE_API_KEY) return environment;
  try {
    const known = (await readCredentials(environment))[siteUrl(environment)];
    return known ? { ...environment, STRUERE_API_KEY: known.key } : environment;
  } catch (error) {
    if (error instanceof CliError && !environment.STRUERE_CONVEX_URL) return environment;
    throw error;
  }
}

/** Keeps a key for the address, once it has been seen to work. @param input what was typed or piped in */
export async function login(
  environment: Environment,
  input: string,
  stateOf: (environment: Environment) => ReturnType<Call["remote"]["state"]>,
): Promise<Report> {
  const key = input.trim();
  if (key === "" || /\s/.test(key))
    throw new CliError(
      "Pipe one API key in: struere login < key-file. Create it in Studio's settings.",
      EXIT.usage,
    );
  const url = siteUrl(environment);
  const state = await stateOf({ ...environment, STRUERE_API_KEY: key });
  await writeCredentials(environment, { ...(await readCredentials(environment)), [url]: { key } });
  return {
    exitCode: 0,
    lines: [`Logged in to ${state.organization.name}, ${state.environment}.`],
    json: { organization: state.organization, environment: state.environment },
  };
}

/** Forgets the key of the address. It stays valid: revoke it in Studio where it should not. */
export async function logout(environment: Environment): Promise<Report> {
  const { [siteUrl(environment)]: known, ...rest } = await readCredentials(environment);
  if (known) await writeCredentials(environment, rest);
  return {
    exitCode: 0,
    lines: [
      known ? "Logged out. The key itself stays valid until it's revoked in Studio." : "There was no login.",
    ],
    json: { was: known !== undefined },
  };
}

/** Whose key it is, and what it may do. */
export async function whoami({ remote }: Call): Promise<Report> {
  const { organization, environment, role, read_only } = await remote.state();
  return {
    exitCode: 0,
    lines: [
      `${organization.name} (${organization.slug}), ${environment}`,
      role === null ? "A sandbox's own key" : `Role: ${role}`,
      read_only === null ? "May pull and push." : `May pull. ${read_only}`,
    ],
    json: { organization, environment, role, read_only },
  };
}

/** Which organization the key and this folder belong to. */
export async function org({ remote, folder }: Call): Promise<Report> {
  const { organization } = await remote.state();
  const own = (await readProjectFile(folder))?.organization ?? null;
  return {
    exitCode: 0,
    lines: [
      `Key: ${organization.name} (${organization.slug})`,
      own ? `This folder: ${own.slug}` : "This folder has no struere.json: struere init makes one.",
    ],
    json: { organization, folder: own },
  };
}
