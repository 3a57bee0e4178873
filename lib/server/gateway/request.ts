import type { WireFormat } from "../../domain/catalog.ts";
import { topLevel } from "./top-level.ts";
import type { Target } from "./wire.ts";

export const MAX_REQUEST_BYTES = 32_000_000;

/** A model call's body, checked; or why it is not passed on. */
export type ReadCall =
  | { ok: true; bytes: Uint8Array; body: Record<string, unknown>; streaming: boolean }
  | { ok: false; status: number; code: string; message: string };

const no = (status: number, code: string, message: string): ReadCall => ({
  ok: false,
  status,
  code,
  message,
});

/** The whole body; null where it is too large. @throws where the client goes away in the middle of it */
async function readBytes(request: Request): Promise<Buffer | null> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_REQUEST_BYTES) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const plain = (name: string) => name.toLowerCase().replaceAll(/[_-]/g, "");

/** A name that stands twice at the top, in any spelling: which of the two counts is each provider's own choice. */
function doubleName(text: string): string | undefined {
  const seen = new Set<string>();
  return topLevel(text).find(({ name }) => seen.size === seen.add(plain(name)).size)?.name;
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

/** The tools that the agent runs, of those that have a type of their own. */
const OPENAI_TOOLS = new Set(["function", "custom", "local_shell", "apply_patch"]);
const entries = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((entry) => typeof entry === "object" && entry !== null) : [];

const isAbsent = (value: unknown) => value === undefined || value === null;

/** A tool that the provider runs itself and bills apart from tokens. */
function billedTool(format: WireFormat, body: Record<string, unknown>): string | undefined {
  for (const tool of entries(body.tools)) {
    if (format === "google") {
      const own = Object.keys(tool).find((name) => plain(name) !== "functiondeclarations");
      if (own !== undefined) return own;
    } else if (format === "anthropic") {
      // The client's own tools have no type, or `custom`; those that Anthropic defines and the client runs are dated.
      const type = typeof tool.type === "string" ? tool.type : "custom";
      if (/^(web_|code_execution|mcp_)/.test(type)) return type;
    } else if (typeof tool.type === "string" && !OPENAI_TOOLS.has(tool.type)) return tool.type;
  }
  return undefined;
}

/**
 * What in a call costs more than the tokens that the gateway counts, in words; undefined where nothing does.
 * Sources: the providers' price lists (priority and fast modes, tools that they run, background answers).
 */
export function unmeteredPart(format: WireFormat, body: Record<string, unknown>): string | undefined {
  const tool = billedTool(format, body);
  if (tool !== undefined) return `the tool “${tool}”, which the provider runs and bills apart`;
  if (body.background === true) return "an answer in the background, whose tokens nobody would count";
  if (["priority", "fast", "scale"].includes(String(body.service_tier))) return "a dearer service tier";
  if (body.speed === "fast") return "the fast mode, which has prices of its own";
  if (!isAbsent(body.inference_geo) && body.inference_geo !== "global")
    return "a region, which has prices of its own";
  for (const name of ["plugins", "web_search_options", "search_parameters", "mcp_servers"])
    if (!isAbsent(body[name]) && JSON.stringify(body[name]) !== "[]")
      return `“${name}”, which the provider bills apart`;
  return undefined;
}

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
  let raw: Buffer | null;
  try {
    raw = await readBytes(request);
  } catch {
    return no(400, "incomplete_body", "The body broke off.");
  }
  if (!raw) return no(413, "too_large", `A model call may have at most ${MAX_REQUEST_BYTES} bytes.`);
  const text = raw.toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return no(400, "invalid_json", "The body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return no(400, "invalid_json", "The body is not a JSON object.");
  const body = value as Record<string, unknown>;
  const double = doubleName(text);
  if (double !== undefined) return no(400, "duplicate_name", `The body has “${double}” twice.`);
  const named = target.model ?? body.model;
  const alsoNamed =
    target.model !== null && body.model !== undefined && body.model !== `models/${target.model}`;
  if (named !== allowed.modelId || alsoNamed || otherModel(body, allowed.modelId))
    return no(403, "model_not_allowed", `This session may only use ${allowed.name}.`);
  const unmetered = allowed.meteredOnly ? unmeteredPart(target.format, body) : undefined;
  if (unmetered !== undefined)
    return no(403, "not_metered", `On platform credits a call may not ask for ${unmetered}.`);
  const streaming = target.streaming ?? body.stream === true;
  const changed = target.format === "openai-chat" && streaming ? withUsage(text, body.stream_options) : text;
  const bytes = changed === text ? raw : Buffer.from(changed);
  return { ok: true, bytes: new Uint8Array(bytes), body, streaming };
}
