import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** A call as it came in. */
export interface Received {
  method: string;
  /** Path and query, as they were on the wire. */
  url: string;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
}

export interface Replayed {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Sizes of the pieces that the answer is cut into; the rest follows as one. */
  pieces?: number[];
  /** Time between two pieces. */
  pauseMs?: number;
  /** Cuts the connection after that many pieces. */
  breakAfter?: number;
  /** Cuts the connection instead of an answer. */
  breakBefore?: boolean;
}

/** A provider on loopback that answers what it is told, byte for byte, and keeps what it was sent. */
export interface ReplayServer {
  url: string;
  received: Received[];
  /** What the next calls get, one after another; the last one stays. */
  answerWith: (...answers: Replayed[]) => void;
  /** How many answers have been sent to their end. */
  finished: () => number;
  stop: () => Promise<void>;
}

export async function startReplay(): Promise<ReplayServer> {
  const received: Received[] = [];
  let answers: Replayed[] = [];
  let finished = 0;

  async function replay(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url = "", headers } = request;
    received.push({ method, url, headers, body: Buffer.concat(chunks) });
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) as Replayed;
    if (answer.breakBefore) return void response.destroy();
    response.writeHead(answer.status, answer.headers);
    response.flushHeaders();
    let at = 0;
    for (const [index, size] of [...(answer.pieces ?? []), answer.body.length].entries()) {
      if (index === answer.breakAfter) return void response.destroy();
      response.write(answer.body.subarray(at, at + size));
      at += size;
      await new Promise((resolve) => setTimeout(resolve, answer.pauseMs ?? 0));
    }
    if (response.destroyed) return;
    response.end();
    finished += 1;
  }

  const server = http.createServer((request, response) => {
    replay(request, response).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answerWith(...next) {
      answers = next;
      received.length = 0;
      finished = 0;
    },
    finished: () => finished,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
