import type { WireFormat } from "../../domain/catalog.ts";
import { topLevel } from "./top-level.ts";

type Body = Record<string, unknown>;

const count = (value: unknown) => (typeof value === "number" && value > 0 ? Math.floor(value) : undefined);
const part = (value: unknown): Body => (typeof value === "object" && value !== null ? (value as Body) : {});

/** The names under which a format takes its limit of output; the first that is there counts. */
const NAMES: Record<Exclude<WireFormat, "google">, readonly [string, ...string[]]> = {
  "openai-chat": ["max_completion_tokens", "max_tokens"],
  "openai-responses": ["max_output_tokens"],
  anthropic: ["max_tokens"],
};

/** How many tokens of output a call asks for at most; undefined where it leaves that to the model. */
export function maxOutputOf(format: WireFormat, body: Body): number | undefined {
  if (format === "google") return count(part(body.generationConfig).maxOutputTokens);
  for (const name of NAMES[format]) {
    const asked = count(body[name]);
    if (asked !== undefined) return asked;
  }
  return undefined;
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
    const config = { ...part(body.generationConfig), maxOutputTokens: limit };
    return withProperty(text, "generationConfig", JSON.stringify(config));
  }
  const [preferred] = NAMES[format];
  const name = NAMES[format].find((known) => count(body[known]) !== undefined) ?? preferred;
  return withProperty(text, name, String(limit));
}
