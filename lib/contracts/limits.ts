import { z } from "zod";
import type { ListLimit, TextLimit, WholeLimit } from "#domain/limits.ts";

/** A text within a limit; white space at both ends is cut off first where `trim` says so. */
export function boundedText({ min, max, pattern, hint }: TextLimit, { trim = false } = {}): z.ZodString {
  const sized = (trim ? z.string().trim() : z.string()).min(min).max(max);
  return pattern ? sized.regex(pattern, hint) : sized;
}

/** A list of texts within a limit. @throws Error where the limit is of a list of something else */
export function boundedTexts({ of, min, max }: ListLimit): z.ZodArray<z.ZodString> {
  if (of.kind !== "text") throw new Error("the limit is not one of a list of texts");
  return z.array(boundedText(of)).min(min).max(max);
}

/** A whole number within a limit. */
export const boundedWhole = ({ min, max }: WholeLimit): z.ZodNumber => z.number().int().min(min).max(max);
