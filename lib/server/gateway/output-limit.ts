import type { WireFormat } from "#domain/catalog.ts";
import { plain } from "./metered.ts";
import { topLevel } from "./top-level.ts";

type Body = Record<string, unknown>;

const count = (value: unknown) => (typeof value === "number" && value > 0 ? Math.floor(value) : undefined);
const part = (value: unknown): Body => (typeof value === "object" && value !== null ? (value as Body) : {});

/** The names under which a format takes its limit of output; a new one is put in under the first. */
const NAMES: Record<Exclude<WireFormat, "google">, readonly [string, ...string[]]> = {
  "openai-chat": ["max_completion_tokens", "max_tokens"],
  "openai-responses": ["max_output_tokens"],
  anthropic: ["max_tokens"],
};

/** Google's name of its limit, in whichever spelling the call has it; and of the object that it stands in. */
const named = (body: Body, name: string) =>
  Object.keys(body).find((known) => plain(known) === plain(name)) ?? name;

/** How many tokens of output a call asks for at most; undefined where it leaves that to the model. */
export function maxOutputOf(format: WireFormat, body: Body): number | undefined {
  if (format === "google") {
    const config = part(body[named(body, "generationConfig")]);
    return count(config[named(config, "maxOutputTokens")]);
  }
  // Where there are two, which of them counts is each provider's own choice.
  const asked = NAMES[format].flatMap((name) => count(body[name]) ?? []);
  return asked.length > 0 ? Math.max(...asked) : undefined;
}

/** Puts a property's value in place of the one in the text, or in front of all others. */
function withProperty(text: string, name: string, value: string): string {
  const property = topLevel(text).find((found) => found.name === name);
  if (property) return text.slice(0, property.from) + value + text.slice(property.to);
  const start = text.indexOf("{") + 1;
  const comma = topLevel(text).length > 0 ? "," : "";
  return `${text.slice(0, start)}${JSON.stringify(name)}:${value}${comma}${text.slice(start)}`;
}

/** The call's text with a limit of output; everything else stays as it is, to the byte. */
export function withMaxOutput(format: WireFormat, text: string, body: Body, limit: number): string {
  if (format === "google") {
    const name = named(body, "generationConfig");
    const config = part(body[name]);
    return withProperty(text, name, JSON.stringify({ ...config, [named(config, "maxOutputTokens")]: limit }));
  }
  const [preferred] = NAMES[format];
  const given = NAMES[format].filter((known) => Object.hasOwn(body, known) && body[known] !== null);
  return (given.length > 0 ? given : [preferred]).reduce(
    (changed, name) => withProperty(changed, name, String(limit)),
    text,
  );
}
