import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Piece } from "./planner.ts";
import type { ToolCall } from "./tools.ts";

/** A tool call with its id, which is unique over all conversations. */
export interface IssuedCall extends ToolCall {
  id: string;
}

/** What a reply consists of while it is sent: words and, at its end, at most one tool call. */
export type Emission = { kind: "text" | "thinking"; text: string } | { kind: "call"; call: IssuedCall };

/** Token figures of one exchange. `prompt` includes `cached`. */
export interface Usage {
  prompt: number;
  cached: number;
  output: number;
}

const CHARACTERS_PER_TOKEN = 4;
const WORD_PAUSE_MS = 3;
const TOKEN_PAUSE_MS = 5;
/** Three letters and a space each, so that one word is one token at four characters a token. */
const WORDS = ["one", "red", "sky", "oak", "sun", "map", "ink", "bay", "elm", "fox", "jar", "key"];

const tokensOf = (characters: number) => Math.ceil(characters / CHARACTERS_PER_TOKEN);

/** Usage computed from the texts' lengths alone, so that the same exchange always costs the same. */
export function usageOf(promptSize: number, cachedSize: number, pieces: Piece[]): Usage {
  let characters = 0;
  for (const piece of pieces) {
    if (piece.kind === "text" || piece.kind === "thinking") characters += piece.text.length;
    if (piece.kind === "tokens") characters += piece.count * CHARACTERS_PER_TOKEN;
    if (piece.kind === "call") characters += piece.call.name.length + JSON.stringify(piece.call.args).length;
  }
  const prompt = Math.max(1, tokensOf(promptSize));
  return {
    prompt,
    cached: Math.min(prompt, Math.floor(cachedSize / CHARACTERS_PER_TOKEN)),
    output: tokensOf(characters),
  };
}

/**
 * Plays a reply at a readable pace. `paced: false` leaves out the pauses between words, not those of `sleep`.
 * Throws an AbortError as soon as `signal` is aborted.
 */
export async function* perform(
  pieces: Piece[],
  paced: boolean,
  signal: AbortSignal,
): AsyncGenerator<Emission> {
  for (const piece of pieces) {
    signal.throwIfAborted();
    if (piece.kind === "call") {
      yield { kind: "call", call: { ...piece.call, id: randomUUID().replaceAll("-", "").slice(0, 24) } };
    } else if (piece.kind === "pause") {
      await delay(piece.durationMs, undefined, { signal });
    } else if (piece.kind === "tokens") {
      for (let index = 0; index < piece.count; index += 1) {
        if (paced) await delay(TOKEN_PAUSE_MS, undefined, { signal });
        yield { kind: "text", text: `${WORDS[index % WORDS.length]} ` };
      }
    } else {
      for (const text of piece.text.match(/\s*\S+\s*/g) ?? [piece.text]) {
        if (paced) await delay(WORD_PAUSE_MS, undefined, { signal });
        yield { kind: piece.kind, text };
      }
    }
  }
}
