import fc from "fast-check";
import type { z } from "zod";

interface Def {
  type: string;
  shape?: Record<string, z.ZodType>;
  element?: z.ZodType;
  innerType?: z.ZodType;
  valueType?: z.ZodType;
  options?: z.ZodType[];
  entries?: Record<string, string>;
  values?: (string | number | boolean)[];
}

/** Texts as they come: with every plane of Unicode, halves of pairs, quotes, line breaks, and nothing. */
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.constantFrom("", "\ud800", '\u2028\u0000\\"', "__proto__", "{person}", "\ufeffbom"),
);

/** Values of a schema's own form; of numbers whole ones, where the schema wants those. */
export function arbitraryOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  const def = schema._zod.def as unknown as Def;
  switch (def.type) {
    case "string":
      return text;
    case "number":
      return fc.oneof(
        fc.integer().filter((value) => schema.safeParse(value).success),
        fc
          .double({ noNaN: true, noDefaultInfinity: true })
          .filter((value) => schema.safeParse(value).success && !Object.is(value, -0)),
      );
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "unknown":
      return fc.jsonValue({ maxDepth: 3 });
    case "enum":
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case "literal":
      return fc.constantFrom(...(def.values ?? []));
    case "array":
      return fc.array(arbitraryOf(def.element!), { maxLength: 3 });
    case "record":
      return fc.dictionary(text, arbitraryOf(def.valueType!), { maxKeys: 3 });
    case "nullable":
      return fc.option(arbitraryOf(def.innerType!), { nil: null });
    case "union":
      return fc.oneof(...def.options!.map(arbitraryOf));
    case "object": {
      const fields = Object.entries(def.shape ?? {});
      const isOptional = ([, field]: [string, z.ZodType]) => field.safeParse(undefined).success;
      return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field)])), {
        requiredKeys: fields.filter((field) => !isOptional(field)).map(([name]) => name),
      });
    }
    case "optional":
    case "default":
    case "readonly":
      return arbitraryOf(def.innerType!);
    default:
      throw new Error(`no values are known for a schema of ${def.type}`);
  }
}
