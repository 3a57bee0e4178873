import { parentPort, workerData } from "node:worker_threads";
import { previewImport } from "../imports/check.ts";
import type { ImportJob } from "../imports/source.ts";
import { answerCalls } from "./channel.ts";

export interface ImportWorkerData {
  entry: "./import-worker.ts";
  /** The file of the data. */
  database: string;
}

/** The thread that reads what is to be imported, so that large files hold up nobody before they are confirmed. */
const { database } = workerData as ImportWorkerData;
if (!parentPort) throw new Error("this file is a worker's");
answerCalls(parentPort, { preview: (job: ImportJob) => previewImport(database, job) });
