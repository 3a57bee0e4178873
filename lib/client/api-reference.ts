import { type Example, EXAMPLES } from "#contracts/openapi/examples.ts";
import type { JsonSchema, OpenApiDocument, Operation, PathItem } from "#contracts/openapi/types.ts";

/** A field of a body, a response or a parameter list, as the reference shows it. */
export interface FieldView {
  name: string;
  /** How deep it lies within the fields above it. */
  depth: number;
  type: string;
  /** The named schema that the type stands for, if it does. */
  schema?: string;
  note: string;
}

/** A part of an operation. Of several variants one is sent. */
export interface SectionView {
  title: string;
  note?: string;
  variants: FieldView[][];
  code?: string;
}

export interface OperationView {
  id: string;
  method: string;
  path: string;
  title: string;
  text: string;
  sections: SectionView[];
}

/** The whole reference page: everything that is shown on it, in its order. */
export interface ReferenceView {
  title: string;
  product: string;
  /** The letter of the product's mark. */
  mark: string;
  intro: string[];
  contents: string;
  document: { href: string; label: string };
  examples: { id: string; title: string; text: string; items: readonly Example[] };
  groups: { id: string; title: string; text: string; operations: OperationView[] }[];
  schemas: { id: string; title: string; items: { name: string; variants: FieldView[][] }[] };
  /** Stands between two variants. */
  or: string;
}

/** The element that describes a named schema. */
export const schemaId = (name: string): string => `schema-${name}`;

const MAX_DEPTH = 3;
const asSchema = (schema: JsonSchema | boolean | undefined): JsonSchema =>
  typeof schema === "object" ? schema : {};
const refName = (schema: JsonSchema): string | undefined => schema.$ref?.split("/").at(-1);
const itemsOf = ({ items }: JsonSchema): JsonSchema => asSchema(Array.isArray(items) ? undefined : items);
const variantsOf = (schema: JsonSchema): JsonSchema[] =>
  (schema.anyOf ?? schema.oneOf ?? []).map((one) => asSchema(one));

/** A type in a few words: `string | null`, `Session[]`, `"a" | "b"`. */
export function typeText(schema: JsonSchema): string {
  const name = refName(schema);
  if (name !== undefined) return name;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const variants = variantsOf(schema);
  if (variants.length > 0) return [...new Set(variants.map(typeText))].join(" | ");
  if (schema.type === "array") {
    const item = typeText(itemsOf(schema));
    return item.includes(" | ") ? `(${item})[]` : `${item}[]`;
  }
  const types: string[] = [schema.type ?? "any"].flat();
  return types.map((type) => (type === "string" && schema.format ? schema.format : type)).join(" | ");
}

/** The named schema within a type: itself, its items, or the one variant that has a name. */
function namedWithin(schema: JsonSchema): string | undefined {
  const own = refName(schema) ?? refName(itemsOf(schema));
  if (own !== undefined) return own;
  const names = variantsOf(schema).flatMap((one) => namedWithin(one) ?? []);
  return names.length === 1 ? names[0] : undefined;
}

function noteOf(schema: JsonSchema, required: boolean): string {
  const { description, default: usual, minimum, maximum, maxLength } = schema;
  return [
    required ? "" : "Optional.",
    description ?? "",
    usual === undefined ? "" : `Default: \`${JSON.stringify(usual)}\`.`,
    minimum !== undefined && maximum !== undefined
      ? `${minimum.toLocaleString("en")} to ${maximum.toLocaleString("en")}.`
      : "",
    maxLength === undefined ? "" : `At most ${maxLength.toLocaleString("en")} characters.`,
  ]
    .filter((text) => text !== "")
    .join(" ");
}

/** The schema whose fields stand below a field: an object, or what an array or a nullable field holds. */
function within(schema: JsonSchema): JsonSchema | undefined {
  if (refName(schema) !== undefined) return undefined;
  if (schema.properties) return schema;
  if (schema.type === "array") return within(itemsOf(schema));
  const objects = variantsOf(schema)
    .map(within)
    .filter((one) => one !== undefined);
  return objects.length === 1 ? objects[0] : undefined;
}

function fieldsOf(schema: JsonSchema, depth = 0): FieldView[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, given]) => {
    const property = asSchema(given);
    const named = namedWithin(property);
    const below = depth < MAX_DEPTH ? within(property) : undefined;
    return [
      {
        name,
        depth,
        type: typeText(property),
        ...(named !== undefined && { schema: named }),
        note: noteOf(property, required.includes(name)),
      },
      ...(below ? fieldsOf(below, depth + 1) : []),
    ];
  });
}

