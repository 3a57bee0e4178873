import { DEADLINES, isLive } from "#domain/lifecycle.ts";
import { logOf } from "../convex/session-data.ts";
import { env } from "../env.ts";
import { log } from "../log.ts";
import { stopAgentServer } from "../sandbox-start/agent-server.ts";
import { openSandbox } from "../sandbox/sandbox.ts";
import { type AgentConnection, connectAgent } from "./agent-connection.ts";
import { AgentPoster } from "./agent-poster.ts";
import { takeTitle } from "./agent-title.ts";
import { AgentRecorder } from "./agent-recorder.ts";
import { CommandSender } from "./command-sender.ts";
import { causeOfFailedPost, throwIfLost } from "./diagnosis.ts";
import { AgentLost } from "./endings.ts";
import { EventBuffer } from "./event-buffer.ts";
import { failSession, RelayFaults } from "./faults.ts";
import { fileLook } from "./file-look.ts";
import { type Inbox, InboxFeed } from "./inbox.ts";
import type { Lease } from "./lease.ts";
import { type Run, RunTracker } from "./run-tracker.ts";
import { SandboxConnector } from "./sandbox-connector.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { offerSkills } from "./skill-offers.ts";
import { StreamReader } from "./stream-reader.ts";
import { saveTurnFirst } from "../checkpoints/turn-save.ts";
import { SubagentWatch } from "./subagent-watch.ts";

/**
 * Carries both ways between one session's sandbox and Convex under a lease: what the agent says becomes events, and
 * commands become messages to the agent. It ends by itself when the session is idle or over, or the lease is lost.
 */
export class SessionRelay {
  readonly #lease: Lease;
  readonly #abort = new AbortController();
  #sender: CommandSender | undefined;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  /** Works until there is nothing to do; throws nothing. */
  async work(): Promise<void> {
    const connector = new SandboxConnector(this.#lease);
    try {
      const agent = await connectAgent(this.#lease, connector, this.#abort.signal);
      if (agent) await this.#carry(agent, connector);
    } catch (error) {
      if (!this.#abort.signal.aborted) await failSession(this.#lease, error);
    } finally {
      this.#abort.abort();
    }
  }

  /** Ends the work, for example because the server stops. What was read but not stored is read again later. */
  stop(): void {
    setTimeout(() => this.#abort.abort(), this.#sender?.postingForMs ?? 0);
  }

  async #carry(agent: AgentConnection, connector: SandboxConnector): Promise<void> {
    // Told to stop while it was connecting: what it marked as sent now would not be.
    if (this.#abort.signal.aborted) return;
    const lease = this.#lease;
    const { sessionId, generation } = lease;
    const { client, sandboxId, models } = agent;
    const { signal } = this.#abort;
    const end = () => this.#abort.abort();
    const buffer = new EventBuffer(lease, models.masker, () => faults.violated());
    const faults = new RelayFaults({
      lease,
      buffer,
      end,
      sendAgain: () => inbox.again(),
      endAgent: async () => await stopAgentServer(await openSandbox(sandboxId, agent.sandboxTimeoutMs)),
    });
    const onFault = (error: unknown) => faults.commandFailed(error);
    const runs = new RunTracker({
      generation,
      // Whether a subagent is at work is no longer known; the next word of the agent says it.
      onTakenOver: () => subagents.start(),
      onCancelIgnored: (runId) => void faults.cancelIgnored(runId),
    });
    const look = fileLook(agent, sessionId);
    const subagents = new SubagentWatch({
      ...agent,
      look,
      tell: (event) => runs.current && buffer.add([{ ...event, runId: runs.current.id }]),
    });
    const watch = new SilenceWatch({
      sessionId,
      limitMs: env().STUDIO_AGENT_SILENCE_SECONDS * 1_000,
      client,
      isAtWork: () => runs.current !== null,
      onSilent: async () => await faults.agentLost("agent_silent"),
    });
    const poster = new AgentPoster({
      sessionId,
      client,
      signal,
      causeOf: async (error) => await causeOfFailedPost(error, client, sandboxId),
      onLost: async (cause) => await faults.lost(cause),
      onFault,
    });
    // Of a run that began elsewhere no more is known than how long one may take.
    let begunAt = performance.now() - DEADLINES.runMs;
    const onPrompt = (run: Run) => {
      begunAt = performance.now();
      runs.begin(run);
      watch.silence.heard(performance.now());
    };
    const sender = (this.#sender = new CommandSender({
      lease,
      agent,
      poster,
      onPrompt,
      saveTurn: async () => await saveTurnFirst(sessionId),
      onFault,
    }));
    const onInbox = (now: Inbox) => {
      // The server that wakes the session next restarts the agent first, or has it go back.
      if (!isLive(now.status) || now.restart || now.rewind) return end();
      runs.follow(now);
      if (now.status === "idle" && now.queued.length === 0 && runs.current === null) return end();
      sender.send(now);
    };
    const inbox = new InboxFeed({ sessionId, signal, onInbox });
    const recorder = new AgentRecorder({
      models,
      runs,
      buffer,
      poster,
      look,
      onEnded: (runId, acted) => {
        void takeTitle(agent, runId);
        if (acted) void offerSkills(agent, lease, performance.now() - begunAt);
      },
      listeners: [watch.silence, subagents],
    });
    const reader = new StreamReader({
      sessionId,
      client,
      connector,
      signal,
      take: async (entry) => await recorder.take(entry),
      isBroken: () => buffer.broken,
      throwIfLost: async (brokenForMs) => await throwIfLost(client, sandboxId, brokenForMs),
    });
    try {
      // Which run is going must be known before the first message is read: what belongs to none is not kept.
      if (!(await inbox.start())) return log("warn", "a session's commands could not be read", { sessionId });
      watch.start();
      if (agent.activeRunId) {
        const logged = await logOf(sessionId, agent.activeRunId);
        recorder.resume(logged, agent.held);
        watch.silence.resume(logged);
      }
      await reader.read(agent.cursor);
      await buffer.flush();
    } catch (error) {
      if (error instanceof AgentLost || !signal.aborted) await faults.lost(error);
    } finally {
      watch.stop();
      subagents.stop();
      runs.stop();
      inbox.stop();
      end();
      await Promise.all([poster.settle(), faults.settle()]);
    }
  }
}
