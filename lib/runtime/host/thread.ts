import { Worker } from "node:worker_threads";

/** What a thread needs of the machine's settings; the rest of the runtime's environment is not the app's. */
const PASSED_ON = /^(TMPDIR|TZ|NODE_USE_ENV_PROXY|(HTTP|HTTPS|NO)_PROXY)$/i;

/** A thread that runs user code, whose memory is bounded: beyond `maxMb` of heap it ends, alone. */
export function startThread(workerData: { entry: string }, maxMb: number): Worker {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name)));
  const worker = new Worker(new URL("./worker.mjs", import.meta.url), {
    workerData,
    env,
    stdout: true,
    resourceLimits: { maxOldGenerationSizeMb: maxMb },
  });
  // The process's own output is the one line that says where it listens.
  worker.stdout.on("data", (chunk: Buffer) => process.stderr.write(chunk));
  return worker;
}
