// JavaScript for the same reason as `main.mjs`.
import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

enableCompileCache();
// The thread's own code: data-worker.ts or action-worker.ts.
await import(workerData.entry);
