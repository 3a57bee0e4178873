import type { Conversation } from "../conversation.ts";
import type { JsonObject } from "../json.ts";
import type { IssuedCall, Usage } from "../perform.ts";

/** A request as its format's parser has read it. */
export interface ParsedRequest {
  model: string;
  isStreaming: boolean;
  conversation: Conversation;
  /** Chat Completions sends usage in a stream only to those who ask. */
  wantsUsage: boolean;
  /** True when the client marks parts of its prompt for caching (Anthropic). */
  marksCache: boolean;
  /** What the client itself gives as the conversation's key, where it does. */
  conversationKey: string;
}

/** What a renderer knows before the first word is sent. */
export interface Heading {
  /** Unique; without the prefix that a format puts in front. */
  id: string;
  createdSeconds: number;
  request: ParsedRequest;
  usage: Usage;
}

/** Renders a reply as server-sent events; each function returns text to send as it is. */
export interface Encoder {
  start: () => string;
  text: (text: string) => string;
  /** What the model says to itself before it answers. */
  thinking: (text: string) => string;
  call: (call: IssuedCall) => string;
  end: () => string;
}

export interface Format {
  /** Throws RequestError for a body that the format does not allow. `path` is the request's, `query` its query. */
  parse: (body: JsonObject, path: string, query: URLSearchParams) => ParsedRequest;
  encoder: (heading: Heading) => Encoder;
  /** The same reply as one JSON body. */
  whole: (heading: Heading, text: string, calls: IssuedCall[]) => unknown;
  /** The error body as the provider shapes it. */
  error: (status: number, message: string) => unknown;
}

/** One server-sent event. */
export function sse(data: unknown, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`;
}

/** Cuts a call's arguments as providers do, so that clients meet them in pieces. */
export function argumentChunks(call: IssuedCall): string[] {
  return JSON.stringify(call.args).match(/[\s\S]{1,200}/g) ?? [];
}
