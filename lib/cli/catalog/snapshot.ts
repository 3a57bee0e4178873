import fs from "node:fs";
import { parseSync } from "oxc-parser";
import { z } from "zod";

const cost = z.object({
  input: z.number().optional(),
  output: z.number().optional(),
  cache_read: z.number().optional(),
  cache_write: z.number().optional(),
});
const model = z.object({
  id: z.string(),
  name: z.string(),
  status: z.string().optional(),
  tool_call: z.boolean().optional(),
  modalities: z.object({ input: z.array(z.string()) }).optional(),
  limit: z.object({ context: z.number(), output: z.number() }),
  cost: cost
    .extend({
      tiers: z.array(cost.extend({ tier: z.object({ type: z.string(), size: z.number() }) })).optional(),
    })
    .optional(),
});
/** A model as models.dev lists it: dollars for a million tokens. */
export type ListedModel = z.infer<typeof model>;
export type Snapshot = Map<string, Map<string, ListedModel>>;

const node = z.looseObject({ type: z.string() });
type Node = z.infer<typeof node>;

/** The value of a JavaScript literal. @throws Error on anything that would have to be run */
function literal(expression: Node): unknown {
  switch (expression.type) {
    case "ParenthesizedExpression":
      return literal(node.parse(expression.expression));
    case "Literal":
      return expression.value;
    case "ArrayExpression":
      return z.array(node).parse(expression.elements).map(literal);
    case "ObjectExpression":
      return Object.fromEntries(
        z
          .array(node)
          .parse(expression.properties)
          .map((property) => {
            const key = node.parse(property.key);
            return [
              String(key.type === "Identifier" ? key.name : key.value),
              literal(node.parse(property.value)),
            ];
          }),
      );
    case "UnaryExpression": {
      const value = literal(node.parse(expression.argument));
      if (expression.operator === "!") return !value;
      if (expression.operator === "-") return -Number(value);
      break;
    }
    default:
  }
  throw new Error(`The list holds a ${expression.type}, which is not plain data.`);
}

/** The end of the object that begins at `from`, by its brackets outside of strings. */
function objectEnd(text: string, from: number): number {
  const mark = /["'`[\]{}]/g;
  let depth = 0;
  mark.lastIndex = from;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const [character] = found;
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") {
      depth -= 1;
      if (depth === 0) return found.index + 1;
    } else {
      const string = new RegExp(String.raw`(?:[^\\${character}]|\\.)*${character}`, "ys");
      string.lastIndex = found.index + 1;
      if (!string.test(text)) break;
      mark.lastIndex = string.lastIndex;
    }
  }
  throw new Error("The list of models has no end.");
}

/**
 * A provider out of the agent's executable, where it stands as JavaScript: `xai:{id:"xai",env:[…],models:{…}}`.
 * @param text of OpenCode's executable as latin1 (1.18.33: a Bun binary with its bundle as plain text)
 * @throws Error where the provider is not found or has another form
 */
function providerIn(text: string, provider: string): unknown {
  const start = new RegExp(String.raw`[{,]"?${provider}"?:(\{id:"${provider}",env:\[)`, "d").exec(text);
  const from = start?.indices?.[1]?.[0];
  if (from === undefined) throw new Error(`The agent's executable has no list of ${provider}'s models.`);
  const source = Buffer.from(text.slice(from, objectEnd(text, from)), "latin1").toString("utf8");
  const { program, errors } = parseSync("models.js", `(${source})`);
  const [statement] = program.body;
  if (errors.length > 0 || statement?.type !== "ExpressionStatement")
    throw new Error(`The list of ${provider}'s models cannot be read.`);
  return literal(node.parse(statement.expression));
}

/**
 * Reads providers out of the agent's executable whole, in the form of models.dev.
 * @throws Error where one is not found or has another form
 */
export function readProviders(binary: string, providers: readonly string[]): Record<string, unknown> {
  const text = fs.readFileSync(binary).toString("latin1");
  return Object.fromEntries(providers.map((provider) => [provider, providerIn(text, provider)]));
}

/**
 * Reads the list of models out of the agent's executable.
 * @param binary OpenCode's executable
 * @throws Error where a provider is not found or has another form
 */
export function readSnapshot(binary: string, providers: readonly string[]): Snapshot {
  return new Map(
    Object.entries(readProviders(binary, providers)).map(([provider, found]) => {
      const listed = z.object({ models: z.record(z.string(), model) }).parse(found);
      return [provider, new Map(Object.entries(listed.models))];
    }),
  );
}
