import fs from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { compile, type JSONSchema } from "json-schema-to-typescript";
import { openApiDocument } from "#contracts/openapi/document.ts";
import type { JsonSchema, OpenApiDocument, Operation } from "#contracts/openapi/types.ts";
import { VERSION } from "#domain/version.ts";

const METHODS = ["get", "put", "post", "patch", "delete"] as const;
const JSON_TYPE = "application/json";
const HEAD = `/**
 * The routes of Studio's API, as its OpenAPI document has them: written by \`npm run codegen\`, not by hand.
 */`;

interface Fields {
  properties: Record<string, JsonSchema>;
  required: string[];
}

/** The parameters of one place; undefined where there are none. */
function parametersIn({ parameters = [] }: Operation, place: "path" | "query"): Fields | undefined {
  const own = parameters.filter((parameter) => parameter.in === place);
  if (own.length === 0) return undefined;
  return {
    properties: Object.fromEntries(
      own.map(({ name, schema, description }) => [
        name,
        { ...schema, ...(description !== undefined && { description }) },
      ]),
    ),
    required: own.filter(({ required }) => required).map(({ name }) => name),
  };
}

const object = ({ properties, required }: Fields): JsonSchema => ({
  type: "object",
  additionalProperties: false,
  properties,
  required,
});

/** What a route takes and gives; null for one that gives no JSON. */
function routeOf(operation: Operation): JsonSchema {
  const params = parametersIn(operation, "path");
  const query = parametersIn(operation, "query");
  const body = operation.requestBody?.content[JSON_TYPE]?.schema;
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"))?.[1];
  const properties: Record<string, JsonSchema> = {
    ...(params && { params: object(params) }),
    ...(query && { query: object(query) }),
    ...(body && { body }),
    result: success?.content?.[JSON_TYPE]?.schema ?? { type: "null" },
  };
  const optional = [
    ...(query && query.required.length === 0 ? ["query"] : []),
    ...(operation.requestBody?.required === false ? ["body"] : []),
  ];
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { ...object({ properties, required }), description: operation.summary };
}

/** The whole document as one schema, whose names stand beside each other. */
function schemaOf(document: OpenApiDocument): JSONSchema {
  const routes: Record<string, JsonSchema> = {};
  for (const [at, item] of Object.entries(document.paths)) {
    // Convex serves these at an address of its own, which is no setting of the client's.
    if (item.servers) continue;
    for (const method of METHODS) {
      const operation = item[method];
      if (operation) routes[`${method.toUpperCase()} ${at}`] = routeOf(operation);
    }
  }
  const whole = {
    ...object({ properties: routes, required: Object.keys(routes) }),
    definitions: document.components.schemas,
  };
  const text = JSON.stringify(whole).replaceAll("#/components/schemas/", "#/definitions/");
  return JSON.parse(text) as JSONSchema;
}

/** The types of the API's routes, as TypeScript. */
export async function routesSource(): Promise<string> {
  const document = openApiDocument({ studioUrl: "https://studio.invalid", version: VERSION });
  return await compile(schemaOf(document), "Routes", {
    bannerComment: HEAD,
    additionalProperties: false,
    format: false,
    // Lists of a length are lists: tuples of thousands of entries are nobody's type.
    ignoreMinAndMaxItems: true,
    unknownAny: true,
  });
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  const file = positionals[0] ?? path.resolve(import.meta.dirname, "../sdk/_generated/routes.ts");
  await fs.writeFile(file, await routesSource());
}
