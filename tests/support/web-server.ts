import http from "node:http";
import { Readable } from "node:stream";

type NodeStream = Parameters<typeof Readable.fromWeb>[0];

/** A server of Node's that answers by `fetch`'s own requests and responses. Not listening yet. */
export function servedBy(
  answer: (request: Request, headers: http.IncomingHttpHeaders) => Promise<Response>,
): http.Server {
  return http.createServer((incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const respond = async () => {
      const pieces: Buffer[] = [];
      for await (const piece of incoming) pieces.push(piece as Buffer);
      const { method = "GET", url = "/" } = incoming;
      const headers = new Headers(
        Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] =>
          value === undefined ? [] : [[name, String(value)]],
        ),
      );
      const body = ["GET", "HEAD"].includes(method) ? null : Buffer.concat(pieces);
      const request = new Request(`http://127.0.0.1${url}`, { method, headers, body, signal: gone.signal });
      const response = await answer(request, incoming.headers);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      if (response.body) Readable.fromWeb(response.body as NodeStream).pipe(outgoing);
      else outgoing.end();
    };
    respond().catch((error: unknown) => outgoing.destroy(error as Error));
  });
}
