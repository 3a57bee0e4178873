import { extendTailwindMerge } from "tailwind-merge";

/** Joins classes; where two set the same, the later one counts. It knows the sizes of text that the tokens add. */
export const cn = extendTailwindMerge({
  extend: { theme: { text: ["micro", "small", "base", "read", "title", "head", "display"] } },
});
