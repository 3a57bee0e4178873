import { z } from "zod";
import type { AgentPlace } from "./bridge.ts";
import { callOf } from "./call-id.ts";
import { type AskedChange, atRealPlaces, changeIn, checkChanges, shownFindings } from "./changes.ts";
import type { TranslationContext, AgentEvent } from "./translation.ts";
import { longCommand, shownDiffs, unifiedDiffs } from "./requests.ts";
import { log, messageOf } from "../log.ts";
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
  place: AgentPlace,
  agentSessionId: string,
): Promise<SubagentQuestion[]> {
  return z
    .array(question)
    .parse(await listOfAgent(place, "/permission"))
    .filter(({ sessionID }) => sessionID !== agentSessionId);
}

/** A decision on its way to the agent; a refusal says why. */
interface Decision {
  optionId: string;
  toolCallId?: string;
  message?: string;
}

async function reply(
  place: AgentPlace,
  id: string,
  body: { reply: string; message?: string },
): Promise<void> {
  await tellAgent(place, `/permission/${encodeURIComponent(id)}/reply`, body);
}

/** Answers a subagent's question. One that is gone meanwhile is as good as answered. @throws Error */
export async function answerSubagent(
  place: AgentPlace,
  id: string,
  { optionId, message }: Decision,
): Promise<void> {
  if (optionId === "once") return await reply(place, id, { reply: "once" });
  await reply(place, id, { reply: "reject", ...(message !== undefined && { message }) });
}

/**
 * Refuses what the agent asked by ACP, with the reason: ACP's own answer has no place for one (OpenCode 1.18.33). That
 * answer must be given all the same, and is enough where this one does not arrive.
 */
export async function explainRefusal(
  place: AgentPlace,
  agentSessionId: string,
  { optionId, toolCallId, message }: Decision,
): Promise<void> {
  if (optionId === "once" || toolCallId === undefined || message === undefined) return;
  const { id } = callOf(toolCallId);
  try {
    const waiting = z.array(question).parse(await listOfAgent(place, "/permission"));
    const asked = waiting.find(({ sessionID, tool }) => sessionID === agentSessionId && tool?.callID === id);
    if (asked) await reply(place, asked.id, { reply: "reject", message });
  } catch (error) {
    log("info", "the agent was not told why it was refused", {
      sessionId: place.sessionId,
      error: messageOf(error),
    });
  }
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

/** The files that a subagent's question would change; none where it is for something else. */
export const subagentChanges = ({ permission, metadata }: SubagentQuestion): AskedChange[] =>
  KINDS[permission] === "edit" ? changeIn(metadata ?? {}) : [];

/** A subagent's question as the event that asks a person. Pure. */
export function subagentApproval(asked: SubagentQuestion, context: TranslationContext): AgentEvent {
  const found = context.looks && checkChanges(subagentChanges(asked), context.looks);
  const { diff, ...named } = asked.metadata ?? {};
  const asks = atRealPlaces(named, found?.notes ?? []);
  // Of what is read, its patterns alone say which file it is.
  const [read] = asked.permission === "read" ? (asked.patterns ?? []) : [];
  const isNamed = text(asks.filepath) ?? text(asks.filePath);
  const request = read === undefined || isNamed !== undefined ? asks : { ...asks, filePath: read };
  const kind = KINDS[asked.permission] ?? "other";
  const tool = context.toolName?.(asked.permission) ?? asked.permission;
  const path = text(request.filepath) ?? text(request.filePath);
  const what =
    kind === "execute"
      ? `Run ${text(request.command) ?? "a command"}`
      : path === undefined
        ? `Use ${tool}`
        : `${asked.permission === "read" ? "Read" : "Change"} ${path}`;
  return {
    type: "approval.requested",
    source: "agent.permission",
    rpcId: JSON.stringify({ subagent: asked.id }),
    payload: {
      approval_key: context.newKey("apr"),
      tool,
      // Its calls have ids of their own, which may be those of the session's.
      tool_call_id: asked.id,
      kind,
      summary: `A subagent asks: ${what}`,
      request: { ...request, subagent: true },
      expires_at: context.now + context.approvalMs,
      // Of a file that could not be read, the lines around each change.
      ...shownDiffs(
        found?.diffs[0] || found?.refusal !== undefined
          ? found.diffs
          : typeof diff === "string"
            ? unifiedDiffs(diff, path ?? "")
            : [],
      ),
      ...longCommand(request),
      ...(found && shownFindings(found)),
    },
  };
}
