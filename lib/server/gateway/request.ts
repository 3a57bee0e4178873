import { type Given, type ProblemKind, problemFor } from "#domain/problems.ts";
import { readRequest, TooLarge } from "#net/body.ts";
import { plain, unmeteredPart } from "./metered.ts";
import { topLevel } from "./top-level.ts";
import type { Target } from "./wire.ts";

export const MAX_REQUEST_BYTES = 32_000_000;

/** A model call's body, checked; or why it is not passed on. */
export type ReadCall =
  | { ok: true; bytes: Uint8Array; body: Record<string, unknown>; streaming: boolean }
  | { ok: false; status: number; code: string; message: string };

function no<K extends ProblemKind>(status: number, kind: K, ...given: Given<K>): ReadCall {
  const { code, message } = problemFor(kind, ...given);
  return { ok: false, status, code, message };
}

/**
 * A name that stands twice at the top, in any spelling, or in Google's `generationConfig`: which of the two counts is
 * each provider's own choice.
 */
function doubleName(text: string): string | undefined {
  const seen = new Set<string>();
  for (const { name, from, to } of topLevel(text)) {
    if (seen.size === seen.add(plain(name)).size) return name;
    const value = text.slice(from, to).trim();
    const inner = plain(name) === "generationconfig" && value.startsWith("{") ? doubleName(value) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** The text with `stream_options.include_usage`, without which a streamed answer has no figures; else untouched. */
export function withUsage(text: string, options: unknown): string {
  const given = typeof options === "object" && options !== null ? (options as Record<string, unknown>) : {};
  if (given.include_usage === true) return text;
  const value = JSON.stringify({ ...given, include_usage: true });
  const property = topLevel(text).find(({ name }) => name === "stream_options");
  if (property) return text.slice(0, property.from) + value + text.slice(property.to);
  const start = text.indexOf("{") + 1;
  return `${text.slice(0, start)}"stream_options":${value},${text.slice(start)}`;
}

const isAbsent = (value: unknown) => value === undefined || value === null;

/** Whether something may bring in a model beside the session's own: OpenRouter's fallbacks, a stored prompt or preset. */
function otherModel(body: Record<string, unknown>, allowed: string): boolean {
  const models = Array.isArray(body.models) ? body.models : isAbsent(body.models) ? [] : [body.models];
  return models.some((model) => model !== allowed) || !isAbsent(body.prompt) || !isAbsent(body.preset);
}

/**
 * Reads and checks a model call: its size, its form, the session's model alone, and on the platform's key nothing that
 * costs more than tokens. The bytes are the client's own, but for `stream_options.include_usage` in a streamed chat.
 */
export async function readCall(
  request: Request,
  target: Target,
  allowed: { modelId: string; name: string; meteredOnly: boolean },
): Promise<ReadCall> {
  let raw: Buffer;
  try {
    raw = await readRequest(request, MAX_REQUEST_BYTES);
  } catch (error) {
    return error instanceof TooLarge
      ? no(413, "gateway_body_large", { maxBytes: MAX_REQUEST_BYTES })
      : no(400, "gateway_body_incomplete");
  }
  const text = raw.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return no(400, "gateway_body_not_json");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return no(400, "gateway_body_not_object");
  const body = value as Record<string, unknown>;
  const double = doubleName(text);
  if (double !== undefined) return no(400, "gateway_name_twice", { name: double });
  const named = target.model ?? body.model;
  const alsoNamed =
    target.model !== null && body.model !== undefined && body.model !== `models/${target.model}`;
  if (named !== allowed.modelId || alsoNamed || otherModel(body, allowed.modelId))
    return no(403, "gateway_model", { model: allowed.name });
  const unmetered = allowed.meteredOnly ? unmeteredPart(target.format, body) : undefined;
  if (unmetered !== undefined) return no(403, "gateway_not_metered", { part: unmetered });
  const streaming = target.streaming ?? body.stream === true;
  const changed = target.format === "openai-chat" && streaming ? withUsage(text, body.stream_options) : text;
  const bytes = changed === text ? raw : Buffer.from(changed);
  return { ok: true, bytes: new Uint8Array(bytes), body, streaming };
}
