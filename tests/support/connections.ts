import type { checkedCalls } from "./checked-calls.ts";
import { MadeMcpServer } from "./mcp-server.ts";

/** Calls the routes of package registries and MCP servers, each with success. */
export async function callConnections(succeed: ReturnType<typeof checkedCalls>["succeed"]): Promise<void> {
  const registry = { params: { registry: "house" } };
  await succeed("PUT /api/v1/registries/{registry}", {
    ...registry,
    body: { url: "http://127.0.0.1:1", token: "a-token", scopes: ["@acme"] },
  });
  await succeed("GET /api/v1/registries");
  await succeed("POST /api/v1/registries/{registry}/test", registry);
  await succeed("DELETE /api/v1/registries/{registry}", registry);

  const made = await MadeMcpServer.start([{ name: "echo", description: "Echoes.", call: () => "echo" }]);
  try {
    const body = { name: "echoes", transport: "streamable-http", url: made.url } as const;
    const { id } = await succeed("POST /api/v1/mcp/servers", { body });
    const server = { params: { id } };
    await succeed("POST /api/v1/mcp/servers/{id}/test", server);
    await succeed("GET /api/v1/mcp/servers/{id}/tools", server);
    await succeed("GET /api/v1/mcp/servers/{id}/calls", server);
    await succeed("PATCH /api/v1/mcp/servers/{id}", { ...server, body: { enabled: true } });
    await succeed("POST /api/v1/mcp/connect", { body });
    await succeed("GET /api/v1/mcp/tools");
    await succeed("POST /api/v1/mcp/disconnect", { body: { name: "echoes" } });
    await succeed("GET /api/v1/mcp/servers");
    await succeed("DELETE /api/v1/mcp/servers/{id}/sign-in", server);
    await succeed("DELETE /api/v1/mcp/servers/{id}", server);
  } finally {
    made.stop();
  }
}
