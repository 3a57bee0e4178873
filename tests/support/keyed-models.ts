import http from "node:http";
import type { AddressInfo } from "node:net";

/** Has a demo model answer a request, with these headers in place of its own. */
export function passOn(
  demo: URL,
  request: http.IncomingMessage,
  response: http.ServerResponse,
  headers: http.IncomingHttpHeaders,
): void {
  const onward = http.request(
    { host: demo.hostname, port: demo.port, path: request.url, method: request.method, headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on("error", () => response.destroy());
  request.pipe(onward);
}

/** The demo model behind keys, as a provider stands behind them: what it has not accepted gets a 401. */
export class KeyedModels {
  readonly url: string;
  /** Keys that are accepted now. */
  readonly accepted: Set<string>;
  /** Keys that came with calls for a completion, in order. */
  readonly seen: string[] = [];
  readonly #server: http.Server;

  private constructor(server: http.Server, accepted: string[]) {
    this.#server = server;
    this.accepted = new Set(accepted);
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  /** @param demo address of a demo model, which answers what is accepted */
  static async start(demo: () => string, accepted: string[]): Promise<KeyedModels> {
    let models: KeyedModels | undefined;
    const server = http.createServer((request, response) =>
      models?.answer(new URL(demo()), request, response),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    models = new KeyedModels(server, accepted);
    return models;
  }

  answer(demo: URL, request: http.IncomingMessage, response: http.ServerResponse): void {
    const { authorization, host: _, "x-api-key": apiKey, ...headers } = request.headers;
    const key = String(apiKey ?? authorization?.replace("Bearer ", "") ?? "");
    if (request.method === "POST") this.seen.push(key);
    const json = { "content-type": "application/json" };
    if (!this.accepted.has(key))
      return void response.writeHead(401, json).end('{"error":{"message":"no such key"}}');
    if (request.method === "GET") return void response.writeHead(200, json).end('{"data":[]}');
    passOn(demo, request, response, headers);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
