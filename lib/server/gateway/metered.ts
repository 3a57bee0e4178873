import type { WireFormat } from "#domain/catalog.ts";

type Body = Record<string, unknown>;

/** A name without its format's way of writing it: Google takes `candidate_count` for `candidateCount`. */
export const plain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");

const isObject = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: unknown): Body[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** What asks for nothing: a parameter that is off. */
const isOff = (value: unknown): boolean =>
  value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0);

type Check = (value: unknown) => boolean;
const anything: Check = () => true;
const one: Check = (value) => value === 1;
const wholeNumber: Check = (value) => Number.isSafeInteger(value) && Number(value) > 0;
const oneOf =
  (...allowed: unknown[]): Check =>
  (value) =>
    allowed.includes(value);
const textOnly: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "string" && item.toLowerCase() === "text");
const allow = (names: string, check: Check = anything) =>
  names.split(" ").map((name) => [name, check] as const);

/** The tools that the agent runs itself, of those that have a type of their own. */
const OPENAI_TOOLS = oneOf("function", "custom", "local_shell", "apply_patch");
const openAiTools: Check = (value) => objects(value).every(({ type }) => OPENAI_TOOLS(type));
/** The client's own tools have no type, or `custom`; those that Anthropic defines and the client runs are dated. */
const anthropicTools: Check = (value) =>
  objects(value).every(
    ({ type }) =>
      isOff(type) || type === "custom" || /^(bash|text_editor|computer|memory)_\d{8}$/.test(String(type)),
  );
const googleTools: Check = (value) =>
  objects(value).every((tool) => Object.keys(tool).every((name) => plain(name) === "functiondeclarations"));

const TIERS = oneOf("auto", "default", "flex", "standard", "standard_only");
/** Removes tool calls of before from the prompt; what sums them up would be another call of its own. */
const clearing: Check = (value) =>
  isObject(value) && objects(value.edits).every(({ type }) => String(type).startsWith("clear_"));

const GENERATION = new Map<string, Check>([
  ...allow("temperature topP topK stopSequences responseMimeType responseSchema responseJsonSchema seed"),
  ...allow("thinkingConfig presencePenalty frequencyPenalty mediaResolution responseLogprobs logprobs"),
  ...allow("maxOutputTokens", wholeNumber),
  ...allow("candidateCount", one),
  ...allow("responseModalities", textOnly),
]);
const generation: Check = (value) => isObject(value) && notAllowed(GENERATION, value) === undefined;

/**
 * What a call on platform credits may say, by format: parameters that cost nothing, or tokens that its hold counts.
 * Whatever is not here (server-side tools, stored contexts, several answers, answers that come later) does not pass.
 * Sources: the providers' references, and what the agent sends (tests/contract/gateway/opencode.test.ts).
 */
const ALLOWED: Record<WireFormat, ReadonlyMap<string, Check>> = {
  "openai-chat": new Map<string, Check>([
    ...allow(
      "model messages stream stream_options temperature top_p top_k min_p top_a seed stop user metadata",
    ),
    ...allow("frequency_penalty presence_penalty repetition_penalty logit_bias logprobs top_logprobs"),
    ...allow("tool_choice parallel_tool_calls functions function_call response_format verbosity"),
    ...allow("reasoning reasoning_effort include_reasoning thinking enable_thinking usage cache_control"),
    ...allow("prompt_cache_key prompt_cache_retention safety_identifier transforms models"),
    ...allow("max_tokens max_completion_tokens", wholeNumber),
    ...allow("n", one),
    ...allow("modalities", textOnly),
    ...allow("service_tier", TIERS),
    ...allow("tools", openAiTools),
  ]),
  "openai-responses": new Map<string, Check>([
    ...allow("model input instructions stream stream_options temperature top_p top_logprobs user metadata"),
    ...allow("tool_choice parallel_tool_calls max_tool_calls reasoning text include truncation verbosity"),
    ...allow("prompt_cache_key prompt_cache_retention safety_identifier"),
    ...allow("max_output_tokens", wholeNumber),
    ...allow("service_tier", TIERS),
    ...allow("tools", openAiTools),
  ]),
  anthropic: new Map<string, Check>([
    ...allow("model messages system stream temperature top_p top_k stop_sequences metadata tool_choice"),
    ...allow("thinking output_config output_format cache_control"),
    ...allow("max_tokens", wholeNumber),
    ...allow("service_tier", TIERS),
    ...allow("speed", oneOf("standard")),
    ...allow("inference_geo", oneOf("global")),
    ...allow("context_management", clearing),
    ...allow("tools", anthropicTools),
  ]),
  google: new Map<string, Check>([
    ...allow("model contents systemInstruction system_instruction toolConfig tool_config safetySettings"),
    ...allow("safety_settings labels"),
    ...allow("generationConfig", generation),
    ...allow("tools", googleTools),
  ]),
};

