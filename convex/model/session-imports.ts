import { maskSecrets } from "#domain/mask.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { NO_COUNTS, withCounted } from "#domain/session-counts.ts";
import { IMPORT_LIMITS, type ImportFormat } from "#domain/import-limits.ts";
import { checkImported, IMPORTED_RUN, NO_JSON, seqFault } from "#domain/session-import.ts";
import { utf8Bytes } from "#domain/limits.ts";
import { internal } from "../_generated/api";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx, QueryCtx } from "../_generated/server";
import type { Caller } from "../functions.ts";
import { refuse } from "./refusal.ts";
import { indexText, indexTitle } from "./search-texts.ts";
import { mayUse, streamOf } from "./sessions.ts";

type Import = Doc<"sessionImports">;

/** Texts of a log by which a session is found. */
const SEARCHED: Readonly<Record<string, string>> = { "message.user": "content", "run.completed": "output" };

/** An imported event as it travels. Its run names nothing here. */
export function importedWire(row: Doc<"importedEvents">) {
  const event = JSON.parse(row.text) as EventEnvelope;
  return {
    id: row._id,
    seq: row.seq,
    type: row.type,
    ts: Date.parse(event.ts),
    source: event.source,
    payload: JSON.stringify(event.payload),
    sessionId: row.sessionId,
    runId: event.run_id === undefined ? null : `${IMPORTED_RUN}${event.run_id}`,
    costMicroUsd: event.cost_usd === undefined ? null : Math.round(event.cost_usd * 1_000_000),
  };
}

/** What stands beside the events in the file that a session comes from: one row, since a list of imports reads none of it. */
const HEAD_SEQ = 0;

/** Keeps what stands beside the events of a file. */
export async function keepHead(ctx: MutationCtx, row: Import, head: string): Promise<void> {
  const { organizationId, sessionId } = row;
  const text = maskSecrets(head);
  await ctx.db.insert("importedEvents", { organizationId, sessionId, seq: HEAD_SEQ, type: "head", text });
}

/** What {@link keepHead} kept; null where there was nothing, or the session was made here. */
export async function headText(ctx: QueryCtx, sessionId: Id<"sandboxSessions">): Promise<string | null> {
  const row = await ctx.db
    .query("importedEvents")
    .withIndex("by_session_seq", (q) => q.eq("sessionId", sessionId).eq("seq", HEAD_SEQ))
    .unique();
  return row?.text ?? null;
}

/** Where a session comes from; null where it was made here. */
export const importOf = async (
  ctx: QueryCtx | MutationCtx,
  sessionId: Id<"sandboxSessions">,
): Promise<Import | null> =>
  await ctx.db
    .query("sessionImports")
    .withIndex("by_session", (q) => q.eq("sessionId", sessionId))
    .unique();

/** @throws imports_at_once | imports_full */
async function refuseTooManyImports(ctx: MutationCtx, organizationId: Id<"organizations">): Promise<void> {
  const inState = (state: Import["state"], most: number) =>
    ctx.db
      .query("sessionImports")
      .withIndex("by_organization_state", (q) => q.eq("organizationId", organizationId).eq("state", state))
      .take(most);
  const now = Date.now();
  const going = await inState("importing", IMPORT_LIMITS.kept);
  if (going.filter(({ deadlineAt }) => deadlineAt > now).length >= IMPORT_LIMITS.atOnce)
    throw refuse("imports_at_once", { limit: IMPORT_LIMITS.atOnce });
  const kept = await inState("done", IMPORT_LIMITS.kept);
  if (kept.length >= IMPORT_LIMITS.kept) throw refuse("imports_full", { limit: IMPORT_LIMITS.kept });
}

