/** What the protocol's conformance suite drives as a server: what a sandbox gets of a remote server at `/api/mcp/{server}`. */
import type http from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type CallToolResult, createMcpHandler, Server } from "@modelcontextprotocol/server";
import { callTool, listTools } from "#mcp/client.ts";
import { pinnedServer } from "#mcp/front.ts";
import { servedBy } from "#tests/web-server.ts";
import { connectRemote } from "#server/mcp/remote.ts";

/** A pixel, and a moment of silence. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";
const text = (value: string) => ({ type: "text" as const, text: value });
const image = { type: "image" as const, data: PNG, mimeType: "image/png" };

/** The tools that the suite calls, as it wants them. */
const TOOLS: Record<string, CallToolResult> = {
  test_simple_text: { content: [text("This is a simple text response for testing.")] },
  test_image_content: { content: [image] },
  test_audio_content: { content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }] },
  test_embedded_resource: {
    content: [
      {
        type: "resource",
        resource: {
          uri: "test://embedded-resource",
          mimeType: "text/plain",
          text: "This is an embedded resource content.",
        },
      },
    ],
  },
  test_multiple_content_types: {
    content: [
      text("Multiple content types test:"),
      image,
      {
        type: "resource",
        resource: {
          uri: "test://mixed-content-resource",
          mimeType: "application/json",
          text: JSON.stringify({ test: "data", value: 123 }),
        },
      },
    ],
  },
  test_error_handling: {
    isError: true,
    content: [text("This tool intentionally returns an error for testing")],
  },
};
const SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object" as const,
  $defs: {
    address: { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
  },
  properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
  additionalProperties: false,
};

async function listening(handler: { fetch: (request: Request) => Promise<Response> }, port = 0) {
  const server: http.Server = servedBy(async (request) => await handler.fetch(request));
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Starts a server that has the suite's tools, and Studio's before it. @returns where Studio's is */
export async function startServed(): Promise<{ url: string; stop: () => Promise<void> }> {
  const behind = await listening(
    createMcpHandler(() => {
      const server = new Server({ name: "behind", version: "1" }, { capabilities: { tools: {} } });
      server.setRequestHandler("tools/list", () => ({
        tools: [
          ...Object.keys(TOOLS).map((name) => ({
            name,
            description: `Tests ${name}.`,
            inputSchema: { type: "object" as const },
          })),
          { name: "json_schema_2020_12_tool", description: "Has a schema.", inputSchema: SCHEMA },
        ],
      }));
      server.setRequestHandler("tools/call", ({ params }) => TOOLS[params.name] ?? { content: [] });
      return server;
    }),
  );
  const { client } = await connectRemote({
    transport: "streamable-http",
    url: behind.url,
    headers: {},
    policy: { allowPrivate: true },
  });
  const tools = await listTools(client);
  const before = await listening(
    createMcpHandler(
      () =>
        pinnedServer(
          "behind",
          tools,
          async (tool, args, signal) => await callTool(client, tool, args, { signal }),
        ),
      { maxSubscriptions: 0 },
    ),
  );
  return {
    url: before.url,
    stop: async () => {
      await client.close();
      before.stop();
      behind.stop();
    },
  };
}
