import { v } from "convex/values";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import { pinsOf } from "./session-pins.ts";
import { scriptOf, scriptsOf, snapshotFor } from "./setup.ts";
import { sha256Of } from "./skills.ts";

/** A set-up snapshot, told from every other one. */
const snapshot = v.object({
  buildId: v.id("setupBuilds"),
  builtAt: v.number(),
  /** SHA-256 of the script that made it, and of the lockfiles that it stands for. */
  sha256: v.string(),
});
export const sandboxMade = v.object({
  /** The template's name and Studio's version, by which snapshots are told to be stale. */
  template: v.string(),
  /** What the template says that it was built with; null for one that says nothing. */
  versions: v.nullable(v.record(v.string(), v.string())),
  /** Null where it began without one. */
  snapshot: v.nullable(snapshot),
});
/** What a session's first sandbox was made of. */
export type SandboxMade = typeof sandboxMade.type;

async function toSnapshot(ctx: QueryCtx | MutationCtx, build: Doc<"setupBuilds">) {
  const script = await scriptOf(ctx, build);
  return {
    buildId: build._id,
    builtAt: build.endedAt ?? build.startedAt,
    sha256: await sha256Of(JSON.stringify([script?.script ?? "", build.lockfiles])),
  };
}

/** Keeps what a session's first sandbox was made of; what later ones are made of is not what it began with. */
export async function noteMade(
  ctx: MutationCtx,
  sessionId: Id<"sandboxSessions">,
  made: { template: string; versions: Record<string, string> | null; buildId: Id<"setupBuilds"> | null },
): Promise<void> {
  const pins = await pinsOf(ctx, sessionId);
  if (!pins || pins.made) return;
  const { template, versions, buildId } = made;
  const build = buildId && (await ctx.db.get(buildId));
  await ctx.db.patch(pins._id, {
    made: { template, versions, snapshot: build ? await toSnapshot(ctx, build) : null },
  });
}

/** Sessions that are looked at for one whose sandbox has been made. */
const LOOKED_AT = 5;

/**
 * What an organization's new sandboxes are made of, as far as its latest sessions tell, and the snapshot that a session
 * like this one would begin with.
 */
export async function madeNow(
  ctx: QueryCtx | MutationCtx,
  session: Pick<Doc<"sandboxSessions">, "_id" | "organizationId" | "environment">,
): Promise<SandboxMade | null> {
  const latest = await ctx.db
    .query("sessionPins")
    .withIndex("by_organization", (q) => q.eq("organizationId", session.organizationId))
    .order("desc")
    .take(LOOKED_AT);
  const made = latest.find((row) => row.made)?.made;
  if (!made) return null;
  const { template, versions } = made;
  const prepared = await snapshotFor(ctx, await scriptsOf(ctx, session), template);
  return { template, versions, snapshot: prepared ? await toSnapshot(ctx, prepared.found) : null };
}
