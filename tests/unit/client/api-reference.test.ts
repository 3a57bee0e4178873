import { describe, expect, test } from "vitest";
import { referenceOf, typeText } from "#client/api-reference.ts";
import { openApiDocument } from "#contracts/openapi/document.ts";

describe("a type in words", () => {
  test.each([
    [{ type: "string" as const }, "string"],
    [{ type: "string" as const, format: "date-time" as const }, "date-time"],
    [{ enum: ["a", "b"] }, '"a" | "b"'],
    [{ type: "array" as const, items: { $ref: "#/components/schemas/Session" } }, "Session[]"],
    [
      { type: "array" as const, items: { anyOf: [{ type: "string" as const }, { type: "null" as const }] } },
      "(string | null)[]",
    ],
    [{}, "any"],
  ])("%j is %s", (schema, text) => {
    expect(typeText(schema)).toBe(text);
  });
});

describe("the reference page", () => {
  const view = referenceOf(openApiDocument({ studioUrl: "https://s.example", version: "1.2.3" }));
  const operations = view.groups.flatMap((group) => group.operations);
  const find = (id: string) => operations.find((one) => one.id === id);

  test("shows every operation in one group", () => {
    expect(operations.length).toBeGreaterThan(60);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
  });

  test("shows what a field is, and whether it may be left out", () => {
    const body = find("createSession")?.sections.find(({ title }) => title === "Body");
    const fields = body?.variants[0] ?? [];
    expect(fields.find(({ name }) => name === "provider")?.note).toMatch(
      /^Optional\. One of .* At most 200 characters\.$/,
    );
    expect(fields.find(({ name }) => name === "title")?.note).toMatch(/^Optional\./);
    expect(body?.code).toContain('"provider"');
  });

  test("links a named schema, and has it below", () => {
    const response = find("getSession")?.sections.find(({ title }) => title.startsWith("Response 200"));
    expect(response?.variants[0]).toMatchObject([{ name: "session", type: "Session", schema: "Session" }]);
    expect(view.schemas.items.map(({ name }) => name)).toContain("Session");
  });

  test("shows the variants of a body one by one", () => {
    const body = find("answerQuestion")?.sections.find(({ title }) => title === "Body");
    expect(body?.variants.map((fields) => fields.map(({ name }) => name))).toEqual([
      ["answers"],
      ["dismiss"],
    ]);
  });

  test("says who may call", () => {
    const who = (id: string) => find(id)?.sections[0]?.note;
    expect(who("getHealth")).toBe("Anyone, without signing in.");
    expect(who("decideApproval")).toBe("An API key with the scope `approvals:write`, or a signed-in member.");
    expect(who("callModel")).toBe("The sandbox of a live session, by its token.");
  });
});
