import { z } from "zod";
import type { SandboxRef } from "../sandbox/sandbox.ts";
import type { BridgeContext, BridgeEvent } from "./from-acp.ts";
import { shownDiffs, unifiedDiffs } from "./requests.ts";
import { listOfAgent, tellAgent } from "./own-server.ts";

/** A permission that waits, as the agent's own server lists it (`GET /permission`, OpenCode 1.18.33). */
const question = z.object({
  id: z.string(),
  sessionID: z.string(),
  permission: z.string(),
  patterns: z.array(z.string()).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  tool: z.object({ callID: z.string() }).optional(),
});
export type SubagentQuestion = z.infer<typeof question>;

/** What subagents of a session ask now; the agent's own questions come by ACP. @throws Error where nobody answers */
export async function subagentQuestions(
  ref: SandboxRef,
  sessionId: string,
  agentSessionId: string,
): Promise<SubagentQuestion[]> {
  return z
    .array(question)
    .parse(await listOfAgent(ref, sessionId, "/permission"))
    .filter(({ sessionID }) => sessionID !== agentSessionId);
}

/** Answers a subagent's question. One that is gone meanwhile is as good as answered. @throws Error */
export async function answerSubagent(
  ref: SandboxRef,
  sessionId: string,
  id: string,
  optionId: string,
): Promise<void> {
  const reply = optionId === "once" ? "once" : "reject";
  await tellAgent(ref, sessionId, `/permission/${encodeURIComponent(id)}/reply`, { reply });
}

/** The id under which an answer is sent back: not of JSON-RPC, but of the agent's own server. */
const subagentRpcId = z.object({ subagent: z.string() });

/** The id of a subagent's question in what a decision names; undefined where ACP asked. */
export function subagentOf(rpcId: unknown): string | undefined {
  const parsed = subagentRpcId.safeParse(rpcId);
  return parsed.success ? parsed.data.subagent : undefined;
}

const KINDS: Record<string, string> = { bash: "execute", edit: "edit", webfetch: "fetch" };
const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** A subagent's question as the event that asks a person. Pure. */
export function subagentApproval(asked: SubagentQuestion, context: BridgeContext): BridgeEvent {
  const { diff, ...request } = asked.metadata ?? {};
  const kind = KINDS[asked.permission] ?? "other";
  const path = text(request.filepath) ?? text(request.filePath);
  const what =
    kind === "execute"
      ? `Run ${text(request.command) ?? "a command"}`
      : path === undefined
        ? `Use ${asked.permission}`
        : `Change ${path}`;
  return {
    type: "approval.requested",
    source: "agent.permission",
    rpcId: JSON.stringify({ subagent: asked.id }),
    payload: {
      approval_key: context.newKey("apr"),
      tool: asked.permission,
      tool_call_id: asked.tool?.callID ?? asked.id,
      kind,
      summary: `A subagent asks: ${what}`,
      request: { ...request, subagent: true },
      expires_at: context.now + context.approvalMs,
      ...shownDiffs(typeof diff === "string" ? unifiedDiffs(diff, path ?? "") : []),
    },
  };
}
