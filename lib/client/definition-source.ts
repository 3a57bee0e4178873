import type { typescriptLanguage } from "@codemirror/lang-javascript";
import { DEFINITION_KINDS } from "#domain/definitions.ts";
import type { ProjectKind } from "#domain/project/kinds.ts";
import { PROJECT_LIMITS } from "#domain/project/limits.ts";

type SyntaxNode = ReturnType<(typeof typescriptLanguage)["parser"]["parse"]>["topNode"];

/** What a definition's file says, or where it says something that isn't a plain value. */
export type ReadSource =
  | { ok: true; value: Record<string, unknown> }
  | { ok: false; message: string; line: number; column: number };

class SourceFault extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

const PLAIN =
  "Only plain values can be edited here. Functions, variables and imports belong in a file that you push.";

const ESCAPES: Record<string, string> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v", "0": "\0" };
const ESCAPE = /\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[^]))/gu;

/** What stands between a text's quotes, read as JavaScript reads it. */
function unescaped(raw: string, at: number): string {
  return raw.replaceAll(ESCAPE, (_, point?: string, unit?: string, byte?: string, plain: string = "") => {
    const code = point ?? unit ?? byte;
    if (code !== undefined) {
      const number = Number.parseInt(code, 16);
      if (number > 0x10ffff) throw new SourceFault(at, "There's no such character.");
      return point === undefined ? String.fromCharCode(number) : String.fromCodePoint(number);
    }
    // A line that goes on, and letters that would need digits after them.
    if (/^(\r\n|[\n\r\u2028\u2029])$/.test(plain)) return "";
    if (/^[1-9ux]$/.test(plain)) throw new SourceFault(at, "This escape isn't complete.");
    return ESCAPES[plain] ?? plain;
  });
}

/** Reads the values of a file's tree. Nothing of it is run. */
class LiteralReader {
  readonly #source: string;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  #text = (node: SyntaxNode): string => this.#source.slice(node.from, node.to);

  #children(node: SyntaxNode): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    for (let child = node.firstChild; child; child = child.nextSibling)
      if (!/^(LineComment|BlockComment|[[\](){},:;])$/.test(child.name)) found.push(child);
    return found;
  }

  value(node: SyntaxNode): unknown {
    const text = this.#text(node);
    switch (node.name) {
      case "String":
        return unescaped(text.slice(1, -1), node.from);
      case "TemplateString":
        if (node.getChild("Interpolation")) throw new SourceFault(node.from, PLAIN);
        // As JavaScript reads line ends in one.
        return unescaped(text.slice(1, -1).replaceAll(/\r\n?/g, "\n"), node.from);
      case "Number":
        return this.#number(text, node.from);
      case "BooleanLiteral":
        return text === "true";
      case "null":
        return null;
      case "UnaryExpression": {
        const [sign, operand] = this.#children(node);
        if (sign && operand?.name === "Number" && this.#text(sign) === "-")
          return -this.#number(this.#text(operand), node.from);
        throw new SourceFault(node.from, PLAIN);
      }
      case "ParenthesizedExpression": {
        const [inner] = this.#children(node);
        if (inner) return this.#within(node, () => this.value(inner));
        throw new SourceFault(node.from, PLAIN);
      }
      case "ArrayExpression":
        return this.#within(node, () => this.#children(node).map((item) => this.value(item)));
      case "ObjectExpression":
        return this.#within(node, () => this.#object(node));
      default:
        throw new SourceFault(node.from, PLAIN);
    }
  }

  #within<T>(node: SyntaxNode, read: () => T): T {
    this.#depth += 1;
    if (this.#depth > PROJECT_LIMITS.depth)
      throw new SourceFault(node.from, `More than ${PROJECT_LIMITS.depth} levels of lists and objects.`);
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #number(text: string, at: number): number {
    const number = Number(text.replaceAll("_", ""));
    if (!Number.isFinite(number)) throw new SourceFault(at, "This isn't a number that JSON has.");
    return number;
  }

  #object(node: SyntaxNode): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    for (const property of this.#children(node)) {
      if (property.name !== "Property") throw new SourceFault(property.from, PLAIN);
      const [key, value, ...rest] = this.#children(property);
      if (!key || !value || rest.length > 0) throw new SourceFault(property.from, PLAIN);
      entries.push([this.#key(key), this.value(value)]);
    }
    // Assigned one by one, `__proto__` would become the prototype.
    return Object.fromEntries(entries);
  }

  #key(node: SyntaxNode): string {
    switch (node.name) {
      case "PropertyDefinition":
        return this.#text(node);
      case "String":
        return String(this.value(node));
      case "Number":
        return String(this.#number(this.#text(node), node.from));
      case "TemplateString":
        return String(this.value(node));
      default:
        throw new SourceFault(node.from, PLAIN);
    }
  }
}

/** The one argument of the builder that the file exports. */
function argumentOf(top: SyntaxNode, source: string, builder: string): SyntaxNode {
  const text = (node: SyntaxNode | null) => (node ? source.slice(node.from, node.to) : "");
  let found: SyntaxNode | null = null;
  for (let node = top.firstChild; node; node = node.nextSibling) {
    if (node.name.endsWith("Comment")) continue;
    if (node.name === "ImportDeclaration") {
      if (!/from\s*["']struere["']/.test(text(node))) throw new SourceFault(node.from, PLAIN);
      continue;
    }
    if (node.name !== "ExportDeclaration" || found) throw new SourceFault(node.from, PLAIN);
    const call = node.getChild("CallExpression");
    if (!call || text(call.getChild("VariableName")) !== builder)
      throw new SourceFault(node.from, `Export ${builder}({…}) as the default.`);
    found = call.getChild("ArgList")?.getChild("ObjectExpression") ?? null;
    if (!found) throw new SourceFault(call.from, `Give ${builder} an object.`);
  }
  if (!found) throw new SourceFault(top.to, `Export ${builder}({…}) as the default.`);
  return found;
}

/**
 * Reads a definition's TypeScript file as data: what it exports must be a plain value. It is parsed and never run, so
 * whatever stands in it does nothing.
 */
export async function readDefinitionSource(kind: ProjectKind, source: string): Promise<ReadSource> {
  const builder = DEFINITION_KINDS.find((one) => one.kind === kind)?.builder ?? "";
  const { typescriptLanguage: language } = await import("@codemirror/lang-javascript");
  const tree = language.parser.parse(source);
  try {
    tree.iterate({
      enter: ({ type, from }) => {
        if (type.isError) throw new SourceFault(from, "This can't be read.");
      },
    });
    const value = new LiteralReader(source).value(argumentOf(tree.topNode, source, builder));
    return { ok: true, value: value as Record<string, unknown> };
  } catch (error) {
    if (!(error instanceof SourceFault)) throw error;
    const before = source.slice(0, error.at).split("\n");
    return { ok: false, message: error.message, line: before.length, column: before.at(-1)!.length + 1 };
  }
}
