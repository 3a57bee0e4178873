import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { readArchive } from "./backup/archive.ts";
import { identitiesIn, restoreBackup } from "./backup/restore.ts";
import { readBackupSettings } from "./backup/settings.ts";
import { loadEnvFile } from "./up/env-file.ts";
import { StartFailure } from "./up/options.ts";

const HELP = `npm run restore -- --from FILE --key FILE --data FOLDER

  --from FILE           a backup that npm run backup made
  --key FILE            the key that opens it (STUDIO_BACKUP_KEY_FILE)
  --data FOLDER         a folder that isn't there yet, or is empty
  --check               reads all of it and compares it with what it says of itself; writes nothing
`;
const root = path.resolve(import.meta.dirname, "../..");

function options() {
  try {
    return parseArgs({
      options: {
        from: { type: "string" },
        key: { type: "string" },
        data: { type: "string" },
        check: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new StartFailure(`${(error as Error).message.split(/[.\n]/)[0]}.\n\n${HELP}`);
  }
}

function keysIn(file: string | undefined): string[] {
  if (!file) return [];
  let text;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new StartFailure(`the key ${file} can't be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const identities = identitiesIn(text);
  if (identities.length === 0) throw new StartFailure(`${file} holds no key (AGE-SECRET-KEY-…).`);
  return identities;
}

async function main(): Promise<void> {
  const { from, key, data, check, help } = options();
  if (help) return console.log(HELP);
  loadEnvFile(root);
  if (!from) throw new StartFailure("say which backup: --from FILE.");
  if (!fs.statSync(from, { throwIfNoEntry: false })?.isFile())
    throw new StartFailure(`there is no file ${from}.`);
  const identities = keysIn(key ?? readBackupSettings(process.env).STUDIO_BACKUP_KEY_FILE);
  if (!check && !data)
    throw new StartFailure("say where it goes: --data FOLDER. Or --check, to look at it alone.");
  const manifest =
    check || !data
      ? await readArchive(from, identities, null)
      : await restoreBackup(from, identities, path.resolve(data));
  const { createdAt, version, files, checkpoints } = manifest;
  console.log(`${files.length} files of ${createdAt}, by Studio ${version}: whole.`);
  if (check || !data) return;
  if (checkpoints === "s3") console.log("Saved work stays in its bucket: set STUDIO_S3_BUCKET as before.");
  console.log(`Start it with: npm start -- --data ${data}`);
}

main().catch((error: unknown) => {
  console.error(`Nothing was restored: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof StartFailure ? 2 : 1;
});
