/** The bounds of a project: all of it fits into one pull, and any change of it into one transaction. */
export const PROJECT_LIMITS = {
  /** Definitions and files of an environment. */
  definitions: 1_000,
  /** Bytes of one definition as JSON text, as UTF-8. */
  definitionBytes: 500_000,
  /** Levels of lists and objects in a definition. */
  depth: 64,
  /** Bytes of all definitions and files of an environment together, as UTF-8. */
  projectBytes: 6_000_000,
  /** Characters of a slug, a role's name, or a file's path. */
  keyChars: 200,
  /** Versions kept of one definition; the oldest ones go. */
  versions: 100,
  /** Definitions of a workspace that one request discards, or one message names. */
  discarded: 100,
} as const;
