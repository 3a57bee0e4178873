/**
 * `node lib/stripe-stand-in/main.ts --webhook URL [--port 3260] [--data FILE]`: stands in for Stripe on 127.0.0.1, so that
 * buying credits can be tried and tested without an account. STRIPE_SECRET_KEY is the key that it wants, and
 * STRIPE_WEBHOOK_SECRET what its messages are signed with. When it is ready it prints one JSON line
 * `{"ready":true,"url":"http://127.0.0.1:3260"}`; SIGTERM and SIGINT end it with code 0.
 */
import { parseArgs } from "node:util";
import { Book } from "./book.ts";
import { Messages } from "./messages.ts";
import { createServer } from "./server.ts";

function fail(message: string): never {
  process.stderr.write(`stripe-stand-in: ${message}\n`);
  process.exit(1);
}

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "3260" },
    data: { type: "string" },
    webhook: { type: "string" },
  },
});
const { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: secret } = process.env;
const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
if (!(port <= 65_535)) fail(`--port must be a number from 0 to 65535, not “${values.port}”.`);
if (values.webhook === undefined || !URL.canParse(values.webhook))
  fail("--webhook must be the address that messages are sent to.");
if (!key || !secret) fail("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET must be set.");

const messages = new Messages(values.webhook, secret);
const server = createServer({ book: new Book(values.data), messages, key });
server.on("error", (error: NodeJS.ErrnoException) =>
  fail(
    error.code === "EADDRINUSE"
      ? `port ${port} is in use; choose another with --port N.`
      : `cannot listen on port ${port}: ${error.message}.`,
  ),
);
server.listen(port, "127.0.0.1", () => {
  const address = server.address();
  const at = typeof address === "object" && address !== null ? address.port : port;
  process.stdout.write(`${JSON.stringify({ ready: true, url: `http://127.0.0.1:${at}` })}\n`);
});
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.on(signal, () => {
    messages.stop();
    server.close(() => process.exit(0));
    server.closeAllConnections();
  });
