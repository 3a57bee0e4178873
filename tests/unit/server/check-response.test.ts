import { describe, expect, test } from "vitest";
import { z } from "zod";
import { ROUTES } from "#contracts/routes.ts";
import { checkJson, checkMedia } from "#server/http/check-response.ts";
import { route } from "#server/http/route.ts";

const schema = z.object({
  items: z.array(z.object({ id: z.string(), note: z.string().optional() })),
  extra: z.record(z.string(), z.unknown()),
});

describe("the check of a response", () => {
  test("takes what is declared", () => {
    const json = { items: [{ id: "a", note: undefined }], extra: { any: { thing: [1] } } };
    expect(() => checkJson("GET /x", schema, json)).not.toThrow();
  });

  test.each([
    ["an unknown field", { items: [], extra: {}, more: 1 }, "undeclared field: more"],
    ["an unknown field in a list", { items: [{ id: "a", name: "b" }], extra: {} }, "items.0.name"],
    ["a missing field", { items: [] }, "extra"],
    ["another type", { items: [{ id: 7 }], extra: {} }, "items.0.id"],
    ["nothing", undefined, ""],
  ])("refuses %s", (_what, json, named) => {
    expect(() => checkJson("GET /x", schema, json)).toThrow(named);
  });

  test("refuses another media type than the declared one", () => {
    const declared = ROUTES["GET /api/v1/events/stream"].response;
    const stream = new Response("", { headers: { "content-type": "text/event-stream; charset=utf-8" } });
    expect(() => checkMedia("GET /x", declared, stream)).not.toThrow();
    expect(() => checkMedia("GET /x", declared, Response.json({}))).toThrow("application/json");
  });
});

test("a handler of another type than its route declares does not compile", () => {
  // @ts-expect-error the route has no such field
  route("GET /api/v1/credits", async () => ({ balance: 1 }));
  // @ts-expect-error the route sends JSON
  route("GET /api/v1/credits", async () => Response.json({}));
  // @ts-expect-error the route has no such parameter
  route("GET /api/v1/runs/{run_id}", async ({ params }) => ({ run: params.id }));
  // @ts-expect-error there is no such route
  route("GET /api/v1/nothing", async () => ({}));
  // @ts-expect-error its callers are no members
  route("GET /api/v1/health", async () => ({ ok: true }));
  expect(Object.keys(ROUTES)).not.toContain("GET /api/v1/nothing");
});
