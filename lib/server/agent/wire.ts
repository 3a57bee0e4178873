import { z } from "zod";

/** JSON-RPC as it comes from the agent. Only what is read is named; everything else is passed over. */
export const rpcMessage = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});
export type RpcMessage = z.infer<typeof rpcMessage>;

const content = z.union([
  z.object({
    type: z.literal("content"),
    content: z.object({ type: z.string(), text: z.string().optional() }),
  }),
  z.object({
    type: z.literal("diff"),
    path: z.string(),
    oldText: z.string().nullish(),
    newText: z.string(),
  }),
  z.object({ type: z.string() }),
]);
export type ToolContent = z.infer<typeof content>;

/** A tool call, as in `tool_call`, `tool_call_update` and the question for permission. */
export const toolCall = z.object({
  toolCallId: z.string(),
  title: z.string().optional(),
  kind: z.string().optional(),
  status: z.string().optional(),
  rawInput: z.record(z.string(), z.unknown()).optional(),
  content: z.array(content).optional(),
  rawOutput: z
    .object({
      output: z.unknown().optional(),
      error: z.unknown().optional(),
      metadata: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
});
export type ToolCall = z.infer<typeof toolCall>;

/** The `update` of a `session/update` notification that the bridge reads. */
export const sessionUpdate = z.union([
  z.object({
    sessionUpdate: z.enum(["agent_message_chunk", "agent_thought_chunk"]),
    messageId: z.string().optional(),
    content: z.object({ type: z.string(), text: z.string().optional() }),
  }),
  toolCall.extend({ sessionUpdate: z.enum(["tool_call", "tool_call_update"]) }),
  z.object({
    sessionUpdate: z.literal("plan"),
    entries: z.array(z.object({ content: z.string(), status: z.string(), priority: z.string().optional() })),
  }),
]);

export const permissionRequest = z.object({
  toolCall,
  options: z.array(z.object({ optionId: z.string(), kind: z.string() })),
});

export const promptResult = z.object({ stopReason: z.string() });

/** Whether the agent asks for an ability of a client's, other than to put a question for leave to a person. */
export function asksClient({ method, id }: RpcMessage): boolean {
  return method !== undefined && id !== undefined && method !== "session/request_permission";
}

/** Commands of the agent's that a message may name; every other text that begins with `/` is a text. */
const COMMANDS = /^\s*\/compact\s*$/;

/**
 * A person's message as the agent is sent it. OpenCode takes a text that begins with `/` for a command, and where there
 * is none of that name its turn ends without a word (1.18.33): a line before it makes it a message again.
 */
export function promptOf(text: string): { type: "text"; text: string }[] {
  const isMessage = text.trimStart().startsWith("/") && !COMMANDS.test(text);
  return [{ type: "text", text: isMessage ? `My message, which is not a command:\n${text}` : text }];
}

/**
 * The skills that a message names, as the agent is sent them: OpenCode passes on to the model what is for the assistant,
 * and does not count it as a person's words (1.18.33).
 */
export const skillParts = (texts: readonly string[] = []) =>
  texts.map((text) => ({ type: "text" as const, text, annotations: { audience: ["assistant" as const] } }));

const MAX_ERROR_CHARS = 300;

/** What of an agent's error a person reads: where a check of its own has failed, a whole dump follows. */
export function firstLine(message: string): string {
  const [line = ""] = message
    .replace(/^Internal error: /, "")
    .trim()
    .split("\n", 1);
  return line.length <= MAX_ERROR_CHARS ? line : `${line.slice(0, MAX_ERROR_CHARS - 1)}…`;
}
