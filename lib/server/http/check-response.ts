import type { z } from "zod";
import type { ProblemCode } from "#contracts/problem.ts";
import type { RouteResponse } from "#contracts/route.ts";
import { env } from "../env.ts";
import { log } from "../log.ts";

/** Whether responses are checked against their declarations: in development, and where a test asks for it. */
export const checksResponses = (): boolean =>
  env().STUDIO_CHECK_RESPONSES ?? process.env.NODE_ENV !== "production";

/** The path of the first value that `sent` has and `known` lacks; undefined where there is none. */
function unknownField(sent: unknown, known: unknown, path: string): string | undefined {
  if (typeof sent !== "object" || sent === null) return undefined;
  const kept = typeof known === "object" && known !== null ? new Map(Object.entries(known)) : new Map();
  for (const [name, value] of Object.entries(sent)) {
    const here = path === "" ? name : `${path}.${name}`;
    if (!kept.has(name)) return here;
    const within = unknownField(value, kept.get(name), here);
    if (within !== undefined) return within;
  }
  return undefined;
}

/**
 * Checks the JSON of a response as it is sent, strictly: a field that its schema does not know is a fault, too.
 * @throws Error that names the route and the field
 */
export function checkJson(route: string, schema: z.ZodType, json: unknown): void {
  const sent: unknown = JSON.parse(JSON.stringify(json));
  const result = schema.safeParse(sent);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(
      `The response of ${route} is not as declared: ${issue?.path.join(".")}: ${issue?.message}`,
    );
  }
  const field = unknownField(sent, result.data, "");
  if (field !== undefined) throw new Error(`The response of ${route} has an undeclared field: ${field}`);
}

/**
 * Checks the media type of a response that is a stream or a file; what JSON it has is not looked at.
 * @throws Error that names the route and the type
 */
export function checkMedia(route: string, declared: RouteResponse, response: Response): void {
  const type = response.headers.get("content-type")?.split(";")[0];
  const known =
    "media" in declared
      ? [declared.media]
      : "json" in declared
        ? ["application/json", ...(declared.or ?? []).map(({ media }) => media)]
        : [];
  if (!known.includes(type ?? ""))
    throw new Error(`The response of ${route} is ${type}, and declared as ${known.join(" or ")}.`);
}

/** Logs a refusal that its route does not declare, for a test to find. */
export function noteUndeclared(route: string, declared: readonly ProblemCode[], code: ProblemCode): void {
  if (!declared.includes(code)) log("error", "undeclared refusal", { route, code });
}
