import { type PropertyValidators, type Validator, v } from "convex/values";
import { z } from "zod";

/** A validator of one word out of a list. */
export function literals<T extends string>(words: readonly T[]) {
  return v.union(...words.map((word) => v.literal(word)));
}

type Any = Validator<unknown, "required", string>;

function convert(schema: z.core.$ZodType): Any {
  if (schema instanceof z.ZodString) return v.string();
  if (schema instanceof z.ZodNumber) return v.number();
  if (schema instanceof z.ZodBoolean) return v.boolean();
  if (schema instanceof z.ZodNull) return v.null();
  if (schema instanceof z.ZodEnum) return literals(schema.options.map(String));
  if (schema instanceof z.ZodLiteral) return v.union(...[...schema.values].map((one) => literal(one)));
  if (schema instanceof z.ZodNullable) return v.union(convert(schema.unwrap()), v.null());
  if (schema instanceof z.ZodUnion) return v.union(...schema.options.map(convert));
  if (schema instanceof z.ZodArray) return v.array(convert(schema.element));
  if (schema instanceof z.ZodObject) {
    const fields: PropertyValidators = {};
    for (const [name, field] of Object.entries(schema.shape))
      fields[name] = field instanceof z.ZodOptional ? v.optional(convert(field.unwrap())) : convert(field);
    return v.object(fields);
  }
  throw new Error(`No validator is known for a schema of the type ${schema._zod.def.type}.`);
}

function literal(value: unknown): Any {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    throw new Error("A literal is a text, a number, or a boolean.");
  return v.literal(value);
}

/**
 * The Convex validator of a zod schema: objects, lists, words and plain values. Bounds and formats are not part of it.
 * @throws Error for a schema that Convex has nothing for
 */
export function validatorOf<S extends z.ZodType>(schema: S): Validator<z.output<S>, "required", string> {
  return convert(schema) as Validator<z.output<S>, "required", string>;
}
