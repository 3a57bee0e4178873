import { describe, expect, test } from "vitest";
import { fieldDifferences, merged } from "#domain/project/difference.ts";
import type { FieldSchema } from "#domain/project/entity-schema.ts";
import { matrixCell, withCell } from "#domain/project/matrix.ts";
import { RECORD_ACTIONS } from "#domain/project/permissions.ts";
import { sampleOf } from "#domain/project/sample.ts";
import type { RoleDefinition } from "#domain/project/schemas.ts";

const role = (...policies: RoleDefinition["policies"]): RoleDefinition => ({ name: "clerk", policies });
const line = (
  resource: string,
  actions: RoleDefinition["policies"][number]["actions"],
  effect: "allow" | "deny" = "allow",
) => ({ resource, actions, effect });

/** The whole matrix of a role, to compare. */
const matrix = (of: RoleDefinition, resources: string[]) =>
  Object.fromEntries(
    resources.flatMap((resource) =>
      RECORD_ACTIONS.map((action) => [
        `${action} ${resource}`,
        matrixCell(of, action, resource).decision.allowed,
      ]),
    ),
  );

describe("a role's matrix", () => {
  test("says what decides, and what the type's own line says", () => {
    const clerk = role(line("*", ["read"]), line("order", ["update"]), line("secret", ["*"], "deny"));
    expect(matrixCell(clerk, "read", "order")).toEqual({
      decision: { allowed: true, because: { kind: "policy", role: "clerk", index: 0 } },
      own: null,
    });
    expect(matrixCell(clerk, "update", "order")).toMatchObject({ own: "allow" });
    expect(matrixCell(clerk, "read", "secret")).toMatchObject({
      decision: { allowed: false, because: { index: 2 } },
      own: "deny",
    });
    expect(matrixCell(clerk, "delete", "order").decision.because).toEqual({ kind: "no_policy" });
  });

  test("changes one cell, and no other", () => {
    const resources = ["order", "ticket", "users", "*"];
    const start = role(
      line("order", ["*"]),
      line("ticket", ["read", "list"]),
      line("ticket", ["delete"], "deny"),
      line("users", ["read"]),
    );
    for (const resource of resources)
      for (const action of RECORD_ACTIONS)
        for (const effect of ["allow", "deny", null] as const) {
          const next = role(...withCell(start.policies, { action, resource }, effect));
          expect(matrixCell(next, action, resource).own).toBe(effect);
          const [before, after] = [matrix(start, resources), matrix(next, resources)];
          for (const key of Object.keys(before)) {
            // What is said of all types counts for each of them.
            if (key === `${action} ${resource}` || (resource === "*" && key.startsWith(`${action} `)))
              continue;
            expect(after[key], `${key} after ${effect} for ${action} ${resource}`).toBe(before[key]);
          }
          expect(next.policies.every(({ actions }) => actions.length > 0)).toBe(true);
        }
  });
});

describe("a sample record", () => {
  test("has every field of its schema", () => {
    const schema: FieldSchema = {
      type: "object",
      properties: {
        status: { type: "string", enum: ["open", "closed"] },
        email: { type: "string", format: "email" },
        owner: { type: "string", references: "customer" },
        total: { type: "number" },
        paid: { type: "boolean" },
        lines: { type: "array", items: { type: "object", properties: { sku: { type: "string" } } } },
        anything: { type: "array" },
      },
    };
    expect(sampleOf(schema)).toEqual({
      status: "open",
      email: "ada@example.com",
      owner: "customer-1",
      total: 1,
      paid: true,
      lines: [{ sku: "text" }],
      anything: [],
    });
    expect(sampleOf(undefined)).toBe("");
  });

  test("ends, however deep its schema goes", () => {
    const endless: FieldSchema = { type: "object", properties: {} };
    endless.properties!.below = endless;
    expect(JSON.stringify(sampleOf(endless)).length).toBeLessThan(500);
  });
});

describe("two changes of one definition", () => {
  const base = { name: "a", tools: ["x"], model: { model: "p/m", temperature: 1 }, gone: 1 };

  test("are combined field by field, ours first", () => {
    const ours = { ...base, name: "ours", model: { model: "p/m", temperature: 0 } };
    const theirs = { name: "theirs", tools: ["x", "y"], model: { model: "p/n", temperature: 1 }, more: true };
    expect(merged(base, ours, theirs)).toEqual({
      name: "ours",
      tools: ["x", "y"],
      model: { model: "p/n", temperature: 0 },
      more: true,
    });
  });

  test("keep what only one side changed, whatever that is", () => {
    const { gone: _, ...without } = base;
    expect(merged(base, without, base)).toEqual(without);
    expect(merged(base, base, without)).toEqual(without);
    expect(merged(base, { ...base, name: "n" }, without)).toEqual({ ...without, name: "n" });
    expect(fieldDifferences(merged(base, base, base), base)).toEqual([]);
  });

  test("of something that was not there before stay two", () => {
    expect(merged(null, { a: 1 }, { b: 2 })).toEqual({ a: 1, b: 2 });
    expect(merged({ a: [1] }, { a: [1, 2] }, { a: [0, 1] })).toEqual({ a: [1, 2] });
  });
});
