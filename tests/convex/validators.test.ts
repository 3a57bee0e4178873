import { v } from "convex/values";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { session } from "#convex/model/returns.ts";
import { literals, validatorOf } from "#convex/model/zod-validator.ts";
import schema from "#convex/schema.ts";
import { STATUSES } from "#domain/lifecycle.ts";
import { sessionSchema } from "#domain/session.ts";

describe("a validator of a zod schema", () => {
  test("has its fields, lists, words and plain values", () => {
    const made = validatorOf(
      z.object({
        text: z.string().min(1),
        count: z.number().int().nullable(),
        on: z.boolean().optional(),
        word: z.enum(["a", "b"]),
        one: z.literal("x"),
        rows: z.array(z.object({ id: z.string() })),
      }),
    );
    expect(made).toEqual(
      v.object({
        text: v.string(),
        count: v.union(v.number(), v.null()),
        on: v.optional(v.boolean()),
        word: literals(["a", "b"]),
        one: v.union(v.literal("x")),
        rows: v.array(v.object({ id: v.string() })),
      }),
    );
  });

  test("is none for what Convex has nothing for", () => {
    expect(() => validatorOf(z.object({ at: z.date() }))).toThrow("date");
    expect(() => validatorOf(z.object({ id: z.literal(1n) }))).toThrow("literal");
  });

  test("of a session has every field of the domain, and its statuses are those of the table", () => {
    expect(session.kind).toBe("object");
    expect(Object.keys("fields" in session ? session.fields : {})).toEqual(Object.keys(sessionSchema.shape));
    const { status } = schema.tables.sandboxSessions.validator.fields;
    expect(status.members.map(({ value }) => value)).toEqual([...STATUSES]);
  });
});
