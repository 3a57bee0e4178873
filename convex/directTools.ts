import { v } from "convex/values";
import { LIMITS } from "#domain/limits.ts";
import { PERSON } from "#domain/event-people.ts";
import { isLive } from "#domain/lifecycle.ts";
import { coversBeforehand } from "#domain/approvers.ts";
import { kindsOf } from "#domain/rules/kinds.ts";
import { actorMutation, orgQuery, refuse } from "./functions.ts";
import { needFor } from "./model/approvers.ts";
import { refuseFrozen } from "./model/frozen.ts";
import { noteUse, verdictOf } from "./model/rules.ts";
import { SessionWriter } from "./model/session-writer.ts";
import { mayDrive, sessionOf } from "./model/sessions.ts";

/** Characters of a command that the audit log keeps. */
const AUDITED = 500;

/**
 * A person is about to run a command in a session's sandbox: says so in its log and in the audit log, before anything
 * runs. A rule that asks is answered by the person's asking; one that denies holds for them as well.
 * @throws not_found | forbidden | session_stopped
 */
export const begin = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "entry",
  bounds: { commandId: LIMITS.requestKey, command: LIMITS.shellCommand },
  args: { sessionId: v.string(), commandId: v.string(), command: v.string() },
  returns: v.null(),
  handler: async (ctx, { sessionId, commandId, command }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    if (!isLive(session.status)) throw refuse("session_ended");
    await refuseFrozen(ctx, session.organizationId);
    // Who asks is a person: what they might approve themselves they need not ask for.
    const asked = { tool: "bash", kind: "execute", request: { command } };
    const askedById = ctx.caller.user._id;
    const need = await needFor(ctx, session, kindsOf(asked));
    const { action, rules } = await verdictOf(ctx, session, asked, { need, askedById });
    if (action === "auto_deny") throw refuse("rule_denies_command", { rule: rules[0]?.name ?? "" });
    const isAllowed = action === "auto_approve" && rules.length > 0;
    if (!isAllowed && !coversBeforehand(need, { role: ctx.caller.role, userId: askedById }, askedById))
      throw refuse(need.someoneElse ? "approver_command_self" : "approver_command_role");
    await noteUse(ctx, rules);
    const writer = await SessionWriter.open(ctx, session);
    await writer.append(
      {
        type: "command.started",
        source: "api.user",
        payload: { command_id: commandId, command, run_by: PERSON },
      },
      { personId: ctx.caller.user._id },
    );
    await writer.save();
    await ctx.report({
      action: "session.command_run",
      target: session._id,
      after: { command: command.slice(0, AUDITED) },
    });
    return null;
  },
});

/**
 * Whether a person may read, list or write a file of a session's workspace by API: a rule that denies that to the agent
 * denies it to them as well, and a change needs what approving it would need.
 * @throws not_found | forbidden | session_stopped
 */
export const mayUseFile = orgQuery({
  min: "member",
  scope: "sessions:write",
  bounds: { path: LIMITS.workspacePathOrNone },
  args: {
    sessionId: v.string(),
    action: v.union(v.literal("read"), v.literal("list"), v.literal("write")),
    path: v.string(),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, action, path }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    if (!isLive(session.status)) throw refuse("session_ended");
    await refuseFrozen(ctx, session.organizationId);
    const asked = {
      read: { tool: "read", kind: "read", request: { filePath: path } },
      list: { tool: "list", kind: "search", request: { path } },
      write: { tool: "write", kind: "edit", request: { filePath: path }, diff: { path } },
    }[action];
    const askedById = ctx.caller.user._id;
    const need = await needFor(ctx, session, kindsOf(asked));
    const { action: verdict, rules } = await verdictOf(ctx, session, asked, { need, askedById });
    if (verdict === "auto_deny") throw refuse("rule_denies_file", { rule: rules[0]?.name ?? "" });
    const isAllowed = verdict === "auto_approve" && rules.length > 0;
    if (action !== "write" || isAllowed) return null;
    if (!coversBeforehand(need, { role: ctx.caller.role, userId: askedById }, askedById))
      throw refuse(need.someoneElse ? "approver_command_self" : "approver_command_role");
    return null;
  },
});

/** What came of it. A session that has ended meanwhile has it in its log all the same. */
export const end = actorMutation({
  min: "member",
  scope: "sessions:write",
  audit: "session-log",
  bounds: {
    commandId: LIMITS.requestKey,
    command: LIMITS.shellCommand,
    output: LIMITS.shellOutput,
    durationMs: LIMITS.durationMs,
    exitCode: LIMITS.exitCode,
  },
  args: {
    sessionId: v.string(),
    commandId: v.string(),
    command: v.string(),
    exitCode: v.nullable(v.number()),
    timedOut: v.boolean(),
    durationMs: v.number(),
    output: v.string(),
  },
  returns: v.null(),
  handler: async (ctx, { sessionId, commandId, exitCode, timedOut, durationMs, command, output }) => {
    const session = await sessionOf(ctx, ctx.caller, sessionId);
    mayDrive(ctx.caller, session);
    const writer = await SessionWriter.open(ctx, session);
    await writer.append({
      type: "command.ended",
      source: "api.user",
      payload: {
        command_id: commandId,
        command,
        exit_code: exitCode,
        timed_out: timedOut,
        duration_ms: durationMs,
        output,
      },
    });
    await writer.save();
    return null;
  },
});
