/** The kinds of definition that make a project, and how each is kept as a file. */
export const DEFINITION_KINDS = [
  { kind: "agent", plural: "agents", folder: "agents", builder: "defineAgent", key: "slug" },
  { kind: "entityType", plural: "entityTypes", folder: "entity-types", builder: "defineData", key: "slug" },
  { kind: "role", plural: "roles", folder: "roles", builder: "defineRole", key: "name" },
  { kind: "trigger", plural: "triggers", folder: "triggers", builder: "defineTrigger", key: "slug" },
] as const;
export type DefinitionKind = (typeof DEFINITION_KINDS)[number];

/** A definition as JSON has it. */
export type Definition = Record<string, unknown>;

const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

const quoted = (text: string): string =>
  JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");

function stringSource(text: string): string {
  if (!text.includes("\n")) return quoted(text);
  // A carriage return in a template literal would be read back as a line feed.
  const escaped = text
    .replaceAll("\\", "\\\\")
    .replaceAll("`", "\\`")
    .replaceAll("${", "\\${")
    .replaceAll("\r", "\\r")
    // Half a character is lost when a file is written, and control characters make it binary.
    .replaceAll(
      // oxlint-disable-next-line no-control-regex -- it is about them
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff\p{Surrogate}]/gu,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
  return `\`${escaped}\``;
}

function valueSource(value: unknown, indent: string): string {
  if (typeof value === "string") return stringSource(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    const items = value.map((item) => valueSource(item, inner));
    const line = `[${items.join(", ")}]`;
    if (line.length <= 80 && !line.includes("\n")) return line;
    return `[\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}]`;
  }
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, item]) => `${inner}${keySource(key)}: ${valueSource(item, inner)},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

function keySource(key: string): string {
  // As a plain key it would set the prototype instead of a property.
  if (key === "__proto__") return '["__proto__"]';
  // A template literal can't be a key.
  return IDENTIFIER.test(key) ? key : quoted(key);
}

/** A definition as the TypeScript file that a project keeps. Reading the file back gives the same definition. */
export function definitionSource(kind: DefinitionKind, definition: Definition): string {
  return `import { ${kind.builder} } from "struere";\n\nexport default ${kind.builder}(${valueSource(definition, "")});\n`;
}

/** The file of a definition, relative to the project: safe whatever its key holds. */
export function definitionPath(kind: DefinitionKind, key: string): string {
  const name = key
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return `${kind.folder}/${name || "unnamed"}.ts`;
}
