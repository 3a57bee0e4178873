/** A text of machines: as it is, line by line, and scrolled where it is too large. */
export const codeClass =
  "overflow-auto bg-sunken font-mono text-[12px] leading-[18px] tracking-[-0.01em] [font-variant-ligatures:none] [tab-size:2] [word-spacing:0] focus-visible:-outline-offset-2";
/** The same for what a command said. */
export const outputClass = `${codeClass} max-h-[260px] px-3 py-2 wrap-anywhere whitespace-pre-wrap`;

/** A text to the letter: a command, a key, a link. */
export const exactClass =
  "rounded-sm border border-line bg-sunken px-2.5 py-[7px] font-mono text-[12.5px] leading-[18px] tracking-[-0.01em] wrap-anywhere whitespace-pre-wrap [word-spacing:0]";
