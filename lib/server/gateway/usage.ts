import { z } from "zod";
import type { TokenUsage } from "../../domain/catalog.ts";

const chat = z.object({
  usage: z.object({
    prompt_tokens: z.number().default(0),
    completion_tokens: z.number().default(0),
    prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish(),
  }),
});

/**
 * Reads a provider's own figures out of its answer while it passes by, without touching a byte.
 * Chat Completions: the last piece that carries `usage` counts; its prompt includes what was cached.
 */
export class UsageMeter {
  readonly #decoder = new TextDecoder();
  readonly #streamed: boolean;
  #buffer = "";
  #usage: TokenUsage | null = null;

  /** @param contentType of the answer: an event stream is read line by line, anything else as one JSON text */
  constructor(contentType: string | null) {
    this.#streamed = contentType?.includes("text/event-stream") ?? false;
  }

  /** Takes a piece of the answer. */
  push(piece: Uint8Array): void {
    this.#buffer += this.#decoder.decode(piece, { stream: true });
    if (!this.#streamed) return;
    const lines = this.#buffer.split("\n");
    this.#buffer = lines.pop() ?? "";
    for (const line of lines)
      if (line.startsWith("data:") && line.includes('"usage"')) this.#read(line.slice(5));
  }

  /** What the provider said, once the answer is over; null where it said nothing. */
  end(): TokenUsage | null {
    if (!this.#streamed) this.#read(this.#buffer);
    return this.#usage;
  }

  #read(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // Not JSON, as the stream's closing `[DONE]`: it carries no figures.
      return;
    }
    const parsed = chat.safeParse(value);
    if (!parsed.success) return;
    const { usage } = parsed.data;
    this.#usage = {
      inputTokens: usage.prompt_tokens,
      cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
      outputTokens: usage.completion_tokens,
    };
  }
}