/** Begins an import: its rows count as deleted, and so are there for nobody, until it is whole. */
export async function beginImport(
  ctx: MutationCtx,
  caller: Caller,
  { format, environment }: { format: ImportFormat; environment: "development" | "production" },
): Promise<Import> {
  const { organizationId, user } = caller;
  mayUse(caller, environment);
  await refuseTooManyImports(ctx, organizationId);
  const now = Date.now();
  const sessionId = await ctx.db.insert("sandboxSessions", {
    organizationId,
    environment,
    userId: user._id,
    title: "Import",
    status: "stopped",
    waitingFor: null,
    sandboxProvider: "e2b",
    agentType: "opencode",
    provider: "",
    model: "",
    keySource: "platform",
    idleTimeoutMs: 0,
    lastActivityAt: now,
    deadlineAt: 0,
    cleanupPending: false,
    stoppedAt: now,
    importedAt: now,
    deletedAt: now,
  });
  await ctx.db.insert("sessionStreams", {
    organizationId,
    sessionId,
    seq: 0,
    counts: NO_COUNTS,
    isImported: true,
    cursor: null,
    holder: null,
    leaseUntil: 0,
    generation: 0,
    batches: 0,
    needsPump: false,
  });
  await indexTitle(ctx, (await ctx.db.get(sessionId))!);
  const importId = await ctx.db.insert("sessionImports", {
    organizationId,
    sessionId,
    userId: user._id,
    state: "importing",
    format,
    bytes: 0,
    deadlineAt: now + IMPORT_LIMITS.pieceMs,
  });
  return (await ctx.db.get(importId))!;
}

/** The caller's own import, as long as it is under way. @throws import_not_found | import_lapsed */
export async function ownImport(ctx: MutationCtx, caller: Caller, rawId: string): Promise<Import> {
  const id = ctx.db.normalizeId("sessionImports", rawId);
  const row = id && (await ctx.db.get(id));
  if (!row || row.organizationId !== caller.organizationId || row.userId !== caller.user._id)
    throw refuse("import_not_found");
  if (row.state === "abandoned") throw refuse("import_lapsed");
  return row;
}

/** @throws import_row */
function checkedEvent(text: string, seq: number): EventEnvelope {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse("import_row", { line: seq, ...NO_JSON });
  }
  const checked = checkImported(value);
  if ("fault" in checked) throw refuse("import_row", { line: seq, ...checked.fault });
  if (checked.event.seq !== seq) throw refuse("import_row", { line: seq, ...seqFault(seq) });
  return checked.event;
}

/**
 * Adds the next events to an import. Sent again, they change nothing.
 * @param from the `seq` of the first of them
 */
export async function addImported(
  ctx: MutationCtx,
  row: Import,
  from: number,
  texts: readonly string[],
): Promise<void> {
  if (row.state !== "importing") return;
  const stream = await streamOf(ctx, row.sessionId);
  const last = from + texts.length - 1;
  if (last <= stream.seq) return;
  if (from !== stream.seq + 1) throw refuse("import_lapsed");
  const session = await ctx.db.get(row.sessionId);
  if (!session) throw refuse("import_not_found");
  const { organizationId, sessionId } = row;
  const masked = texts.map(maskSecrets);
  const bytes = row.bytes + masked.reduce((sum, text) => sum + utf8Bytes(text), 0);
  if (last > IMPORT_LIMITS.events) throw refuse("import_too_long", { events: IMPORT_LIMITS.events });
  if (bytes > IMPORT_LIMITS.bytes) throw refuse("import_too_large", { maxBytes: IMPORT_LIMITS.bytes });
  let counts = stream.counts ?? NO_COUNTS;
  for (const [index, text] of masked.entries()) {
    if (utf8Bytes(text) > IMPORT_LIMITS.eventBytes)
      throw refuse("import_too_large", { maxBytes: IMPORT_LIMITS.eventBytes });
    const event = checkedEvent(text, from + index);
    counts = withCounted(counts, event.type);
    await ctx.db.insert("importedEvents", {
      organizationId,
      sessionId,
      seq: event.seq,
      type: event.type,
      text,
    });
    const said = event.payload[SEARCHED[event.type] ?? ""];
    if (typeof said === "string") await indexText(ctx, session, said.toWellFormed());
  }
  await ctx.db.patch(stream._id, { seq: last, counts });
  await ctx.db.patch(row._id, { bytes, deadlineAt: Date.now() + IMPORT_LIMITS.pieceMs });
}

/** Gives an import up: what has come of it is removed. Of one that is whole nothing changes. */
export async function abandonImport(ctx: MutationCtx, row: Import): Promise<void> {
  if (row.state !== "importing") return;
  await ctx.db.patch(row._id, { state: "abandoned" });
  await ctx.scheduler.runAfter(0, internal.sessionDeletion.purge, { sessionId: row.sessionId });
}

/** True of rows of an import that is not whole, or is deleted again: they are there for nobody. */
export const isHidden = (session: Doc<"sandboxSessions">): boolean =>
  session.importedAt !== undefined && session.deletedAt !== undefined;
