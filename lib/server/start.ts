import { startMigrations } from "./convex/migrate.ts";
import { engine } from "./engine/engine.ts";
import { env, usesClerk } from "./env.ts";
import { closeAuthDatabase } from "./auth/database.ts";
import { startOutbox } from "./auth/identity-changes.ts";
import { watchConnections } from "./http/connection.ts";
import { limitBodies } from "./http/body-limits.ts";
import { log } from "./log.ts";
import { startPreviews } from "./preview/start.ts";
import { singleton } from "./singleton.ts";

/**
 * Starts what this web server does beside answering requests: the engine among it, unless workers carry the sessions.
 * Its sessions are handed over when the process is asked to end.
 */
export function startServer(): void {
  singleton("started", () => {
    watchConnections();
    limitBodies();
    startMigrations();
    const running = env().STUDIO_ENGINE === "inside" ? engine() : null;
    const stopPreviews = startPreviews();
    const stopOutbox = usesClerk() ? () => undefined : startOutbox();
    process.once("SIGTERM", () => {
      log("info", running ? "handing sessions over" : "ending");
      stopPreviews();
      stopOutbox();
      (running?.stop() ?? Promise.resolve()).finally(closeAuthDatabase).then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
    return true;
  });
}
