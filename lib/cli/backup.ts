import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { makeBackup } from "./backup/make.ts";
import { readBackupSettings } from "./backup/settings.ts";
import { loadEnvFile } from "./up/env-file.ts";
import { StartFailure } from "./up/options.ts";
import { writePrivate } from "./up/secrets.ts";

const HELP = `npm run backup -- --to FOLDER [options]

  --data .studio        the Studio that is backed up; it may be running
  --to FOLDER           where backups are kept (STUDIO_BACKUP_DIR)
  --recipient age1…     whose key opens it (STUDIO_BACKUP_RECIPIENT)
  --plain               anybody can read it: it holds every secret of this Studio
  --keep N              removes the oldest ones beyond this number
  --every HOURS         goes on, and makes one each time

npm run backup -- key --out FILE
                        makes a key, and prints its recipient. Keep the file apart from the backups:
                        without it nothing in them can be read again
`;
const HOUR_MS = 3_600_000;
const root = path.resolve(import.meta.dirname, "../..");

function whole(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new StartFailure(`--${flag}: “${text}” isn't a number from 1 to 9999.`);
  return value;
}

async function makeKey(out: string | undefined): Promise<void> {
  if (out === undefined) throw new StartFailure("say where the key goes: --out FILE.");
  if (fs.existsSync(out)) throw new StartFailure(`${out} is there already; it isn't overwritten.`);
  const identity = await generateIdentity();
  const recipient = await identityToRecipient(identity);
  writePrivate(out, `# recipient: ${recipient}\n${identity}\n`);
  console.log(`${out} opens backups for ${recipient}\nSTUDIO_BACKUP_RECIPIENT=${recipient}`);
}

function checkRecipient(recipient: string): void {
  try {
    new Encrypter().addRecipient(recipient);
  } catch {
    throw new StartFailure(`“${recipient.slice(0, 100)}” is no recipient of age's (age1…).`);
  }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        data: { type: "string", default: ".studio" },
        to: { type: "string" },
        recipient: { type: "string" },
        plain: { type: "boolean", default: false },
        keep: { type: "string" },
        every: { type: "string" },
        out: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new StartFailure(`${(error as Error).message.split(/[.\n]/)[0]}.\n\n${HELP}`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = options();
  if (values.help) return console.log(HELP);
  if (positionals[0] === "key") return await makeKey(values.out);
  if (positionals.length > 0) throw new StartFailure(`there is no “${positionals[0]}” here.\n\n${HELP}`);
  loadEnvFile(root);
  const { STUDIO_BACKUP_DIR, STUDIO_BACKUP_RECIPIENT } = readBackupSettings(process.env);
  const to = values.to ?? STUDIO_BACKUP_DIR;
  if (!to) throw new StartFailure("say where backups go: --to FOLDER, or STUDIO_BACKUP_DIR.");
  const recipient = values.recipient ?? STUDIO_BACKUP_RECIPIENT;
  if (!recipient && !values.plain)
    throw new StartFailure(
      "say whose key opens the backup: --recipient age1…, or STUDIO_BACKUP_RECIPIENT. Make one with: npm run backup -- key --out FILE. Or --plain, for a backup that anybody can read.",
    );
  if (recipient && !values.plain) checkRecipient(recipient);
  const keep = whole(values.keep, "keep");
  const everyMs = (whole(values.every, "every") ?? 0) * HOUR_MS;
  for (;;) {
    const startedAt = Date.now();
    try {
      const made = await makeBackup({
        data: path.resolve(values.data),
        root,
        environment: process.env,
        to: path.resolve(to),
        recipient: values.plain ? null : (recipient ?? null),
        ...(keep !== undefined && { keep }),
      });
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      console.log(`${made.file}: ${made.files} files, ${megabytes(made.bytes)}, ${seconds} s`);
      if (made.checkpoints === "s3")
        console.log("Saved work is in a bucket, which this doesn't hold: back that up by itself.");
      for (const name of made.removed) console.log(`removed ${name}`);
    } catch (error) {
      // The next one may find room again.
      if (everyMs === 0) throw error;
      console.error(`no backup: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (everyMs === 0) return;
    await sleep(Math.max(0, startedAt + everyMs - Date.now()));
  }
}

main().catch((error: unknown) => {
  console.error(`No backup: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof StartFailure ? 2 : 1;
});
