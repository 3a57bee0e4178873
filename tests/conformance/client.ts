/** What the protocol's conformance suite drives as a client: Studio's way to a remote server, and its sign-in. */
import type { AuthProvider } from "@modelcontextprotocol/client";
import { MCP_LIMITS } from "#domain/mcp.ts";
import { callTool, listTools } from "#mcp/client.ts";
import { broughtBack } from "#tests/oauth-server.ts";
import { connectRemote } from "#server/mcp/remote.ts";
import { beginSignIn, finishSignIn } from "#server/mcp/sign-in.ts";

const url = process.argv.at(-1) ?? "";
const scenario = process.env.MCP_CONFORMANCE_SCENARIO ?? "";
const policy = { allowPrivate: true };

/** As an admin signs in: with the page that the browser is sent to, and what it brings back. */
async function signedIn(): Promise<AuthProvider> {
  const place = { url, headers: {} };
  const redirectUrl = "http://127.0.0.1:3000/settings/mcp";
  const { authorizationUrl, pending } = await beginSignIn(place, { redirectUrl, state: "state", policy });
  const { code, iss } = await broughtBack(authorizationUrl);
  const grant = await finishSignIn(url, pending, { code, iss: iss === "" ? undefined : iss, policy });
  return { token: () => Promise.resolve(grant.tokens.access_token) };
}

const auth = scenario.startsWith("auth/") ? await signedIn() : undefined;
const { client } = await connectRemote({ transport: "streamable-http", url, headers: {}, auth, policy });
const tools = await listTools(client);
const VALUES: Record<string, unknown> = { number: 1, string: "text", boolean: true };
for (const tool of tools) {
  const properties = (tool.inputSchema.properties ?? {}) as Record<string, { type?: string }>;
  const args = Object.fromEntries(
    Object.entries(properties).map(([name, { type = "string" }]) => [name, VALUES[type] ?? "text"]),
  );
  await callTool(client, tool, args, { timeoutMs: MCP_LIMITS.connectMs });
}
await client.close();
