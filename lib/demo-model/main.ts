/**
 * `node lib/demo-model/main.ts [--port 3230] [--record FILE] [--fake]`: a scripted model server on 127.0.0.1, so that the
 * product can be tried and tested with no key and no network. Port 0 takes a free one; each call is written to the
 * record; with `--fake` it writes one file and says "done", whatever it is asked. When it is ready it prints one JSON
 * line `{"ready":true,"url":"http://127.0.0.1:3230"}`; SIGTERM and SIGINT end it with code 0.
 */
import { parseArgs } from "node:util";
import { recorderTo } from "./record.ts";
import { createServer } from "./server.ts";

const DEFAULT_PORT = "3230";

function fail(message: string): never {
  process.stderr.write(`demo-model: ${message}\n`);
  process.exit(1);
}

function parseFlags(): { port: number; record: string | undefined; isFake: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: "string", default: DEFAULT_PORT },
        record: { type: "string" },
        fake: { type: "boolean", default: false },
      },
      strict: true,
    });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (port <= 65_535) return { port, record: values.record, isFake: values.fake };
    return fail(`--port must be a number from 0 to 65535, not "${values.port}".`);
  } catch (error) {
    return fail(
      `${error instanceof Error ? error.message.split(/[.\n]/)[0] : "bad flags"}; the flags are --port N, --record FILE and --fake.`,
    );
  }
}

const { port: requestedPort, record, isFake } = parseFlags();
const server = createServer(record === undefined ? undefined : recorderTo(record), { isFake });
server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EADDRINUSE") fail(`port ${requestedPort} is in use; choose another with --port N.`);
  fail(`cannot listen on port ${requestedPort}: ${error.message}.`);
});
server.listen(requestedPort, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : requestedPort;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${port}` })}\n`);
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
}
