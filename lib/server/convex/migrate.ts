import { api } from "#convex/_generated/api.js";
import { log, messageOf } from "../log.ts";
import { serviceData } from "./client.ts";
import { persistently } from "./retry.ts";

const PATIENCE_MS = 60_000;

/**
 * Has data of an older version changed to this one's form, in the background: Convex does it batch by batch, and a
 * cron takes up what a failure stopped. The server works with either form meanwhile.
 */
export function startMigrations(): void {
  persistently(
    "migrations",
    PATIENCE_MS,
    async () => await serviceData().mutation(api.migrations.start, {}),
  ).then(
    (names) => {
      if (names.length > 0)
        log("info", "changing stored data to this version's form", { names: names.join(", ") });
    },
    (error: unknown) => log("warn", "migrations were not started", { error: messageOf(error) }),
  );
}
