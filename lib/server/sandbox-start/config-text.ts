/** Stands for a `{` of somebody's words until they are JSON; no text that is stored has it. */
const BRACE = "\uE000";

/**
 * Words of people for OpenCode's configuration, whose text it searches for `{env:…}` and `{file:…}` before it reads it
 * as JSON (OpenCode 1.18.33): theirs are to be taken as they stand. `configText` writes what this returns.
 */
export const asWritten = (words: string): string => words.replaceAll(BRACE, "").replaceAll("{", BRACE);

/** OpenCode's configuration as its file has it. @param indent spaces of a level; none for one line */
export const configText = (config: Record<string, unknown>, indent?: number): string =>
  JSON.stringify(config, null, indent).replaceAll(BRACE, String.raw`\u007b`);
