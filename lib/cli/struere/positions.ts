import { parse, type ParserOptions } from "@babel/parser";

/** Where something stands in a file: line and column, each from 1. */
export interface Position {
  line: number;
  column: number;
}

/** As much of a syntax tree's node as is looked at. Its text comes from outside: nothing of it is taken for granted. */
interface Node {
  type: string;
  loc?: { start: { line: number; column: number } } | null;
  [field: string]: unknown;
}

const OPTIONS: ParserOptions = { sourceType: "module", plugins: ["typescript"], errorRecovery: true };
/** Deeper than any definition may be. */
const MAX_STEPS = 100;
/** What stands around a value and changes nothing of it, by the field that has the value. */
const AROUND: Readonly<Record<string, string>> = {
  TSAsExpression: "expression",
  TSSatisfiesExpression: "expression",
  TSNonNullExpression: "expression",
  ParenthesizedExpression: "expression",
};

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

const nodesIn = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);

/** A quoted name; as it stands where it is none that JSON knows: the path may be a file's own. */
function nameIn(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted;
  }
}

/** The parts of a path as `pathText` writes it: `policies[0].actions`, `a["b-c"]`. */
function partsOf(path: string): (string | number)[] {
  return [...path.matchAll(/\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]|([^.[\]]+)/g)].map(
    ([, index, quoted, name = ""]) =>
      index === undefined ? (quoted === undefined ? name : nameIn(quoted)) : Number(index),
  );
}

/** The value itself of what it is written as: without casts, and what a constant of the file stands for. */
function valueOf(node: Node, constants: ReadonlyMap<string, Node>): Node {
  let value = node;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const inner = Object.hasOwn(AROUND, value.type) ? value[AROUND[value.type]!] : undefined;
    const named = value.type === "Identifier" ? constants.get(String(value.name)) : undefined;
    const next = isNode(inner) ? inner : named;
    if (!next) return value;
    value = next;
  }
  return value;
}

function constantsOf(body: readonly Node[]): Map<string, Node> {
  const found = new Map<string, Node>();
  for (const statement of body) {
    const declared = isNode(statement.declaration) ? statement.declaration : statement;
    for (const { id, init } of nodesIn(declared.declarations))
      if (isNode(id) && id.type === "Identifier" && isNode(init)) found.set(String(id.name), init);
  }
  return found;
}

/** The property that an object is given under a name: the last one of several, as in JavaScript. */
function propertyOf(object: Node, name: string): Node | undefined {
  return nodesIn(object.properties).findLast(({ key, computed }) => {
    if (!isNode(key) || computed === true) return false;
    return String(key.type === "Identifier" ? key.name : key.value) === name;
  });
}

/** What a part of a path leads to; undefined where it isn't written in this file. */
function below(value: Node, part: string | number): { at: Node; value: Node } | undefined {
  if (typeof part === "number") {
    const { elements } = value;
    const element: unknown = Array.isArray(elements) ? elements[part] : undefined;
    const before = Array.isArray(elements) ? nodesIn(elements.slice(0, part)) : [];
    // Behind a spread, nobody can tell how many there are.
    if (!isNode(element) || before.some(({ type }) => type === "SpreadElement")) return undefined;
    return { at: element, value: element };
  }
  const property = propertyOf(value, part);
  if (!property) return undefined;
  return { at: property, value: isNode(property.value) ? property.value : property };
}

/** What a file exports as its default: what its builder is given, and the file's constants. */
function exportedBy(source: string): { given: Node; constants: ReadonlyMap<string, Node> } | undefined {
  let body: Node[];
  try {
    body = nodesIn((parse(source, OPTIONS) as unknown as { program: { body: unknown } }).program.body);
  } catch {
    return undefined;
  }
  const exported = body.find(({ type }) => type === "ExportDefaultDeclaration")?.declaration;
  if (!isNode(exported)) return undefined;
  const constants = constantsOf(body);
  const called = valueOf(exported, constants);
  const given = called.type === "CallExpression" ? nodesIn(called.arguments)[0] : undefined;
  return { given: given ?? called, constants };
}

/**
 * Tells where parts of the definition that a file exports are written: the part itself, or, where it is missing, or
 * comes from elsewhere, the nearest part around it.
 * @returns of a path as in `policies[0].actions`, empty for the whole definition: undefined where the file has no default
 * export, or can't be read. The file is read with the first one.
 */
export function positionsIn(source: string): (path: string) => Position | undefined {
  let read: { exported: ReturnType<typeof exportedBy> } | undefined;
  return (path) => {
    read ??= { exported: exportedBy(source) };
    if (!read.exported) return undefined;
    const { given, constants } = read.exported;
    let value = valueOf(given, constants);
    let at = path === "" ? given : value;
    for (const part of partsOf(path)) {
      const found = below(value, part);
      if (!found) break;
      ({ at } = found);
      value = valueOf(found.value, constants);
    }
    return at.loc ? { line: at.loc.start.line, column: at.loc.start.column + 1 } : undefined;
  };
}