/** What a schema can be, each as its fields; a schema that is no object has one field without a name. */
function shapesOf(schema: JsonSchema): FieldView[][] {
  if (refName(schema) === undefined) {
    if (schema.properties) return [fieldsOf(schema)];
    const variants = variantsOf(schema);
    if (variants.length > 0) return variants.flatMap(shapesOf);
  }
  const named = namedWithin(schema);
  return [
    [{ name: "", depth: 0, type: typeText(schema), ...(named !== undefined && { schema: named }), note: "" }],
  ];
}

const WHO: Record<string, string> = {
  cookie: "A signed-in browser, by its cookie.",
  sandbox: "The sandbox of a live session, by its token.",
  signature: "A system that signs what it sends.",
};

function accessOf({ security }: Operation): string {
  if (security.length === 0) return "Anyone, without signing in.";
  const [scope] = security.find((one) => one.apiKey !== undefined)?.apiKey ?? [];
  const key = scope === undefined ? "Any API key" : `An API key with the scope \`${scope}\``;
  const byCookie = security.some((one) => one.cookie !== undefined);
  if (security.some((one) => one.apiKey !== undefined))
    return byCookie ? `${key}, or a signed-in member.` : `${key}.`;
  return WHO[Object.keys(security[0] ?? {})[0] ?? ""] ?? "";
}

const PLACES = { path: "Path", query: "Query", header: "Headers" } as const;

function sectionsOf(operation: Operation): SectionView[] {
  const sections: SectionView[] = [{ title: "Who may call", note: accessOf(operation), variants: [] }];
  for (const place of ["path", "query", "header"] as const) {
    const fields = (operation.parameters ?? [])
      .filter((parameter) => parameter.in === place)
      .map(({ name, schema, description, required }) => ({
        name,
        depth: 0,
        type: typeText(schema),
        note: noteOf({ ...schema, ...(description !== undefined && { description }) }, required),
      }));
    if (fields.length > 0) sections.push({ title: PLACES[place], variants: [fields] });
  }
  const body = operation.requestBody?.content["application/json"];
  if (body?.schema)
    sections.push({
      title: operation.requestBody?.required ? "Body" : "Body (optional)",
      variants: shapesOf(body.schema),
      ...(body.example !== undefined && { code: JSON.stringify(body.example, null, 2) }),
    });
  const refusals: FieldView[] = [];
  for (const [status, { description, content = {} }] of Object.entries(operation.responses)) {
    if (!status.startsWith("2")) {
      refusals.push({ name: status, depth: 0, type: "", note: description });
      continue;
    }
    const media = Object.entries(content);
    if (media.length === 0) sections.push({ title: `Response ${status}`, note: "No content.", variants: [] });
    for (const [type, { schema }] of media)
      sections.push({
        title: `Response ${status} · ${type}`,
        ...(type !== "application/json" && { note: schema?.description ?? description }),
        variants: schema && type === "application/json" && schema.type !== "string" ? shapesOf(schema) : [],
      });
  }
  if (refusals.length > 0) sections.push({ title: "Refusals", variants: [refusals] });
  return sections;
}

const METHODS = ["get", "post", "put", "patch", "delete"] as const satisfies (keyof PathItem)[];

/** The reference page of an OpenAPI document. */
export function referenceOf(document: OpenApiDocument): ReferenceView {
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ path, method: method.toUpperCase(), operation }] : [];
    }),
  );
  return {
    title: "API reference",
    product: document.info.title,
    mark: document.info.title.charAt(0),
    intro: document.info.description.split("\n\n"),
    contents: "Contents",
    document: { href: "/api/openapi.json", label: `OpenAPI document, version ${document.info.version}` },
    examples: {
      id: "examples",
      title: "From a program",
      text: "`@studio/sdk` is a client without dependencies, whose types are those of this page. `npm pack ./lib/sdk` makes the package from Studio's repository.",
      items: EXAMPLES,
    },
    groups: document.tags.map(({ name, description }) => ({
      id: `group-${name}`,
      title: name,
      text: description,
      operations: all
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => ({
          id: operation.operationId,
          method,
          path,
          title: operation.summary,
          text: operation.description ?? "",
          sections: sectionsOf(operation),
        })),
    })),
    schemas: {
      id: "schemas",
      title: "Schemas",
      items: Object.entries(document.components.schemas).map(([name, schema]) => ({
        name,
        variants: shapesOf(schema),
      })),
    },
    or: "or",
  };
}
