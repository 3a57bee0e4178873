import type { Doc } from "../_generated/dataModel";
import { settleApproval } from "./approvals.ts";
import { askedOf, settleQuestion } from "./questions.ts";
import type { SessionWriter } from "./session-writer.ts";

const MAX_ROWS = 100;
const MAX_CHARS = 8_000;

const said = (text: string): string => (text.length <= 500 ? text : `${text.slice(0, 499)}…`);

/** What an agent is told of a request that was answered while its session was parked. */
async function toldOf(writer: SessionWriter, approval: Doc<"approvals">): Promise<string> {
  const { summary, decision } = approval;
  if (decision === "approved") {
    await writer.ctx.db.patch(approval._id, { isCarried: true });
    return `- “${said(summary)}”: a person has allowed it. Make the very same call again.`;
  }
  const { deniedBecause } = approval;
  return deniedBecause === undefined
    ? `- “${said(summary)}”: a person denied it. Don't try it another way.`
    : `- “${said(summary)}”: a person denied it and says: ${deniedBecause}`;
}

/**
 * What an agent is told that goes on with a run that was parked. What nobody has answered yet is closed: it asks again.
 */
export async function parkedPrompt(writer: SessionWriter, run: Doc<"runs">): Promise<string> {
  const { db } = writer.ctx;
  const approvals = await db
    .query("approvals")
    .withIndex("by_run_parked", (q) => q.eq("runId", run._id).eq("parkedAt", run.parkedAt))
    .take(MAX_ROWS);
  const questions = await db
    .query("questions")
    .withIndex("by_run_parked", (q) => q.eq("runId", run._id).eq("parkedAt", run.parkedAt))
    .take(MAX_ROWS);
  const lines: string[] = [];
  for (const one of approvals)
    if (one.decision === "pending")
      await settleApproval(writer, one, "denied", { reason: "agent_restarted" });
    else if (one.reason === "person") lines.push(await toldOf(writer, one));
  for (const one of questions) {
    const asked = askedOf(one)
      .map(({ question }) => question)
      .join(" ");
    if (one.outcome === "pending") await settleQuestion(writer, one, null, { reason: "agent_restarted" });
    else if (one.outcome === "answered")
      lines.push(`- You asked “${said(asked)}”. The answer: ${JSON.stringify(one.answers ?? [])}`);
    else lines.push(`- You asked “${said(asked)}”. A person leaves it to you.`);
  }
  const answers = lines.join("\n").slice(0, MAX_CHARS);
  return [
    "Continue where you stopped. Nobody answered for a while, so your process was ended and started again; what you did before is done, so don't do it again.",
    ...(answers === "" ? [] : ["What people have answered meanwhile:", answers]),
  ].join("\n");
}
