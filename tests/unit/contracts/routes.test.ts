import fs from "node:fs";
import path from "node:path";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { addressOf } from "#contracts/address.ts";
import { openApiDocument } from "#contracts/openapi/document.ts";
import type { RouteDeclaration } from "#contracts/route.ts";
import { type RouteName, ROUTES } from "#contracts/routes.ts";
import { VERSION } from "#domain/version.ts";
import { routesOfFiles } from "#tests/route-files.ts";

const declared: [string, RouteDeclaration][] = Object.entries(ROUTES);
const sorted = (names: string[]) => names.toSorted((a, b) => a.localeCompare(b));

/** What a file exports and no route declares. */
const UNDECLARED = [
  // The embedded identity driver's own; those that Studio uses are declared one by one.
  "GET /api/auth/{all}",
  "POST /api/auth/{all}",
  // What has no route: refused with a problem.
  ...["GET", "POST", "PUT", "PATCH", "DELETE"].map((method) => `${method} /api/{path}`),
];

describe("the table of routes", () => {
  test("has every route that a file exports, and no other", () => {
    const own = declared.filter(([, { tag, at }]) => tag !== "Identity" && at !== "site");
    expect(sorted(routesOfFiles().map(({ name }) => name))).toEqual(
      sorted([...own.map(([name]) => name), ...UNDECLARED]),
    );
  });

  test("is what each file makes its handler from", () => {
    const raw = new Set([
      "POST /api/gateway/{provider}/{path}",
      "GET /api/git/{connection}/{path}",
      "POST /api/git/{connection}/{path}",
      "GET /api/registry/{registry}/{path}",
      "POST /api/mcp/{server}",
      "POST /api/mcp/{server}/report",
      "POST /api/webhooks/git/{connection}",
      "POST /api/webhooks/stripe",
      "POST /api/webhooks/clerk",
      ...UNDECLARED,
    ]);
    const own = routesOfFiles().filter(({ name }) => !raw.has(name));
    expect(own.length).toBeGreaterThan(40);
    for (const { name, source } of own)
      expect(source.replaceAll(/\s+/g, " "), name).toMatch(
        new RegExp(
          `${name.split(" ")[0]} = (public|open|operator|r)[rR]?oute\\( ?"${name.replaceAll(/[{}.]/g, "\\$&")}"`,
        ),
      );
  });

  test("has for each name in a path a parameter, and no other", () => {
    for (const [name, route] of declared) {
      const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, key = ""]) => key);
      expect(Object.keys(route.params?.shape ?? {}), name).toEqual(inPath);
    }
  });

  test("has examples that their schemas take", () => {
    const examples = declared.filter(([, route]) => route.example !== undefined);
    expect(examples.length).toBeGreaterThan(5);
    for (const [name, route] of examples)
      expect(route.body?.safeParse(route.example).error?.issues ?? [], name).toEqual([]);
  });

  test("makes addresses", () => {
    expect(
      addressOf("GET /api/v1/sessions/{id}/events", { params: { id: "a/b c" }, query: { limit: 5 } }),
    ).toEqual({ method: "GET", path: "/api/v1/sessions/a%2Fb%20c/events?limit=5" });
    expect(() => addressOf("GET /api/studio/sessions/{id}")).toThrow("needs id");
  });
});

describe("the OpenAPI document", () => {
  const document = openApiDocument({
    studioUrl: "https://studio.example",
    version: VERSION,
  });
  const operations = Object.entries(document.paths).flatMap(([address, item]) =>
    (["get", "put", "post", "patch", "delete"] as const).flatMap((method) => {
      const operation = item[method];
      return operation ? [{ name: `${method.toUpperCase()} ${address}`, operation }] : [];
    }),
  );

  test("is valid OpenAPI 3.1", async () => {
    const checked = await new Validator().validate(structuredClone({ ...document }));
    expect(checked.errors ?? []).toEqual([]);
    expect(checked.valid).toBe(true);
  });

  test("has every route", () => {
    expect(sorted(operations.map(({ name }) => name))).toEqual(sorted(Object.keys(ROUTES)));
  });

  test("has operation ids that are unique, and names", () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z][A-Za-z]+$/);
  });

  test("has a schema for each reference", () => {
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"\$ref":"([^"]*)"/g)].map(([, ref = ""]) => ref);
    expect(refs.length).toBeGreaterThan(20);
    for (const ref of new Set(refs)) {
      expect(ref).toMatch(/^#\/components\/schemas\/\w+$/);
      expect(Object.keys(document.components.schemas)).toContain(ref.split("/").at(-1));
    }
  });

  test("names each refusal of a route", () => {
    const refusals = document.paths["/api/studio/sessions"]?.post?.responses;
    expect(refusals?.["402"]?.description).toBe("`no_key`, `no_credits`");
    expect(refusals?.["400"]?.description).toContain("`unknown_model`");
  });

  test("says what a caller needs", () => {
    const name: RouteName = "POST /api/v1/runs/{run_id}/approvals/{approval_key}";
    const found = operations.find((one) => one.name === name);
    expect(found?.operation.security).toEqual([{ apiKey: ["approvals:write"] }, { cookie: [] }]);
  });
});

test("the version is the package's", () => {
  const root = path.resolve(import.meta.dirname, "../../..");
  const { version } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
  expect(version).toBe(VERSION);
});
