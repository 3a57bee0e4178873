import type { Sandbox } from "e2b";
import { z } from "zod";
import { CHECKPOINT_LIMITS, LEFT_OUT_REASONS, NOT_SAVED } from "#domain/checkpoints.ts";
import { REWIND_CHANGES, REWIND_LIMITS } from "#domain/rewind.ts";
import { printedBy } from "../sandbox/programs.ts";

const oid = z.string().regex(/^[0-9a-f]{40}$/);
const failed = z.object({ error: z.string().max(1_000), kind: z.enum(["no_file"]).optional() });
const counted = {
  tree: oid,
  files: z.number().int().nonnegative(),
  workspaceBytes: z.number().int().nonnegative(),
  leftOut: z
    .array(
      z.object({
        path: z.string().max(2_000),
        reason: z.enum(LEFT_OUT_REASONS),
        bytes: z.number().nonnegative(),
      }),
    )
    .max(CHECKPOINT_LIMITS.leftOut),
  leftOutCount: z.number().int().nonnegative(),
};
const saved = z.union([
  failed,
  z.object({ unchanged: z.literal(true), ...counted }),
  z.object({
    unchanged: z.literal(false),
    commit: oid,
    /** True where it leans on nothing. */
    whole: z.boolean(),
    bytes: z.number().int().positive(),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    ...counted,
  }),
]);
const restored = z.union([failed, z.object({ tree: oid, files: z.number().int() })]);

const count = z.number().int().nonnegative();
const path = z.string().max(8_000);
const rewoundInside = z.object({
  counts: z.object({ added: count, changed: count, deleted: count }),
  listed: z
    .array(z.object({ path, change: z.enum(REWIND_CHANGES), byHand: z.boolean() }))
    .max(REWIND_LIMITS.maxListed),
  /** Changed by hand, and named by nobody: while there is one, nothing is changed. */
  open: z.array(path).max(REWIND_LIMITS.maxNamed),
  openCount: count,
  /** Left as they are, since somebody has worked on them meanwhile. */
  kept: z.array(path).max(REWIND_LIMITS.maxNamed),
});
export type RewoundInside = z.infer<typeof rewoundInside>;

/** The sandbox's own program could not do it; its words may be a sandbox's. */
export class ProgramFailed extends Error {
  /** What was wrong with what it was asked, where it says that. */
  readonly kind: "no_file" | undefined;
  constructor({ error, kind }: z.infer<typeof failed>) {
    super(error);
    this.kind = kind;
  }
}

/** Login shells of Studio's commands read no file of the home that the agent's tools can write. */
const OUTSIDE = { HOME: "/opt/studio/agent/home", STUDIO_HOME: "/home/user" };
const limits = {
  // For checkpoints from before they said themselves what they leave out.
  skip: NOT_SAVED,
  maxFileBytes: CHECKPOINT_LIMITS.maxFileBytes,
  maxBytes: CHECKPOINT_LIMITS.maxBytes,
  maxFiles: CHECKPOINT_LIMITS.maxFiles,
};

async function run<T>(
  sandbox: Sandbox,
  act: "save" | "restore" | "rewind",
  options: object,
  schema: z.ZodType<T | z.infer<typeof failed>>,
  timeoutMs: number,
): Promise<T> {
  const printed = await printedBy(sandbox, {
    name: "checkpoint",
    args: act,
    env: { ...OUTSIDE, STUDIO_CHECKPOINT: JSON.stringify({ ...limits, ...options }) },
    schema,
    timeoutMs,
  });
  if (typeof printed === "object" && printed !== null && "error" in printed) throw new ProgramFailed(printed);
  return printed;
}

export type Saved = Exclude<z.infer<typeof saved>, { error: string }>;

/**
 * Takes a checkpoint within a sandbox (sandbox-template/agent/checkpoint.ts).
 * @param options `previous`: the commit that it may lean on; `pack`: where its pack is written there; `skip`: names that
 * it leaves out; `withoutAgent`: nothing of the agent's own store is touched or saved
 * @throws ProgramFailed, and HttpError where the sandbox does not answer
 */
export const saveInside = async (
  sandbox: Sandbox,
  options: { previous?: string; pack: string; skip: string[]; withoutAgent?: boolean },
  timeoutMs: number,
): Promise<Saved> => await run<Saved>(sandbox, "save", options, saved, timeoutMs);

const rewound = z.union([failed, z.object({ missing: z.literal(true) }), rewoundInside]);

/**
 * Brings a live sandbox to a checkpoint, or looks at what that would change (sandbox-template/agent/checkpoint-rewind.ts).
 * @returns `missing` where the sandbox does not have all of it
 * @throws the same
 */
export const rewindInside = async (
  sandbox: Sandbox,
  options: object,
  timeoutMs: number,
): Promise<{ missing: true } | RewoundInside> =>
  await run<{ missing: true } | RewoundInside>(sandbox, "rewind", options, rewound, timeoutMs);

/** Brings a sandbox to a checkpoint, whose packs are there. @returns the workspace's tree as it then is @throws the same */
export const restoreInside = async (
  sandbox: Sandbox,
  options: { packs: string[]; commit: string },
  timeoutMs: number,
): Promise<{ tree: string; files: number }> =>
  await run<{ tree: string; files: number }>(sandbox, "restore", options, restored, timeoutMs);
