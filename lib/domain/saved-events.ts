import { z } from "zod";
import { CHECKPOINT_CAUSES } from "./checkpoints.ts";
import { REWIND_PARTS } from "./rewind.ts";

/** Payloads of the events of saved work: checkpoints, and what goes on from one or back to one. */
export const SAVED_EVENTS = {
  /** It begins as a branch of another session, from the files of that one's last checkpoint at or before an event. */
  "session.branched": z.object({
    branched_by: z.string(),
    parent_session_id: z.string(),
    parent_title: z.string(),
    from_seq: z.number().int(),
    /** Without it nothing was saved up to there. `saved_seq` is the parent's last event when it was begun. */
    checkpoint_id: z.string().optional(),
    saved_at: z.number().optional(),
    saved_seq: z.number().int().optional(),
  }),
  /** A person has a session that had ended go on, in another sandbox. */
  "session.resumed": z.object({
    resumed_by: z.string(),
    message_count: z.number().int(),
    checkpoint_id: z.string().optional(),
  }),
  /** What became of its files, and whether its agent remembers: else it is told the end of what was said. */
  "session.restored": z.object({
    files: z.enum(["restored", "none"]),
    history: z.enum(["kept", "recap", "none"]),
    checkpoint_id: z.string().optional(),
    /** When that was taken; epoch milliseconds. */
    saved_at: z.number().optional(),
    /** Of a branch: turns of the other session that are in neither its files nor its agent's memory. */
    told_turns: z.number().int().optional(),
  }),
  /** It went back to the end of an earlier turn; what came after `to_seq` is set aside where the conversation did. */
  "session.rewound": z.object({
    rewound_by: z.string(),
    what: z.enum(REWIND_PARTS),
    to_seq: z.number().int(),
    /** The last turn that stays; null for none. */
    run_id: z.string().nullable(),
    checkpoint_id: z.string().optional(),
    /** The event of the rewind that this one takes back. */
    undoes_seq: z.number().int().optional(),
    files: z
      .object({ added: z.number().int(), changed: z.number().int(), deleted: z.number().int() })
      .optional(),
    /** Files that stayed as they were, since somebody worked on them meanwhile: some of them. */
    kept: z.array(z.string()).optional(),
  }),
  /** It did not go back, and is as it was. `paths`: files changed by hand that nobody had named. */
  "session.rewind_failed": z.object({ error: z.string(), paths: z.array(z.string()).optional() }),
  /** The work is saved outside of the sandbox, and what arrived was compared with what was sent. */
  "checkpoint.created": z.object({
    checkpoint_id: z.string(),
    cause: z.enum(CHECKPOINT_CAUSES),
    files: z.number().int(),
    /** Of the workspace's files, and of what was stored for them now. */
    workspace_bytes: z.number().int(),
    stored_bytes: z.number().int(),
    /** How many files are not in it, and some of their paths. */
    left_out: z.number().int(),
    left_out_paths: z.array(z.string()).optional(),
    duration_ms: z.number(),
  }),
  /** It could not be saved; it is tried again by itself while the session lives. */
  "checkpoint.failed": z.object({ error: z.string(), retry_at: z.number().nullable() }),
};
