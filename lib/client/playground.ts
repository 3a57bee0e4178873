import type { JsonOf, SentBody } from "#contracts/routes.ts";
import { ApiError, asApiError, errorOf, unreachable } from "./api.ts";
import { createSseParser } from "./sse-parser.ts";

type Body = SentBody<"POST /api/v1/chat/direct">;
export type DirectAnswer = JsonOf<"POST /api/v1/chat/direct">;

/** What one event of the answer says; null for what this page doesn't know. */
function read(event: string, data: string): { delta: string } | { answer: DirectAnswer } | null {
  const said: unknown = JSON.parse(data);
  if (typeof said !== "object" || said === null) return null;
  if (event === "error") {
    const { detail, code = "unknown", ...more } = said as { detail?: string; code?: string };
    throw new ApiError(detail ?? "The answer broke off. Try again.", { ...more, code, status: 0 });
  }
  if (event === "llm.response.chunk" && "delta" in said && typeof said.delta === "string")
    return { delta: said.delta };
  return event === "llm.response.completed" ? { answer: said as DirectAnswer } : null;
}

/**
 * Asks a model once, as `POST /api/v1/chat/direct` does, and tells of the answer as it comes.
 * @param signal ends it: what the model still writes is charged all the same
 * @throws ApiError
 */
export async function askDirect(
  body: Omit<Body, "stream">,
  signal: AbortSignal,
  onText: (delta: string) => void,
): Promise<DirectAnswer> {
  try {
    const response = await fetch("/api/v1/chat/direct", {
      method: "POST",
      credentials: "same-origin",
      cache: "no-store",
      signal,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...body, stream: true }),
    });
    if (!response.ok) throw await errorOf(response);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const parser = createSseParser();
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      for (const { event, data } of parser.push(value)) {
        const said = read(event, data);
        if (said && "answer" in said) return said.answer;
        if (said) onText(said.delta);
      }
    }
  } catch (error) {
    if (error instanceof ApiError || signal.aborted) throw asApiError(error);
    throw unreachable(error);
  }
  throw new ApiError("The answer broke off. Try again.", { code: "network", status: 0 });
}
