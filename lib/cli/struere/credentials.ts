import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { z } from "zod";
import { CliError, EXIT } from "./options.ts";
import { readProjectFile } from "./project.ts";
import { type Environment, siteUrl } from "./remote.ts";

const loginSchema = z.object({
  /** Where the project's routes are: a key is only ever sent there. */
  url: z.string(),
  /** Where the pages are; undefined for a key that was typed in. */
  studio: z.string().optional(),
  key: z.string(),
  organization: z.object({ id: z.string(), slug: z.string(), name: z.string() }),
  environment: z.string(),
  expiresAt: z.string().nullable(),
});
export type Login = z.output<typeof loginSchema>;

const credentialsSchema = z.object({
  version: z.literal(2),
  logins: z.array(loginSchema),
  /** Whose project it is about where a folder doesn't say. */
  current: z.object({ url: z.string(), organizationId: z.string() }).nullable(),
});
export type Credentials = z.output<typeof credentialsSchema>;

const NONE: Credentials = { version: 2, logins: [], current: null };

const fileOf = (environment: Environment) =>
  path.join(environment.HOME ?? os.homedir(), ".struere", "credentials.json");

/** What is kept of earlier logins. @throws CliError where the file is there, and not readable */
export async function readCredentials(environment: Environment): Promise<Credentials> {
  const text = await fs.readFile(fileOf(environment), "utf8").catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new CliError(`${fileOf(environment)}: ${(error as Error).message}`, EXIT.access);
  });
  if (text === null) return NONE;
  try {
    return credentialsSchema.parse(JSON.parse(text));
  } catch {
    throw new CliError(`${fileOf(environment)} can't be read. Remove it, and log in again.`, EXIT.access);
  }
}

/** Keeps logins in a file that only its owner can read. */
export async function writeCredentials(environment: Environment, all: Credentials): Promise<void> {
  const file = fileOf(environment);
  await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // Never readable by others, not even for a moment; a name of its own, since another command may write, too.
  const fresh = `${file}.${process.pid}`;
  await fs.rm(fresh, { force: true });
  await fs.writeFile(fresh, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  await fs.rename(fresh, file);
}

export const isSamePlace = (a: Login, b: Pick<Login, "url" | "organization" | "environment">): boolean =>
  a.url === b.url && a.organization.id === b.organization.id && a.environment === b.environment;

/** Adds a login, in place of the one for the same organization and environment. @returns the one that it replaced */
export async function keepLogin(environment: Environment, login: Login): Promise<Login | undefined> {
  const { logins } = await readCredentials(environment);
  await writeCredentials(environment, {
    version: 2,
    logins: [...logins.filter((known) => !isSamePlace(known, login)), login],
    current: { url: login.url, organizationId: login.organization.id },
  });
  return logins.find((known) => isSamePlace(known, login));
}

/** The logins that a folder, or else the last choice, speaks of. @param url undefined where nothing says it */
export async function loginsFor(
  folder: string,
  { logins, current }: Credentials,
  url: string | undefined,
): Promise<Login[]> {
  const own = (await readProjectFile(folder).catch(() => null))?.organization;
  const reachable = logins.filter((login) => url === undefined || login.url === url);
  if (own)
    return reachable.filter(({ organization }) =>
      own.id === undefined ? organization.slug === own.slug : organization.id === own.id,
    );
  const chosen = reachable.filter(
    (login) => login.url === current?.url && login.organization.id === current.organizationId,
  );
  // Where it's said where, but nobody has chosen for there, the only organization is meant.
  return chosen.length > 0 || url === undefined ? chosen : reachable;
}

/** Settings of a folder's `.env`, where the environment has none: `NAME=value` lines. */
async function fromEnvFile(folder: string): Promise<Environment> {
  const text = await fs.readFile(path.join(folder, ".env"), "utf8").catch(() => "");
  const lines = [...text.matchAll(/^\s*(?:export\s+)?(STRUERE_[A-Z_]+)\s*=\s*"?([^"\r\n]*)"?\s*$/gm)];
  return Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value.trim()]));
}

/** What the environment and the folder say, in this order. */
export async function givenSettings(folder: string, given: Environment): Promise<Environment> {
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  // A folder that somebody else has made must not say where a key of one's own is sent.
  return set.STRUERE_API_KEY ? set : { ...(await fromEnvFile(folder)), ...set };
}

/**
 * The same, with an earlier login where neither has a key.
 * @param environment the one that is meant; a login for another one is taken where there is none for it
 */
export async function settingsOf(
  folder: string,
  given: Environment,
  environment = "development",
): Promise<Environment> {
  const settings = await givenSettings(folder, given);
  if (settings.STRUERE_API_KEY) return settings;
  const says = settings.STRUERE_CONVEX_URL ?? settings.STRUERE_CONVEX_SITE_URL;
  const url = says === undefined ? undefined : siteUrl(settings);
  const found = await loginsFor(folder, await readCredentials(settings), url);
  const login = found.find((one) => one.environment === environment) ?? found[0];
  return login ? { ...settings, STRUERE_API_KEY: login.key, STRUERE_CONVEX_SITE_URL: login.url } : settings;
}
