import { api } from "#convex/_generated/api.js";
import { answerQuestion } from "../agent/questions.ts";
import { answerSubagent, explainRefusal, subagentOf } from "../agent/subagents.ts";
import { promptOf, skillParts } from "../agent/wire.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { metrics, traced } from "../telemetry/telemetry.ts";
import type { AgentConnection } from "./agent-connection.ts";
import type { AgentPoster } from "./agent-poster.ts";
import type { Command, Inbox } from "./inbox.ts";
import type { Lease } from "./lease.ts";
import type { Run } from "./run-tracker.ts";

/** A prompt that was posted so recently may not be on its way yet. */
const POSTING_MS = 1_000;

interface Options {
  lease: Lease;
  agent: Pick<AgentConnection, "place" | "agentSessionId">;
  poster: Pick<AgentPoster, "post">;
  /** A prompt is about to be posted. */
  onPrompt: (run: Run) => void;
  /** Saves how the last turn has ended, before another prompt changes it. */
  saveTurn: () => Promise<void>;
  /** Something was not sent: the inbox is to be given again. */
  onFault: (error: unknown) => void;
  data?: Data;
}

/**
 * Sends a session's commands to its agent, in order and each once: a row is marked before its message is posted, and
 * what another server had marked is not sent again.
 */
export class CommandSender {
  readonly #options: Options;
  readonly #data: Data;
  /** Commands that were posted here; a row says only that somebody was about to. */
  readonly #posted = new Set<Command["id"]>();
  #inbox: Inbox | null = null;
  #sending: Promise<void> = Promise.resolve();
  #promptAt = -POSTING_MS;

  constructor(options: Options) {
    this.#options = options;
    this.#data = options.data ?? serviceData();
  }

  /** For how many milliseconds a prompt may still be on its way: less than none where all are. */
  get postingForMs(): number {
    return this.#promptAt + POSTING_MS - performance.now();
  }

  /** Sends what is to be sent, after what is being sent. */
  send(inbox: Inbox): void {
    this.#inbox = inbox;
    this.#sending = this.#sending
      .then(async () => await this.#sendAll())
      .catch((error: unknown) => this.#options.onFault(error));
  }

  async #sendAll(): Promise<void> {
    const { generation } = this.#options.lease;
    for (const item of this.#inbox?.sending ?? []) if (item.generation === generation) await this.#send(item);
    for (const item of this.#inbox?.queued ?? []) await this.#send(item);
  }

  async #send(item: Command): Promise<void> {
    if (this.#posted.has(item.id)) return;
    const { kind } = item.command;
    const options = { kind: "consumer" as const, parent: item.traceparent, attributes: { kind } };
    await traced("session.command", options, async () => await this.#post(item));
  }

  async #post({ id: commandId, command, createdAt }: Command): Promise<void> {
    const { lease, agent, poster, onPrompt } = this.#options;
    const { generation } = lease;
    if (command.kind === "prompt" && this.#inbox?.unsaved) await this.#options.saveTurn();
    if (!(await this.#data.mutation(api.sessionCommands.markSending, { commandId, generation }))) return;
    this.#posted.add(commandId);
    metrics().queueWait(command.kind, Math.max(0, Date.now() - createdAt));
    const done = async () => void (await this.#data.mutation(api.sessionCommands.markDone, { commandId }));
    const sessionId = agent.agentSessionId;
    switch (command.kind) {
      case "prompt":
        this.#promptAt = performance.now();
        onPrompt({ id: command.runId, rpcId: command.rpcId });
        // Its answer comes by the stream; the command stays `sending` until the run has ended.
        return poster.post(
          {
            id: command.rpcId,
            method: "session/prompt",
            params: { sessionId, prompt: [...skillParts(command.skills), ...promptOf(command.text)] },
          },
          done,
        );
      case "decision":
        await this.#delivered(commandId, async () => await this.#decide(command));
        return await done();
      case "answer":
        await this.#delivered(
          commandId,
          async () => await answerQuestion(agent.place, command.agentId, command.answers),
        );
        return await done();
      case "cancel":
        poster.post({ method: "session/cancel", params: { sessionId } });
        return await done();
    }
  }

  /** What did not arrive is sent again; the agent takes a second time as nothing new. */
  async #delivered(commandId: Command["id"], deliver: () => Promise<void>): Promise<void> {
    try {
      await deliver();
    } catch (error) {
      this.#posted.delete(commandId);
      throw error;
    }
  }

  async #decide(decision: Extract<Command["command"], { kind: "decision" }>): Promise<void> {
    const { agent, poster } = this.#options;
    const asked: unknown = JSON.parse(decision.rpcId);
    const subagent = subagentOf(asked);
    if (subagent !== undefined) return await answerSubagent(agent.place, subagent, decision);
    await explainRefusal(agent.place, agent.agentSessionId, decision);
    poster.post({ id: asked, result: { outcome: { outcome: "selected", optionId: decision.optionId } } });
  }
}
