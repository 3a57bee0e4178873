import type http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createMcpHandler, Server } from "@modelcontextprotocol/server";
import type { MadeOAuthServer } from "./oauth-server.ts";
import { servedBy } from "./web-server.ts";

/** A tool of a made-up server: what it says of itself, and what it returns. */
export interface MadeTool {
  name: string;
  description: string;
  call: (args: Record<string, unknown>) => string | Promise<string>;
}

/** A remote MCP server that a test changes while it runs. */
export class MadeMcpServer {
  tools: MadeTool[];
  /** The headers of each request, in order. */
  readonly seen: http.IncomingHttpHeaders[] = [];
  /** How often a tool of it was called. */
  called = 0;
  /** Which credential it wants; none by default. */
  credential: string | undefined;
  /** Who signs people in for it; nobody by default. */
  oauth: MadeOAuthServer | undefined;
  /** Put in place of where it says that its sign-in is described. */
  metadataUrl: string | undefined;
  readonly #server: http.Server;

  private constructor(tools: MadeTool[]) {
    this.tools = tools;
    const handler = createMcpHandler(() => {
      const server = new Server({ name: "made", version: "1.2.3" }, { capabilities: { tools: {} } });
      server.setRequestHandler("tools/list", () => ({
        tools: this.tools.map(({ name, description }) => ({
          name,
          description,
          inputSchema: { type: "object" as const, properties: { text: { type: "string" } } },
        })),
      }));
      server.setRequestHandler("tools/call", async ({ params }) => {
        this.called += 1;
        const tool = this.tools.find(({ name }) => name === params.name);
        const text = await tool?.call(params.arguments ?? {});
        return { content: [{ type: "text" as const, text: text ?? "no such tool" }] };
      });
      return server;
    });
    this.#server = servedBy(async (request, headers) => {
      this.seen.push(headers);
      if (this.credential !== undefined && headers.authorization !== this.credential)
        return new Response("who are you", { status: 401 });
      const { oauth } = this;
      if (oauth) {
        const described = `${new URL(this.url).origin}/.well-known/oauth-protected-resource/mcp`;
        if (new URL(request.url).pathname.startsWith("/.well-known/"))
          return request.url.endsWith("/oauth-protected-resource/mcp")
            ? Response.json(oauth.resourceMetadata(this.url))
            : new Response(null, { status: 404 });
        if (!oauth.takes(headers.authorization))
          return new Response("who are you", {
            status: 401,
            headers: { "www-authenticate": `Bearer resource_metadata="${this.metadataUrl ?? described}"` },
          });
      }
      return await handler.fetch(request);
    });
  }

  static async start(tools: MadeTool[]): Promise<MadeMcpServer> {
    const made = new MadeMcpServer(tools);
    made.#server.listen(0, "127.0.0.1");
    await once(made.#server, "listening");
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mcp`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
