import { startMigrations } from "./convex/migrate.ts";
import { engine } from "./engine/engine.ts";
import { usesClerk } from "./env.ts";
import { startOutbox } from "./auth/identity-changes.ts";
import { watchConnections } from "./http/connection.ts";
import { limitBodies } from "./http/body-limits.ts";
import { log } from "./log.ts";
import { startPreviews } from "./preview/start.ts";
import { singleton } from "./singleton.ts";

/** Starts this process's engine, and hands its sessions over when the process is asked to end. */
export function startServer(): void {
  singleton("started", () => {
    watchConnections();
    limitBodies();
    startMigrations();
    const running = engine();
    const stopPreviews = startPreviews();
    const stopOutbox = usesClerk() ? () => undefined : startOutbox();
    process.once("SIGTERM", () => {
      log("info", "handing sessions over");
      stopPreviews();
      stopOutbox();
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
    return true;
  });
}
