import type { z } from "zod";
import { partsOf } from "../address.ts";
import { PROBLEMS, problemSchema } from "../problem.ts";
import { type Access, type Method, problemsOf, type RouteDeclaration, TAGS } from "../route.ts";
import { type RouteName, ROUTES } from "../routes.ts";
import { jsonSchema, namedSchemas } from "./schemas.ts";
import type { MediaType, OpenApiDocument, Operation, Parameter, PathItem, ResponseObject } from "./types.ts";

const INFO = `Everything that Studio's pages do can be done here. Sign in with an API key from Settings: \`Authorization: Bearer <key>\`. A key does what its scopes and its owner's role allow, in its organization.

Refusals are problem details (RFC 9457, \`application/problem+json\`): \`code\` is stable, \`detail\` says what happened and what to do. Lists are paged by an opaque cursor. \`RateLimit\` and \`RateLimit-Policy\` say how many requests are left in the current minute.

\`/api/studio\` uses camelCase and \`/api/v1\` snake_case; both show the same sessions, runs and events. Ignore fields and event types that you do not know: later versions add some.`;

const SECURITY: OpenApiDocument["components"]["securitySchemes"] = {
  apiKey: { type: "http", scheme: "bearer", description: "An API key, with the scopes that a route names." },
  cookie: {
    type: "apiKey",
    in: "cookie",
    name: "better-auth.session_token",
    description:
      "The cookie of a signed-in browser; over HTTPS its name begins with `__Secure-`, and with Clerk it is Clerk's own. A write also needs Studio's own `Origin`.",
  },
  sandbox: {
    type: "http",
    scheme: "bearer",
    description: "The token of a live session, which its sandbox has.",
  },
  signature: {
    type: "apiKey",
    in: "header",
    name: "svix-signature",
    description: "The signature of a webhook.",
  },
};

function securityOf(access: Access, at: RouteDeclaration["at"]): Operation["security"] {
  if (typeof access === "object")
    return at === "site" ? [{ apiKey: [access.scope] }] : [{ apiKey: [access.scope] }, { cookie: [] }];
  switch (access) {
    case "public":
      return [];
    case "member":
      return [{ apiKey: [] }, { cookie: [] }];
    case "operator":
      return [{ cookie: [] }];
    default:
      return [{ [access]: [] }];
  }
}

function parametersIn(place: Parameter["in"], schema: z.ZodObject | undefined): Parameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = jsonSchema(schema);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = typeof property === "object" ? property : {};
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

function successOf({ response }: RouteDeclaration): [string, ResponseObject] {
  const status = String(response.status);
  if ("media" in response)
    return [
      status,
      { description: response.text, content: { [response.media]: { schema: { type: "string" } } } },
    ];
  if (!("json" in response)) return [status, { description: "No content" }];
  const content: Record<string, MediaType> = { "application/json": { schema: jsonSchema(response.json) } };
  for (const { media, text } of response.or ?? [])
    content[media] = { schema: { type: "string", description: text } };
  const words = { 200: "OK", 201: "Created", 202: "Accepted" }[response.status];
  return [status, { description: response.download === undefined ? words : "A download", content }];
}

/** The refusals of a route by their status, each with its codes. */
function refusalsOf(route: RouteDeclaration): Record<string, ResponseObject> {
  const { access } = route;
  if (route.tag === "Identity" || access === "sandbox" || access === "signature" || route.at === "site")
    return { default: { description: "Refused, in another form than problem details." } };
  const schema = jsonSchema(problemSchema);
  const byStatus = new Map<string, string[]>();
  for (const code of problemsOf(route)) {
    const status = String(PROBLEMS[code]);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\``).join(", "),
        content: { "application/problem+json": { schema } },
      },
    ]),
  );
}

function operationOf(route: RouteDeclaration): Operation {
  const parameters = [
    ...parametersIn("path", route.params),
    ...parametersIn("query", route.query),
    ...parametersIn("header", route.headers),
  ];
  const [status, success] = successOf(route);
  return {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && {
      requestBody: {
        required: route.bodyOptional !== true,
        content: {
          "application/json": {
            schema: jsonSchema(route.body),
            ...(route.example !== undefined && { example: route.example }),
          },
        },
      },
    }),
    ...(route.upload && {
      requestBody: {
        required: true,
        content: Object.fromEntries(
          route.upload.media.map((media) => [media, { schema: { description: route.upload!.text } }]),
        ),
      },
    }),
    responses: { [status]: success, ...refusalsOf(route) },
    security: securityOf(route.access, route.at),
  };
}

/** Where Convex serves routes of its own. The address is a setting, and not for everybody to read. */
const SITE: NonNullable<PathItem["servers"]>[number] = {
  url: "{site}",
  description: "Convex's HTTP actions (`CONVEX_SITE_URL`).",
  variables: { site: { default: "https://your-deployment.convex.site" } },
};

const FIELDS = {
  GET: "get",
  PUT: "put",
  POST: "post",
  PATCH: "patch",
  DELETE: "delete",
} as const satisfies Record<Method, keyof PathItem>;

/**
 * The API as an OpenAPI 3.1 document, made from the table of routes.
 * @param at where Studio is reached, without a slash at the end; and its version
 */
export function openApiDocument(at: { studioUrl: string; version: string }): OpenApiDocument {
  const paths: Record<string, PathItem> = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const [method, path] = partsOf(name);
    const route: RouteDeclaration = ROUTES[name];
    const item = (paths[path] ??= {});
    item[FIELDS[method]] = operationOf(route);
    if (route.at === "site") item.servers = [SITE];
  }
  return {
    openapi: "3.1.1",
    info: { title: "Studio", version: at.version, description: INFO },
    servers: [{ url: at.studioUrl }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: namedSchemas(), securitySchemes: SECURITY },
  };
}
