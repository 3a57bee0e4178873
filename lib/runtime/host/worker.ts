import { enableCompileCache } from "node:module";
import { workerData } from "node:worker_threads";

// As in `main.ts`; the thread's own code follows.
enableCompileCache();
process.setSourceMapsEnabled(true);
await import((workerData as { entry: "./data-worker.ts" | "./action-worker.ts" }).entry);
