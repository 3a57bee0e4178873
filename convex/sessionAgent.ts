import { v } from "convex/values";
import { serviceMutation } from "./functions.ts";
import { checkLease } from "./model/leases.ts";
import { resumeRun } from "./model/runs.ts";
import { SessionWriter } from "./model/session-writer.ts";

/**
 * The agent was started anew and knows its history: the run that was going goes on.
 * `cursor` is the place in the new connection's stream behind that history; `rpcId` a UUID for the next prompt.
 * @throws lease_lost where another server holds the session
 */
export const restarted = serviceMutation({
  args: {
    sessionId: v.id("sandboxSessions"),
    generation: v.number(),
    acpServerId: v.string(),
    cursor: v.number(),
    rpcId: v.string(),
  },
  handler: async (ctx, { sessionId, generation, acpServerId, cursor, rpcId }) => {
    const writer = await SessionWriter.open(ctx, sessionId);
    checkLease(writer.stream, generation);
    const { agentRestart: cause, activeRunId } = writer.session;
    if (cause === undefined) return;
    writer.patch({ agentRestart: undefined, acpServerId });
    writer.patchStream({ cursor });
    await writer.append({ type: "agent.restarted", source: "studio.lifecycle", payload: { cause } });
    await writer.wait(null);
    if (activeRunId) await resumeRun(writer, activeRunId, rpcId);
    await writer.save();
  },
});
