import { kind } from "./kind.ts";

/** An organization's MCP servers. */
export const mcp = {
  mcp_not_found: kind("not_found", "There's no such MCP server here."),
  mcp_not_named: kind("not_found", ({ name }: { name: string }) => `There's no MCP server “${name}” here.`),
  mcp_race: kind(
    "invalid_request",
    "Someone else changed this MCP server at the same moment. Nothing was saved; try again.",
  ),
  mcp_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An organization can have ${limit} MCP servers. Remove one first.`,
  ),
  mcp_name_taken: kind(
    "invalid_request",
    ({ name }: { name: string }) => `name: there's an MCP server “${name}” already.`,
  ),
  mcp_name_reserved: kind(
    "invalid_request",
    ({ name }: { name: string }) => `name: “${name}” stands for Studio's own tools. Choose another one.`,
  ),
  mcp_needs: kind(
    "invalid_request",
    ({ field, transport }: { field: string; transport: string }) =>
      `${field}: a server of ${transport} needs one.`,
  ),
  mcp_needs_none: kind(
    "invalid_request",
    ({ field, transport }: { field: string; transport: string }) =>
      `${field}: a server of ${transport} has none.`,
  ),
  mcp_value_name: kind(
    "invalid_request",
    ({ field, name }: { field: string; name: string }) => `${field}: “${name}” can't be a name there.`,
  ),
  mcp_values_again: kind(
    "invalid_request",
    ({ field, name }: { field: string; name: string }) =>
      `${field}: enter “${name}” again. The server is reached in another way now, and a secret goes only where it was entered for.`,
  ),
  mcp_values_large: kind(
    "invalid_request",
    ({ bytes }: { bytes: number }) => `env, headers: all values together have at most ${bytes} bytes.`,
  ),
  mcp_enabled_alone: kind(
    "invalid_request",
    "Send `enabled` alone, with `tools_digest` if you like: a server that changes is off until its tools were seen.",
  ),
  mcp_url_forbidden: kind("invalid_request", ({ fault }: { fault: string }) => `url: ${fault}`),
  mcp_not_tested: kind(
    "not_ready",
    ({ name }: { name: string }) =>
      `Test “${name}” first: what it offers has to be seen before sessions get it.`,
  ),
  mcp_tools_moved: kind(
    "not_ready",
    ({ name }: { name: string }) =>
      `“${name}” offers other tools by now than you have seen. Look at them, and try again.`,
  ),
  mcp_token: kind(
    "unauthenticated",
    "This token isn't valid here, or its session or the membership of its person has ended.",
  ),
  mcp_tool_moved: kind(
    "not_ready",
    ({ tool }: { tool: string }) =>
      `${tool} isn't what an admin has approved any more. An admin can look at what changed under Settings, MCP servers.`,
  ),
  mcp_unreadable: kind(
    "key_unreadable",
    "The stored values of this MCP server can't be decrypted with this server's keys. An admin can enter them again under Settings, MCP servers.",
  ),
  mcp_sign_in_remote: kind(
    "invalid_request",
    "A server that runs in the sandbox has no sign-in. Enter what it needs as variables.",
  ),
  mcp_sign_in_failed: kind(
    "upstream_failed",
    ({ name, fault }: { name: string; fault: string }) => `Signing in to “${name}” failed. ${fault}`,
  ),
  mcp_sign_in_refused: kind(
    "invalid_request",
    "The sign-in was refused or canceled there. Start it again from the server's row.",
  ),
  mcp_sign_in_over: kind(
    "not_found",
    "This sign-in is over: it was used, took more than ten minutes, or was begun by someone else. Start it again from the server's row.",
  ),
  mcp_sign_in_lost: kind(
    "not_ready",
    "Its sign-in has ended. An admin can sign in again under Settings, MCP servers.",
  ),
  mcp_tests_busy: kind(
    "rate_limited",
    "This MCP server is being tested, or three others are. Try again once that's done.",
  ),
  mcp_busy: kind(
    "rate_limited",
    "Too many calls of this session to MCP servers are under way. Try again in a moment.",
  ),
};
