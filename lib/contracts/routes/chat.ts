import type { RouteTable } from "../route.ts";
import { chatBody, chatResponse, directChatBody, directChatResponse } from "../chat.ts";

const write = { scope: "sessions:write" } as const;

export const CHAT_ROUTES = {
  "POST /api/v1/chat": {
    id: "chat",
    tag: "Runs",
    summary: "Send a message and wait for the answer",
    description:
      "The same as sending a message to the session, and waiting until its run has ended. What happens meanwhile, approvals among it, is in the session's events. If the caller goes away the run goes on.",
    access: write,
    body: chatBody,
    example: { session_id: "a-session", message: "What's the git status?" },
    response: { status: 200, json: chatResponse },
    errors: ["not_found", "session_stopped", "queue_full", "no_credits", "not_ready", "upstream_failed"],
  },
  "POST /api/v1/chat/direct": {
    id: "chatDirect",
    tag: "Runs",
    summary: "Ask a model once, without a session",
    description:
      "No sandbox and no agent: the organization's key, or its credits, pay for one answer. What the model still writes after a caller has gone away is charged all the same. With `stream` come `llm.response.chunk` (`{delta, chunk_index}`), then `llm.response.completed` (the response) or `error` (problem details).",
    access: write,
    body: directChatBody,
    example: { message: "Explain `git rebase --onto` in two sentences.", agent_config: { max_tokens: 400 } },
    response: {
      status: 200,
      json: directChatResponse,
      or: [{ media: "text/event-stream", text: "The answer as it comes, with `stream`." }],
    },
    errors: [
      "unknown_provider",
      "unknown_model",
      "no_key",
      "no_credits",
      "limit_reached",
      "key_unreadable",
      "upstream_failed",
    ],
  },
} as const satisfies RouteTable;
