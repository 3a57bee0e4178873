import type { Id } from "#convex/_generated/dataModel.js";
import type { Inbox } from "#server/engine/inbox.ts";

export const LEASE = { sessionId: "s1" as Id<"sandboxSessions">, generation: 7 };
export const RUN = "r1" as Id<"runs">;
export const PLACE = {
  ref: { sandboxId: "box", trafficUrl: "http://127.0.0.1:9", trafficToken: undefined },
  sessionId: LEASE.sessionId,
  acpServerId: "acp",
};

export const EMPTY_INBOX: Inbox = {
  cancelRequestedAt: null,
  status: "active",
  activeRunId: RUN,
  activeRpcId: "rpc-1",
  restart: false,
  rewind: false,
  unsaved: false,
  queued: [],
  sending: [],
};

export const prompt = (id: string, text = "hello") => ({
  id: id as Id<"sessionCommands">,
  createdAt: 0,
  command: { kind: "prompt" as const, runId: RUN, rpcId: "rpc-1", text },
});
export const cancel = (id: string) => ({
  id: id as Id<"sessionCommands">,
  createdAt: 0,
  command: { kind: "cancel" as const, runId: RUN },
});
