import { withoutLongTexts } from "#domain/artifacts.ts";
import { checkDraft, type EventDraft } from "#domain/events.ts";
import {
  canMove,
  DEADLINES,
  deadlineOf,
  isLive,
  type SessionStatus,
  type WaitCause,
} from "#domain/lifecycle.ts";
import { maskSecrets } from "#domain/mask.ts";
import type { WaitDetail } from "#domain/session.ts";
import { withCounted } from "#domain/session-counts.ts";
import type { Doc, Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { refuse } from "../functions.ts";
import { streamOf } from "./sessions.ts";
import { giveRoomBack } from "./slot-rows.ts";
import { type Totals, totalsIn, totalsRow, withoutTotals } from "./totals.ts";

type SessionPatch = Partial<Omit<Doc<"sandboxSessions">, "_id" | "_creationTime" | "organizationId">>;
type StreamPatch = Partial<
  Omit<Doc<"sessionStreams">, "_id" | "_creationTime" | "sessionId" | "organizationId">
>;

/**
 * The one writer of a session's log. Within a mutation it gives each event the next `seq`, keeps the session's
 * row and stream in memory, and stores both once, in `save`.
 */
export class SessionWriter {
  readonly ctx: MutationCtx;
  readonly now: number;
  session: Doc<"sandboxSessions">;
  stream: Doc<"sessionStreams">;
  /** Read when they are first asked for: most writes have nothing to do with them. */
  #totals: { row: Doc<"sessionTotals"> | null; now: Totals; changed: boolean } | null = null;
  /** As they are stored. */
  #stored: { session: Doc<"sandboxSessions">; stream: Doc<"sessionStreams"> };

  private constructor(ctx: MutationCtx, session: Doc<"sandboxSessions">, stream: Doc<"sessionStreams">) {
    this.ctx = ctx;
    this.now = Date.now();
    this.session = session;
    this.stream = stream;
    this.#stored = { session, stream };
  }

  /** @throws not_found where the session is gone */
  static async open(
    ctx: MutationCtx,
    session: Doc<"sandboxSessions"> | Id<"sandboxSessions">,
  ): Promise<SessionWriter> {
    const row = typeof session === "string" ? await ctx.db.get(session) : session;
    if (!row) throw refuse("session_not_found");
    return new SessionWriter(ctx, row, await streamOf(ctx, row._id));
  }

  /**
   * Appends one event, its long texts kept apart; `runId` defaults to none.
   * @param detail `personId`: whom the payload's `PERSON` stands for; `text`: the payload as JSON, without secrets, as a
   * server has sent it, which is stored as it is unless a long text is kept apart
   * @returns its `seq`
   */
  async append(
    whole: EventDraft,
    {
      costMicroUsd,
      personId,
      text,
    }: { costMicroUsd?: number; personId?: Id<"users"> | undefined; text?: string } = {},
  ): Promise<number> {
    // A log that was removed stays empty: an entry behind the gap could be read by nobody.
    if (this.session.logRemovedAt !== undefined) return this.stream.seq;
    // What was imported stays as its file has it.
    if (this.stream.isImported === true) throw refuse("session_imported");
    const draft = await withoutLongTexts(whole, async ({ kind, text }) => {
      const { organizationId, _id: sessionId } = this.session;
      return await this.ctx.db.insert("artifacts", {
        organizationId,
        sessionId,
        kind,
        text: maskSecrets(text),
      });
    });
    checkDraft(draft);
    const seq = this.stream.seq + 1;
    const runId = draft.runId === undefined ? null : this.ctx.db.normalizeId("runs", draft.runId);
    await this.ctx.db.insert("sessionEvents", {
      organizationId: this.session.organizationId,
      sessionId: this.session._id,
      seq,
      type: draft.type,
      ts: this.now,
      source: draft.source,
      payload: draft === whole && text !== undefined ? text : maskSecrets(JSON.stringify(draft.payload)),
      ...(runId && { runId }),
      ...(costMicroUsd !== undefined && { costMicroUsd }),
      ...(personId && { personId }),
    });
    const { counts } = this.stream;
    this.stream = { ...this.stream, seq, ...(counts && { counts: withCounted(counts, draft.type) }) };
    return seq;
  }

  patch(fields: SessionPatch): void {
    this.session = { ...this.session, ...fields };
  }

  /** What the session has used, and what is held for its calls under way, with what this writer has added. */
  async totals(): Promise<Totals> {
    if (!this.#totals) {
      const row = await totalsRow(this.ctx, this.session._id);
      this.#totals = { row, now: totalsIn(row ?? this.session), changed: false };
    }
    return this.#totals.now;
  }

  /** Adds to the session's totals; `save` stores them. */
  async addToTotals(more: Partial<Totals>): Promise<void> {
    const now = { ...(await this.totals()) };
    for (const [field, amount] of Object.entries(more)) now[field as keyof Totals] += amount;
    this.#totals = { row: this.#totals?.row ?? null, now, changed: true };
  }

  async #saveTotals(): Promise<void> {
    if (!this.#totals?.changed) return;
    const { row, now } = this.#totals;
    const { organizationId, _id: sessionId } = this.session;
    if (row) await this.ctx.db.patch(row._id, now);
    else {
      await this.ctx.db.insert("sessionTotals", { organizationId, sessionId, ...now });
      this.patch(withoutTotals(this.session));
    }
    this.#totals = null;
  }

  patchStream(fields: StreamPatch): void {
    this.stream = { ...this.stream, ...fields };
  }

  /**
   * Moves the session on, logs it, and sets the new state's deadline.
   * A move that the lifecycle does not know is passed over: what came first stands.
   */
  async move(
    to: SessionStatus,
    detail: { waitingFor?: WaitCause | null; error?: string } = {},
  ): Promise<boolean> {
    if (!canMove(this.session.status, to)) return false;
    const ended = !isLive(to);
    this.patch({
      status: to,
      waitingFor: detail.waitingFor ?? null,
      waitDetail: undefined,
      queuePlace: undefined,
      parking: undefined,
      waitedFrom: undefined,
      lastActivityAt: this.now,
      deadlineAt: deadlineOf(to, this.now, this.session.idleTimeoutMs) ?? 0,
      ...(detail.error !== undefined && { errorMessage: maskSecrets(detail.error) }),
      ...(ended && { cleanupPending: this.session.sandboxId !== undefined }),
      ...(ended && { isUnpaid: undefined, isFrozen: undefined }),
      ...(to === "stopped" && { stoppedAt: this.now }),
    });
    await this.append({
      type: "session.status",
      source: "studio.lifecycle",
      payload: {
        status: to,
        waiting_for: detail.waitingFor ?? null,
        ...(detail.error !== undefined && { error: detail.error }),
      },
    });
    // With a sandbox it is given back once that is gone.
    if (ended && this.session.sandboxId === undefined) await giveRoomBack(this.ctx, this.session._id);
    return true;
  }

  /** Says what the session waits for, without a change of its state. The same cause again is not logged again. */
  async wait(waitingFor: WaitCause | null, detail?: WaitDetail, queuePlace?: number): Promise<void> {
    const before = this.session;
    this.patch({ waitingFor, waitDetail: detail, queuePlace });
    const same =
      before.waitingFor === waitingFor &&
      before.waitDetail?.status === detail?.status &&
      before.waitDetail?.limit?.subjectId === detail?.limit?.subjectId;
    if (same && before.queuePlace === queuePlace) return;
    await this.append({
      type: "session.status",
      source: "studio.lifecycle",
      payload: {
        status: before.status,
        waiting_for: waitingFor,
        ...(queuePlace !== undefined && { queue_place: queuePlace }),
        ...(detail && {
          wait_detail: {
            status: detail.status,
            message: detail.message,
            retry_at: detail.retryAt,
            ...(detail.limit && {
              limit: { subject: detail.limit.subject, subject_id: detail.limit.subjectId },
            }),
          },
        }),
      },
    });
  }

  /**
   * Stores what was changed; without it only the events themselves are kept. A row that is as it was is left alone:
   * every page that shows the session would be told of it.
   */
  async save(): Promise<void> {
    const { status, agentRestart, rewindId } = this.session;
    const hasOrder = agentRestart !== undefined || rewindId !== undefined;
    this.patchStream({
      needsPump: status === "provisioning" || status === "active" || (hasOrder && isLive(status)),
    });
    await this.#saveTotals();
    const { session, stream } = this;
    if (differs(session, this.#stored.session)) {
      const { _id, _creationTime, ...fields } = session;
      await this.ctx.db.replace(_id, fields);
    }
    if (differs(stream, this.#stored.stream)) {
      const { _id, _creationTime, ...fields } = stream;
      await this.ctx.db.replace(_id, fields);
    }
    this.#stored = { session, stream };
  }
}

function differs<T extends object>(a: T, b: T): boolean {
  return [...Object.keys(a), ...Object.keys(b)].some((field) => a[field as keyof T] !== b[field as keyof T]);
}

/** How long a lease lasts without being renewed. */
export const LEASE_MS = DEADLINES.leaseMs;
