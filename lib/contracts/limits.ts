import { z } from "zod";
import type { TextLimit, WholeLimit } from "#domain/limits.ts";

/** A text within a limit; white space at both ends is cut off first where `trim` says so. */
export function boundedText({ min, max, pattern, hint }: TextLimit, { trim = false } = {}): z.ZodString {
  const sized = (trim ? z.string().trim() : z.string()).min(min).max(max);
  return pattern ? sized.regex(pattern, hint) : sized;
}

/** A whole number within a limit. */
export const boundedWhole = ({ min, max }: WholeLimit): z.ZodNumber => z.number().int().min(min).max(max);
