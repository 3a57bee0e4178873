import { z } from "zod";

/** Settings of backups, beside those of the servers. `.env.example` lists them, too. */
export const backupSettings = z.object({
  /** The folder that backups are kept in. */
  STUDIO_BACKUP_DIR: z.string().optional(),
  /** Whose key opens them: `age1…`. */
  STUDIO_BACKUP_RECIPIENT: z.string().optional(),
  /** The file of that key, for restoring. */
  STUDIO_BACKUP_KEY_FILE: z.string().optional(),
});

/** As they stand in the environment; an empty one counts as unset. */
export const readBackupSettings = (environment: NodeJS.ProcessEnv) =>
  backupSettings.parse(
    Object.fromEntries(
      Object.keys(backupSettings.shape).map((name) => [name, environment[name] || undefined]),
    ),
  );
