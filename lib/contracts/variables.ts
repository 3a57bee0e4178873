import { z } from "zod";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { LIMITS, MAX_VARIABLE_BYTES, utf8Bytes } from "#domain/limits.ts";
import { VARIABLE_REACHES } from "#domain/variables.ts";
import { boundedText } from "./limits.ts";

const environment = z.enum(ENVIRONMENTS);

/** `PUT /api/v1/variables/{name}` */
export const putVariableBody = z.strictObject({
  value: z
    .string()
    .min(1)
    .refine((value) => utf8Bytes(value) <= MAX_VARIABLE_BYTES, {
      message: `must have at most ${MAX_VARIABLE_BYTES} bytes`,
    })
    .optional()
    .describe("Left out, the value stays as it is."),
  environment: environment.nullable().default(null).describe("`null` for the sessions of every environment."),
  description: boundedText(LIMITS.variableDescription, { trim: true }).default(""),
  reach: z
    .enum(VARIABLE_REACHES)
    .default("agent")
    .describe(
      "`agent`: set-up, the agent, its commands and terminals. `terminals`: terminals alone. `setup`: the set-up script alone.",
    ),
});

/** `DELETE /api/v1/variables/{name}?environment=…` */
export const variableQuery = z.object({
  environment: environment.optional().describe("Left out, the one for every environment."),
});

const variableSchema = z.object({
  name: z.string(),
  environment: environment.nullable(),
  description: z.string(),
  reach: z.enum(VARIABLE_REACHES),
  updated_at: z.string(),
});
export type Variable = z.infer<typeof variableSchema>;

export const variablesResponse = z.object({ variables: z.array(variableSchema) });
export const variableResponse = z.object({ variable: variableSchema });
