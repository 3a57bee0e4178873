import type { Sandbox } from "e2b";
import { z } from "zod";
import type { NetworkPolicy } from "#domain/network.ts";
import { MCP_LIMITS } from "#domain/mcp.ts";
import { checkedTools, mcpToolsSchema } from "#domain/mcp-tools.ts";
import { createSandbox, killSandbox } from "../sandbox/sandbox.ts";
import { printedBy } from "../sandbox/programs.ts";
import { WORKSPACE } from "../sandbox/paths.ts";
import { log, messageOf } from "../log.ts";
import { networkFor } from "./network.ts";
import { tellingBreaks } from "../sandbox/unreachable.ts";

/** A server of stdio with its values in clear. */
export interface StdioServer {
  name: string;
  command: string;
  args: string[];
  env: Record<string, string>;
}

const looked = z.union([
  z.object({
    ok: z.literal(true),
    info: z.string().max(300),
    latencyMs: z.number().nonnegative(),
    tools: mcpToolsSchema,
  }),
  z.object({ ok: z.literal(false), message: z.string().max(1_000), said: z.string().max(4_000) }),
]);
export type Looked = z.infer<typeof looked>;

/** After that, the sandbox of a look ends by itself. */
const SANDBOX_MS = MCP_LIMITS.testMs + 60_000;
const FILE = "/tmp/studio-mcp-look.json";
/** Tools as JSON, escaped at worst. */
const MAX_CHARACTERS = 4 * MCP_LIMITS.listBytes;

async function within(sandbox: Sandbox, server: StdioServer): Promise<Looked> {
  await sandbox.files.write(FILE, JSON.stringify({ ...server, cwd: WORKSPACE }));
  const found = await printedBy(sandbox, {
    name: "mcp",
    args: `look ${FILE}`,
    schema: looked,
    timeoutMs: MCP_LIMITS.testMs,
    maxCharacters: MAX_CHARACTERS,
  });
  if (!found.ok) return found;
  // The server runs beside the program that asks it: what that prints may be the server's.
  const tools = checkedTools(found.tools);
  return typeof tools === "string" ? { ok: false, message: tools, said: "" } : { ...found, tools };
}

/**
 * Starts a server of stdio in a sandbox of its own, which ends with the look, and asks it what it offers.
 * @throws HttpError upstream_failed where the sandbox can't be had, or does not answer
 */
export async function lookInSandbox(
  server: StdioServer,
  { organizationId, network }: { organizationId: string; network: NetworkPolicy },
): Promise<Looked> {
  const { sandbox } = await tellingBreaks(
    async () =>
      await createSandbox({
        envs: {},
        metadata: { organizationId, mcp: server.name },
        isSession: false,
        network: await networkFor(network, []),
        timeoutMs: SANDBOX_MS,
      }),
  );
  try {
    return await within(sandbox, server);
  } finally {
    await killSandbox(sandbox.sandboxId).catch((error: unknown) =>
      log("info", "the sandbox of a look at an MCP server could not be ended yet", {
        error: messageOf(error),
      }),
    );
  }
}