function notAllowed(allowed: ReadonlyMap<string, Check>, body: Body): string | undefined {
  return Object.keys(body).find((name) => !isOff(body[name]) && !(allowed.get(name)?.(body[name]) ?? false));
}

/** Parts of a prompt that stand for content which is not in the call itself, in any format and spelling. */
const REFERENCES = new Set(["fileid", "fileuri", "fileurl", "containerid", "vectorstoreids"]);
const REFERRING_TYPES = new Set(["item_reference", "container_upload", "compaction"]);

/** Whether a value names content elsewhere: a link in place of data, a stored file or item. */
function refersElsewhere(name: string, value: unknown): boolean {
  if (REFERENCES.has(plain(name))) return !isOff(value);
  if (name === "type") return REFERRING_TYPES.has(String(value));
  if (plain(name) === "imageurl" || plain(name) === "videourl" || plain(name) === "audiourl") {
    const url = isObject(value) ? value.url : value;
    return typeof url === "string" && !url.startsWith("data:");
  }
  return name === "source" && isObject(value) && (value.type === "url" || value.type === "file");
}

/** What of a format is the prompt; the tools' descriptions and schemas are the client's own words. */
const PROMPT: Record<WireFormat, readonly string[]> = {
  "openai-chat": ["messages"],
  "openai-responses": ["input"],
  anthropic: ["messages", "system"],
  google: ["contents", "systemInstruction", "system_instruction"],
};
/** Inside of these stand the arguments and results of the agent's tools, which may have any form. */
const OPAQUE = new Set(["input", "args", "arguments", "response"]);

/** What a prompt's parts are, one after another, however deep they stand. */
export function* promptEntries(format: WireFormat, body: Body): Generator<[name: string, value: unknown]> {
  const stack: unknown[] = PROMPT[format].map((name) => body[name]);
  while (stack.length > 0) {
    const at = stack.pop();
    if (Array.isArray(at)) for (const item of at) stack.push(item);
    else if (isObject(at))
      for (const [name, value] of Object.entries(at)) {
        yield [name, value];
        if (typeof value === "object" && !OPAQUE.has(name)) stack.push(value);
      }
  }
}

/**
 * What in a call on platform credits its hold would not count, in words; undefined where there is nothing.
 * @param body of the call, as JSON
 */
export function unmeteredPart(format: WireFormat, body: Body): string | undefined {
  const name = notAllowed(ALLOWED[format], body);
  if (name !== undefined) return `“${name.slice(0, 60)}”, or this form of it`;
  if (!isOff(body.max_tokens) && !isOff(body.max_completion_tokens)) return "two limits of its output";
  for (const [part, value] of promptEntries(format, body))
    if (refersElsewhere(part, value))
      return `“${part.slice(0, 60)}”, which stands for content that is elsewhere`;
  return undefined;
}

const many = (value: unknown): number => {
  const count = Math.ceil(Number(value));
  return Number.isFinite(count) && count > 1 ? count : 1;
};

/** The value of a property in whichever of Google's spellings it stands; the largest where it stands in several. */
const spelled = (body: Body, name: string): unknown[] =>
  Object.entries(body).flatMap(([known, value]) => (plain(known) === plain(name) ? [value] : []));

/** How many answers a call asks for at once, each of which costs. At least 1. */
export function answersOf(format: WireFormat, body: Body): number {
  if (format !== "google") return Math.max(many(body.n), many(body.best_of));
  const configs = spelled(body, "generationConfig").filter(isObject);
  return Math.max(1, ...configs.flatMap((config) => spelled(config, "candidateCount").map(many)));
}
