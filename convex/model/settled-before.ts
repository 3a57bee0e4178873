import { isFreeCall } from "#domain/rules/free-tools.ts";
import { MAX_INLINE_CHARS } from "#domain/artifacts.ts";
import { PERSON } from "#domain/event-people.ts";
import type { PayloadOf } from "#domain/events.ts";
import type { NamedRule } from "#domain/rules/decide.ts";
import type { Id } from "../_generated/dataModel";
import { type Asking, personCovers, sessionCovers } from "./approvers.ts";
import { carriedAnswer } from "./carried.ts";
import { noteUse, verdictOf } from "./rules.ts";
import type { SessionWriter } from "./session-writer.ts";

/** Who decided, in words; where they have `PERSON`, it stands for `personId`. */
export interface Who {
  words: string;
  personId?: Id<"users"> | undefined;
}

/** Decides by itself where no decision of a person's could be right. */
const STUDIO: Who = { words: "Studio" };

/** Grants of the same, which are looked at. */
const GRANTS = 20;

/** Who has allowed the very same for the rest of the session, and may still; null where nobody has. */
async function grantedBy(writer: SessionWriter, subject: string | null, asking: Asking): Promise<Who | null> {
  const { _id, organizationId } = writer.session;
  if (subject === null || subject.length > MAX_INLINE_CHARS) return null;
  const grants = await writer.ctx.db
    .query("approvalGrants")
    .withIndex("by_session_subject", (q) => q.eq("sessionId", _id).eq("subject", subject))
    .order("desc")
    .take(GRANTS);
  for (const { grantedById: personId, grantedBy: name = "" } of grants) {
    // Nothing is known of who gave leave before people stood there by id.
    if (personId === undefined) {
      if (!asking.need.someoneElse) return { words: `${name}, for this session` };
    } else if (await personCovers(writer.ctx, organizationId, personId, asking))
      return { words: `${PERSON}, for this session`, personId };
  }
  return null;
}

/** A decision that nobody has to make any more. */
export interface Settled {
  decision: "approved" | "denied";
  who: Who;
  rules?: readonly NamedRule[];
  message?: string;
}

/** Rules that are named with a decision. */
export const RULES_SHOWN = 20;

/** The rules that decided, as words: their names are a person's to choose. */
export const ruleWords = (rules: readonly NamedRule[]): string =>
  `${rules.length > 1 ? "The rules" : "The rule"} ${rules
    .slice(0, 3)
    .map(({ name }) => `“${name}”`)
    .join(", ")}${rules.length > 3 ? ` and ${rules.length - 3} more` : ""}`;

/**
 * What was decided of a question before it was asked: by Studio, which refuses; by rules; by leave for the session to
 * the letter; or by the session's approving by itself. Null where a person has to decide. A rule that denies holds over
 * all leave, and one that may be meant holds over approving by itself; a call that is made again and again is asked about,
 * whatever allows it.
 */
export async function settledBefore(
  writer: SessionWriter,
  payload: PayloadOf<"approval.requested">,
  subject: string | null,
  asking: Asking,
  place: { runId: Id<"runs">; seq: number },
): Promise<Settled | null> {
  const { refusal } = payload;
  if (refusal !== undefined) return { decision: "denied", who: STUDIO, message: refusal };
  const { action, rules, why, isHeld } = await verdictOf(writer.ctx, writer.session, payload, asking);
  await noteUse(writer.ctx, rules);
  const byRules = { who: { words: ruleWords(rules) }, rules: rules.slice(0, RULES_SHOWN) };
  if (action === "auto_deny") return { decision: "denied", ...byRules, message: why };
  const carried = await carriedAnswer(writer, place.runId, place.seq);
  if (carried)
    return {
      decision: "approved",
      who: { words: `${PERSON}, while the session was parked`, personId: carried.decidedById },
    };
  // A loop that the agent may be in is for a person to see, whatever allows the call by itself.
  if (payload.same_calls !== undefined) return null;
  // What could not be looked at may lead elsewhere, or lose bytes: leave for its like is none for it.
  if (payload.notes?.some((note) => note.unchecked === true)) return null;
  const granted = await grantedBy(writer, subject, asking);
  if (granted) return { decision: "approved", who: granted };
  if (action === "auto_approve" && rules.length > 0) return { decision: "approved", ...byRules };
  // It asked only because a rule might have held it back.
  if (!isHeld && rules.length === 0 && isFreeCall(payload)) return { decision: "approved", who: STUDIO };
  const { autoApprove } = writer.session;
  if (autoApprove === true && !isHeld && (await sessionCovers(writer.ctx, writer.session, asking)))
    return { decision: "approved", who: { words: "Auto-approve of this session" } };
  return null;
}
