import http from "node:http";
import type { AddressInfo } from "node:net";
import type { EventEnvelope } from "#domain/events.ts";

/** One request for events, held open until the test answers or drops it. */
export interface Listener {
  after: number;
  lastEventId: string | undefined;
  response: http.ServerResponse;
  /** Sends events with these sequence numbers. */
  send: (...seqs: number[]) => void;
  raw: (text: string) => void;
  drop: () => void;
}

/** An event of a log that says nothing but its place in it. `ts` is old, as in a replay. */
export function event(seq: number): EventEnvelope {
  return {
    event_id: `e${seq}`,
    type: "llm.response.chunk",
    ts: "2024-01-01T00:00:00.000Z",
    session_id: "s",
    seq,
    source: "test",
    payload: { message_id: "m", delta: `${seq} ` },
  };
}

/** A server of event streams on a free port; each connection is handed to the test. */
export async function streamServer() {
  const waiting: ((listener: Listener) => void)[] = [];
  const arrived: Listener[] = [];
  const statuses: number[] = [];
  const server = http.createServer((request, response) => {
    const status = statuses.shift();
    if (status) {
      response.writeHead(status, { "content-type": "application/problem+json" });
      response.end(
        JSON.stringify({ code: "not_found", detail: "There is no such session.", requestId: "r1" }),
      );
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    const listener: Listener = {
      after: Number(new URL(request.url ?? "/", "http://localhost").searchParams.get("after")),
      lastEventId: request.headers["last-event-id"]?.toString(),
      response,
      send: (...seqs) => {
        for (const seq of seqs) {
          const data = event(seq);
          response.write(`id: ${seq}\nevent: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
        }
      },
      raw: (text) => void response.write(text),
      drop: () => response.destroy(),
    };
    const next = waiting.shift();
    if (next) next(listener);
    else arrived.push(listener);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    /** The next connection. */
    next: async () => arrived.shift() ?? (await new Promise<Listener>((resolve) => waiting.push(resolve))),
    /** Refuses the next connection with this status. */
    refuseNext: (status: number) => statuses.push(status),
    connections: () => arrived.length,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
