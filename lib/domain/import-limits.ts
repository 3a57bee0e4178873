/** What an export may be that is imported. Pure, and without a schema library. */
export const IMPORT_FORMATS = ["json", "jsonl"] as const;
export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export const IMPORT_LIMITS = {
  /** Of a file: more than 50,000 events of ordinary size. */
  bytes: 100_000_000,
  events: 100_000,
  /** Of an event as JSON: what is stored of one is less. */
  eventBytes: 1_000_000,
  /** Of all that stands beside the events. */
  headBytes: 500_000,
  /** Events that are stored at a time, and their bytes. */
  batchEvents: 500,
  batchBytes: 2_000_000,
  /** Imports of an organization that are under way. */
  atOnce: 3,
  /** Imported sessions of an organization. */
  kept: 200,
  /** How long the next piece of a file may take. */
  pieceMs: 120_000,
} as const;

/** What Convex takes of a file: some events, each as JSON, and what stands beside all of them. */
export const IMPORT_BOUNDS = {
  events: {
    kind: "list",
    of: { kind: "text", min: 2, max: IMPORT_LIMITS.eventBytes },
    min: 1,
    max: IMPORT_LIMITS.batchEvents,
  },
  head: { kind: "text", min: 2, max: IMPORT_LIMITS.headBytes, maxBytes: IMPORT_LIMITS.headBytes },
} as const;
