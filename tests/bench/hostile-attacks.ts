/**
 * What `hostile.ts` lets loose on a Studio, each in a process of its own so that the measuring one stays idle:
 * `provider` | `bodies <url>` | `streams <url> <key> <path> <count>`. Each prints one line of JSON for each fact.
 */
import http from "node:http";
import type { AddressInfo } from "node:net";

const say = (fact: object) => process.stdout.write(`${JSON.stringify(fact)}\n`);
const [mode = "", ...rest] = process.argv.slice(2);
/** As much as a fast line brings: 64 KB each millisecond. */
const PIECE = 65_536;

/** A model endpoint whose answer to `line` is one line without an end, and to `event` lines without an event's end. */
function provider(): void {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (request.method === "GET") {
        response.writeHead(200, { "content-type": "application/json" });
        return response.end('{"object":"list","data":[]}');
      }
      const { model } = JSON.parse(Buffer.concat(chunks).toString()) as { model: string };
      const piece = model === "line" ? "x".repeat(PIECE) : `data: ${"x".repeat(1_000)}\n`.repeat(64);
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: ");
      let sent = 0;
      const timer = setInterval(() => {
        if (response.writableNeedDrain) return;
        sent += piece.length;
        response.write(piece);
      }, 1);
      response.on("close", () => {
        clearInterval(timer);
        say({ model, sentMb: Math.round(sent / 1e6) });
      });
    });
  });
  server.listen(0, "127.0.0.1", () => say({ port: (server.address() as AddressInfo).port }));
}

/** Sends 300 MB to an address that anybody may reach, in pieces, and says what came of it. */
async function body(url: string, path: string, bytes: number): Promise<void> {
  const piece = "x".repeat(PIECE);
  await new Promise<void>((resolve) => {
    let sent = 0;
    const end = (status: number | string) => {
      say({ path, status, sentMb: Math.round(sent / 1e6) });
      request.destroy();
      resolve();
    };
    const headers = { "content-type": "application/json", origin: url };
    const request = http.request(url + path, { method: "POST", headers }, (response) => {
      response.resume();
      // It goes on all the same.
      const status = response.statusCode ?? 0;
      const timer = setInterval(() => {
        if (sent < bytes && !request.destroyed) return;
        clearInterval(timer);
        end(status);
      }, 50);
    });
    request.on("error", (error) => end(error.message));
    request.write('{"email":"a@studio.example","password":"');
    const write = () => {
      if (request.destroyed || sent >= bytes) return;
      sent += PIECE;
      request.write(piece, () => setImmediate(write));
    };
    write();
  });
}

/** Opens streams all at once, reads none of them, and says how each was answered. */
async function streams(url: string, key: string, path: string, count: number): Promise<void> {
  const statuses = await Promise.all(
    Array.from({ length: count }, async () => {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${key}` } });
      if (!response.ok) await response.body?.cancel();
      return response.status;
    }),
  );
  say({ open: statuses.filter((s) => s === 200).length, refused: statuses.filter((s) => s === 429).length });
  // They stay open until this process is ended.
  setInterval(() => undefined, 60_000);
}

if (mode === "provider") provider();
else if (mode === "bodies") {
  const [url = ""] = rest;
  const paths = [
    "/api/auth/sign-in/email",
    "/api/auth/sign-up/email",
    "/api/webhooks/clerk",
    "/",
    "/api/v1/sessions",
  ];
  await Promise.all(
    Array.from({ length: 10 }, async (_, n) => await body(url, paths[n % paths.length] ?? "/", 300e6)),
  );
  say({ done: true });
} else if (mode === "streams") {
  const [url = "", key = "", path = "", count = "0"] = rest;
  await streams(url, key, path, Number(count));
} else throw new Error(`There is no attack “${mode}”.`);
