import { engine } from "./engine/engine.ts";
import { log } from "./log.ts";
import { startPreviews } from "./preview/start.ts";
import { singleton } from "./singleton.ts";

/** Starts this process's engine, and hands its sessions over when the process is asked to end. */
export function startServer(): void {
  singleton("started", () => {
    const running = engine();
    const stopPreviews = startPreviews();
    process.once("SIGTERM", () => {
      log("info", "handing sessions over");
      stopPreviews();
      running.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
    return true;
  });
}
