/** This folder is the engine as a process of its own: it carries sessions, and serves no pages. */

import { Engine } from "../engine/engine.ts";
import { env } from "../env.ts";
import { log, messageOf } from "../log.ts";
import { startTelemetry } from "../telemetry/telemetry.ts";
import { serveHealth } from "./health.ts";

const { STUDIO_WORKER_PORT: port } = env();
await startTelemetry();
const engine = new Engine();
let ending = false;

async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  log("info", "handing sessions over", { sessions: engine.working });
  await engine.stop();
  process.exit(0);
}
// Both: a terminal sends SIGINT to every process of its group, and a supervisor SIGTERM to one.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void end());
// One session's fault must not end the others.
process.on("unhandledRejection", (error) =>
  log("error", "a fault was handled nowhere", { error: messageOf(error) }),
);

if (port !== undefined) await serveHealth(port, () => ({ ending, sessions: engine.working }));
engine.start({ followWaiting: true });
log("info", "the worker is ready", { port });
