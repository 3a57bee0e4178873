/** A line that opens and closes what is below it. */
export const foldClass = "inline-flex min-h-6 items-center gap-1.5 text-base text-ink-3 hover:text-ink";
