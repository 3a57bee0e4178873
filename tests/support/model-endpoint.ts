import http from "node:http";
import type { AddressInfo } from "node:net";

/** A small server that answers as an OpenAI-compatible endpoint's list of models does, for a test to bend. */
export class ModelEndpoint {
  readonly url: string;
  /** With this key it answers. */
  key: string;
  /** Where set, every answer has this status. */
  broken: number | undefined;
  readonly #server: http.Server;

  private constructor(server: http.Server, key: string) {
    this.#server = server;
    this.key = key;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  }

  static async start(key: string): Promise<ModelEndpoint> {
    let endpoint: ModelEndpoint | undefined;
    const server = http.createServer((request, response) => endpoint?.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    endpoint = new ModelEndpoint(server, key);
    return endpoint;
  }

  answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const right = request.headers.authorization === `Bearer ${this.key}`;
    const status = this.broken ?? (request.url !== "/v1/models" ? 404 : right ? 200 : 401);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(status === 200 ? { object: "list", data: [{ id: "tiny" }] } : {}));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
