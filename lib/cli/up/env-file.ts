import fs from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import { StartFailure } from "./options.ts";

const DEFAULT = ".env";

/**
 * Reads settings from a file into the environment, for everything that is started: the one that `STUDIO_ENV_FILE` names,
 * else `.env` beside `package.json` where there is one. What the environment has already stays.
 * @returns the file's name as it is shown, null for none
 * @throws StartFailure where the named file can't be read
 */
export function loadEnvFile(root: string, environment: NodeJS.ProcessEnv = process.env): string | null {
  const named = environment.STUDIO_ENV_FILE || undefined;
  const file = path.resolve(root, named ?? DEFAULT);
  if (named === undefined && !fs.existsSync(file)) return null;
  let text;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new StartFailure(
      `the file of settings ${named ?? DEFAULT} can't be read (${(error as NodeJS.ErrnoException).code ?? "unknown"}). Check STUDIO_ENV_FILE.`,
    );
  }
  for (const [name, value] of Object.entries(parseEnv(text))) environment[name] ??= value;
  const shown = named ?? DEFAULT;
  environment.STUDIO_ENV_FILE = shown;
  return shown;
}
