import { parseDocument } from "yaml";
import { utf8Bytes } from "#domain/limits.ts";
import { MAX_SKILL_BYTES, type SkillFields } from "#domain/skills.ts";

/** What is wrong with a SKILL.md, as a sentence. */
export class BadSkillFile extends Error {}

const MATTER = /^---[ \t]*\n([\s\S]*?\n)?---[ \t]*(?:\n|$)/;
/** Front matter may have this many bytes: a reader of YAML takes longer than in proportion for each more. */
const MAX_MATTER_BYTES = 16_384;
type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function matterOf(text: string): Json {
  if (utf8Bytes(text) > MAX_MATTER_BYTES)
    throw new BadSkillFile(`Its front matter has more than ${MAX_MATTER_BYTES} bytes.`);
  let value: unknown;
  try {
    // Keys that hold keys take the parser exponentially long to write out: 400 bytes would stop the server.
    const document = parseDocument(text, { uniqueKeys: true, stringKeys: true, logLevel: "silent" });
    const [error] = document.errors;
    if (error) throw error;
    // Aliases can make a short text very long.
    value = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n", 1);
    throw new BadSkillFile(`Its front matter isn't YAML that can be read: ${line.slice(0, 200)}`);
  }
  if (!isObject(value)) throw new BadSkillFile("Its front matter has no fields.");
  return value;
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw new BadSkillFile(`Its front matter needs a “${name}” that is a text.`);
}

/** Names in a list, or in a text with commas or spaces. */
function namesOf(value: unknown): string[] {
  const parts = Array.isArray(value) ? value : typeof value === "string" ? value.split(/[\s,]+/) : [];
  return parts.filter((part): part is string => typeof part === "string" && part !== "");
}

/** What a SKILL.md says. @throws BadSkillFile */
export function readSkillFile(given: string): SkillFields {
  if (utf8Bytes(given) > MAX_SKILL_BYTES)
    throw new BadSkillFile(`It has more than ${MAX_SKILL_BYTES} bytes.`);
  const text = given.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const found = MATTER.exec(text);
  if (!found) throw new BadSkillFile("It doesn't begin with front matter between two lines of “---”.");
  const { name, description, metadata, dependencies, ...others } = matterOf(found[1] ?? "");
  const told = isObject(metadata) ? metadata : {};
  const { title, "env-vars": variables, ...more } = told;
  const needed = isObject(dependencies) ? dependencies.env_vars : undefined;
  const body = text.slice(found[0].length).replace(/^\n+/, "");
  if (body.trim() === "") throw new BadSkillFile("It has no text below its front matter.");
  const extra = { ...others, ...(Object.keys(more).length > 0 && { metadata: more }) };
  return {
    name: textOf(name, "name"),
    description: textOf(description, "description"),
    title: typeof title === "string" ? title.trim() : "",
    envVars: [...new Set([...namesOf(variables), ...namesOf(needed)])],
    body,
    extra: JSON.stringify(extra),
  };
}
