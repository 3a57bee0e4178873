import type { FunctionReturnType } from "convex/server";
import { api } from "../../../convex/_generated/api.js";
import type { Id } from "../../../convex/_generated/dataModel.js";
import { DEADLINES, isLive } from "../../domain/lifecycle.ts";
import { Masker } from "../../domain/mask.ts";
import { AcpClient, AgentServerError, type StreamEntry } from "../acp/client.ts";
import { heldOf, resumeBridge } from "../acp/resume.ts";
import { bridgeContext } from "../acp/context.ts";
import { type BridgeState, EMPTY_BRIDGE, endOfTurn, fromAcp } from "../acp/from-acp.ts";
import { answerQuestion } from "../acp/questions.ts";
import { answerSubagent, subagentOf } from "../acp/subagents.ts";
import { asksClient, promptOf } from "../acp/wire.ts";
import { serviceData } from "../convex/client.ts";
import { follow } from "../convex/live.ts";
import { logOf, sessionOf } from "../convex/session-data.ts";
import { isLeaseLost } from "../convex/refusal.ts";
import { env } from "../env.ts";
import { log, messageOf } from "../log.ts";
import { restartAgent } from "../provision/restart.ts";
import { ProvisionFailure } from "../provision/steps.ts";
import { isGone, type SandboxRef } from "../sandbox/sandbox.ts";
import { AgentLost, endingOf, endsReading, lostSentence, SandboxGone } from "./endings.ts";
import { EventBuffer } from "./event-buffer.ts";
import { causeOf, lookAround, Reach } from "./reach.ts";
import { maskerFor } from "./session-secrets.ts";
import { Silence } from "./silence.ts";
import { SubagentWatch } from "./subagents.ts";

type Inbox = FunctionReturnType<typeof api.sessionCommands.inbox>;
type Command = Inbox["queued"][number];
type CommandId = Command["id"];

/** How long the commands may take to arrive; then the session is let go, for whoever can reach them. */
const INBOX_MS = 30_000;
/** How often it is looked at whether the agent is silent, at least. */
const SILENCE_LOOK_MS = 2_000;
/** How soon an agent answers whose tool is at work. */
const ANSWER_MS = 10_000;
/** A prompt that was posted so recently may not be on its way yet. */
const POSTING_MS = 1_000;
const RECONNECT_MS = 250;
const RESEND_MS = 500;
/** How often a message is posted whose connection breaks, to an agent that is there. */
const POST_TRIES = 5;

/**
 * Carries both ways between one session's sandbox and Convex, while this server holds its lease:
 * the agent's messages become events, and commands become messages to the agent.
 * It ends by itself when the session is idle or over, or when the lease is lost.
 */
export class Pump {
  readonly sessionId: Id<"sandboxSessions">;
  readonly #generation: number;
  readonly #reach: Reach;
  readonly #abort = new AbortController();
  readonly #posts = new Set<Promise<void>>();
  #client!: AcpClient;
  #sandboxId = "";
  #agentSessionId = "";
  #buffer!: EventBuffer;
  #bridge: BridgeState = EMPTY_BRIDGE;
  #models = { provider: "", model: "", masker: new Masker() };
  #run: { id: Id<"runs">; rpcId: string } | null = null;
  #inbox: Inbox | null = null;
  #promptAt = -POSTING_MS;
  #looking = false;
  /** Commands that this pump has posted; a row says only that it was about to. */
  readonly #posted = new Set<CommandId>();
  readonly #ended = new Set<Id<"runs">>();
  #sending: Promise<void> = Promise.resolve();
  #cancelTimer: NodeJS.Timeout | undefined;
  readonly #silence = new Silence(env().STUDIO_AGENT_SILENCE_SECONDS * 1_000, performance.now());
  #ref!: SandboxRef;
  #subagents: SubagentWatch | undefined;

  constructor(sessionId: Id<"sandboxSessions">, generation: number) {
    this.sessionId = sessionId;
    this.#generation = generation;
    this.#reach = new Reach(sessionId, generation);
  }

  /** Works until there is nothing to do; throws nothing. */
  async work(): Promise<void> {
    let unfollow: (() => void) | undefined;
    let watch: NodeJS.Timeout | undefined;
    try {
      let { session, stream } = await sessionOf(this.sessionId);
      if (session.agentRestart) {
        await restartAgent(this.sessionId, this.#generation);
        ({ session, stream } = await sessionOf(this.sessionId));
      }
      if (!session.sandboxId || !session.acpServerId || !session.agentSessionId) return;
      const masker = await maskerFor(session);
      this.#models = { provider: session.provider, model: session.model, masker };
      this.#sandboxId = session.sandboxId;
      this.#agentSessionId = session.agentSessionId;
      this.#buffer = new EventBuffer(this.sessionId, this.#generation, masker);
      const timeoutMs = session.idleTimeoutMs + DEADLINES.sandboxGraceMs;
      const ref = await this.#reach.connect(session.sandboxId, timeoutMs, this.#abort.signal);
      this.#client = new AcpClient(ref, this.sessionId, session.acpServerId);
      this.#ref = ref;
      this.#subagents = new SubagentWatch({
        ref,
        sessionId: this.sessionId,
        agentSessionId: session.agentSessionId,
        models: this.#models,
        tell: (event) => this.#run && this.#buffer.add([{ ...event, runId: this.#run.id }]),
      });
      // Which run is going must be known before the first message is read: what belongs to none is not kept.
      const known = new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(false), INBOX_MS).unref();
        unfollow = follow(api.sessionCommands.inbox, { sessionId: this.sessionId }, (inbox) => {
          this.#onInbox(inbox);
          resolve(true);
        });
      });
      if (!(await known))
        return log("warn", "a session's commands could not be read", { sessionId: this.sessionId });
      watch = setInterval(
        () => void this.#lookForSilence(),
        Math.min(SILENCE_LOOK_MS, env().STUDIO_AGENT_SILENCE_SECONDS * 250),
      );
      if (session.activeRunId) {
        const logged = await logOf(this.sessionId, session.activeRunId);
        this.#bridge = resumeBridge(logged, stream.held);
        this.#silence.resume(logged);
      }
      await this.#read(stream.cursor);
      await this.#buffer.flush();
    } catch (error) {
      if (error instanceof AgentLost) await this.#heal(error.kind);
      else if (!this.#abort.signal.aborted) await this.#giveUp(isGone(error) ? new SandboxGone() : error);
    } finally {
      clearInterval(watch);
      this.#subagents?.stop();
      clearTimeout(this.#cancelTimer);
      unfollow?.();
      this.#abort.abort();
      await Promise.allSettled(this.#posts);
    }
  }

  /** Ends the work, for example because the server stops. What was read but not stored is read again later. */
  stop(): void {
    setTimeout(() => this.#abort.abort(), this.#promptAt + POSTING_MS - performance.now());
  }

  /** Has the agent started anew, by whoever works on the session next: as a rule this server, at once. */
  async #heal(cause: AgentLost["kind"]): Promise<void> {
    log("warn", "a session's agent is started anew", { sessionId: this.sessionId, cause });
    try {
      await this.#buffer.flush();
      const { sessionId } = this;
      await serviceData().mutation(api.sessionAgent.lost, { sessionId, generation: this.#generation, cause });
    } catch (error) {
      if (!isLeaseLost(error))
        log("warn", "a lost agent was not noted", { sessionId: this.sessionId, error: messageOf(error) });
    } finally {
      this.#abort.abort();
    }
  }

  /** Where nothing is heard for long, though no model is at work, nobody is asked, and no tool's agent answers. */
  async #lookForSilence(): Promise<void> {
    if (this.#looking || !this.#run || !this.#silence.isLong(performance.now())) return;
    this.#looking = true;
    try {
      const { sessionId } = this;
      const { waits } = await serviceData().query(api.sessionAgent.waits, { sessionId });
      if (waits || (this.#silence.atWork && (await this.#client.answers(ANSWER_MS))))
        return this.#silence.heard(performance.now());
      if (this.#run && this.#silence.isLong(performance.now())) await this.#heal("agent_silent");
    } catch (error) {
      log("warn", "a silent agent was not looked at", { sessionId: this.sessionId, error: messageOf(error) });
    } finally {
      this.#looking = false;
    }
  }

  async #giveUp(error: unknown): Promise<void> {
    if (isLeaseLost(error)) return;
    log("warn", "a session's connection was given up", {
      sessionId: this.sessionId,
      error: messageOf(error),
    });
    await serviceData()
      .mutation(api.sandboxSessions.fail, {
        sessionId: this.sessionId,
        generation: this.#generation,
        error: lostSentence(error),
        errorKind: error instanceof ProvisionFailure ? "agent_exited" : "sandbox_lost",
      })
      .catch((failure: unknown) =>
        log("error", "a lost session could not be ended", { error: messageOf(failure) }),
      );
  }

  /** Reads the agent's stream until the session is idle or over; connects again where it breaks. */
  async #read(from: number | null): Promise<void> {
    let cursor = from;
    while (!this.#abort.signal.aborted) {
      try {
        const opened = () => this.#reach.opened();
        for await (const entry of this.#client.stream(cursor, this.#abort.signal, opened)) {
          // The agent's server keeps so many messages and no more; what fell out is in the agent's own history.
          if (cursor !== null && entry.id > cursor + 1) throw new AgentLost("stream_gap");
          cursor = entry.id;
          await this.#take(entry);
        }
      } catch (error) {
        if (endsReading(error)) throw error;
        if (this.#abort.signal.aborted) return;
        if (this.#buffer.broken) throw error;
        log("info", "the agent's stream broke", { sessionId: this.sessionId, error: messageOf(error) });
        // A server that was started anew knows nothing of the connection.
        if (error instanceof AgentServerError && error.status === 404) throw new AgentLost("agent_exited");
      }
      if (this.#abort.signal.aborted) return;
      await lookAround(this.#client, this.#sandboxId, this.#reach.broken());
      await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS));
    }
  }

  async #take({ id, message }: StreamEntry): Promise<void> {
    if (message.method === "_adapter/agent_exited") throw new AgentLost("agent_exited");
    if (asksClient(message)) {
      // The agent asks for a client's ability that was not offered; an answer keeps it from waiting.
      this.#post({ id: message.id, error: { code: -32601, message: "Method not found" } });
      return this.#buffer.add([], id, heldOf(this.#bridge));
    }
    if (message.method === undefined && this.#run && message.id === this.#run.rpcId)
      return await this.#endRun(message, id);
    const { state, events } = fromAcp(this.#bridge, message, bridgeContext(this.#models));
    this.#bridge = state;
    this.#silence.events(events, performance.now());
    this.#subagents?.events(events);
    const runId = this.#run?.id;
    // Between runs the agent repeats itself at times; only what belongs to a run is kept.
    this.#buffer.add(runId ? events.map((event) => ({ ...event, runId })) : [], id, heldOf(state));
  }

  async #endRun(message: StreamEntry["message"], cursor: number): Promise<void> {
    const run = this.#run;
    if (!run) return;
    const { events, answer, state } = endOfTurn(this.#bridge, bridgeContext(this.#models));
    this.#bridge = { ...state, answer: "" };
    this.#ended.add(run.id);
    this.#run = null;
    this.#buffer.add(
      events.map((event) => ({ ...event, runId: run.id })),
      cursor,
    );
    await this.#buffer.flush({ runId: run.id, ending: endingOf(message, answer) });
  }

  #onInbox(inbox: Inbox): void {
    this.#inbox = inbox;
    if (!isLive(inbox.status)) return this.#abort.abort();
    // Whoever wakes the session next does it first.
    if (inbox.restart) return this.#abort.abort();
    const running = inbox.activeRunId;
    if (running !== null && inbox.cancelRequestedAt !== null)
      this.#cancelTimer ??= setTimeout(
        () => void this.#endUnheard(running),
        // The two clocks may differ, and either may jump.
        Math.min(DEADLINES.cancelMs, Math.max(0, inbox.cancelRequestedAt + DEADLINES.cancelMs - Date.now())),
      );
    else {
      clearTimeout(this.#cancelTimer);
      this.#cancelTimer = undefined;
    }
    if (running === null && this.#run !== null) this.#run = null;
    this.#adopt(inbox);
    if (inbox.status === "idle" && inbox.queued.length === 0 && this.#run === null)
      return this.#abort.abort();
    this.#sending = this.#sending
      .then(async () => await this.#sendAll())
      .catch((error: unknown) => this.#onFault(error));
  }

  /** A stop that the agent does not hear: the run ends without it, and its processes are ended. */
  async #endUnheard(runId: Id<"runs">): Promise<void> {
    try {
      await this.#buffer.flush();
      const args = { sessionId: this.sessionId, generation: this.#generation, runId };
      await serviceData().mutation(api.sessionAgent.unheard, args);
    } catch (error) {
      this.#onFault(error);
    }
  }

  #onFault(error: unknown): void {
    if (isLeaseLost(error)) return this.#abort.abort();
    log("warn", "a command could not be sent", { sessionId: this.sessionId, error: messageOf(error) });
    setTimeout(() => {
      if (!this.#abort.signal.aborted && this.#inbox) this.#onInbox(this.#inbox);
    }, RESEND_MS).unref();
  }

  /** A run whose prompt another server has sent is the one that is going. */
  #adopt({ activeRunId, activeRpcId, queued, sending }: Inbox): void {
    if (this.#run !== null || activeRunId === null || activeRpcId === null) return;
    // What was read may be older than the run's end.
    if (this.#ended.has(activeRunId)) return;
    const own = [...queued, ...sending.filter(({ generation }) => generation === this.#generation)];
    if (own.some(({ command }) => command.kind === "prompt" && command.runId === activeRunId)) return;
    this.#run = { id: activeRunId, rpcId: activeRpcId };
    // Whether a subagent is at work is not known any more; the next word of the agent says it.
    this.#subagents?.start();
  }

  async #sendAll(): Promise<void> {
    for (const item of this.#inbox?.sending ?? [])
      if (item.generation === this.#generation) await this.#send(item);
    for (const item of this.#inbox?.queued ?? []) await this.#send(item);
  }

  async #send({ id: commandId, command }: Command): Promise<void> {
    if (this.#posted.has(commandId)) return;
    const data = serviceData();
    if (!(await data.mutation(api.sessionCommands.markSending, { commandId, generation: this.#generation })))
      return;
    this.#posted.add(commandId);
    const done = async () => void (await data.mutation(api.sessionCommands.markDone, { commandId }));
    switch (command.kind) {
      case "prompt": {
        this.#run = { id: command.runId, rpcId: command.rpcId };
        this.#promptAt = performance.now();
        this.#silence.heard(this.#promptAt);
        const params = { sessionId: this.#agentSessionId, prompt: promptOf(command.text) };
        // Its answer comes by the stream; the command stays `sending` until the run has ended.
        this.#post({ id: command.rpcId, method: "session/prompt", params }, done);
        return;
      }
      case "decision": {
        const asked: unknown = JSON.parse(command.rpcId);
        const subagent = subagentOf(asked);
        if (subagent !== undefined) {
          await answerSubagent(this.#ref, this.sessionId, subagent, command.optionId);
          return await done();
        }
        this.#post({
          id: asked as string | number,
          result: { outcome: { outcome: "selected", optionId: command.optionId } },
        });
        return await done();
      }
      case "answer":
        await answerQuestion(this.#ref, this.sessionId, command.agentId, command.answers);
        return await done();
      case "cancel":
        this.#post({ method: "session/cancel", params: { sessionId: this.#agentSessionId } });
        return await done();
    }
  }

  async #postFailed(cause: unknown): Promise<void> {
    if (cause instanceof AgentLost) return await this.#heal(cause.kind);
    await this.#giveUp(cause);
    this.#abort.abort();
  }

  /**
   * Posts without waiting for the turn's end; where the agent does not take it, the run cannot go on. A connection that
   * breaks says nothing of that: a prompt's is open for the whole turn, anything else is sent again.
   */
  #post(message: object, after?: () => Promise<void>): void {
    const posted = this.#deliver(message, POST_TRIES)
      .then(async (taken) => (taken ? await after?.() : undefined))
      .catch((error: unknown) => this.#onFault(error))
      .finally(() => this.#posts.delete(posted));
    this.#posts.add(posted);
  }

  async #deliver(message: object, tries: number): Promise<boolean> {
    try {
      await this.#client.post(message, { signal: this.#abort.signal });
      return true;
    } catch (error) {
      // Whoever comes next must not take it for answered.
      if (this.#abort.signal.aborted) return false;
      // A turn longer than the client's patience: its answer comes by the stream all the same.
      if (/HeadersTimeout|UND_ERR_HEADERS_TIMEOUT/.test(String((error as Error).cause))) return true;
      const cause = await causeOf(error, this.#client, this.#sandboxId);
      const broken = cause === error && !(error instanceof AgentServerError) && tries > 1;
      if (!broken) {
        await this.#postFailed(cause);
        return false;
      }
      log("info", "a message's connection broke", { sessionId: this.sessionId, error: messageOf(error) });
      // Should it not have arrived after all, the agent's silence shows it.
      if ("method" in message && message.method === "session/prompt") return true;
      await new Promise((resolve) => setTimeout(resolve, RESEND_MS));
      return await this.#deliver(message, tries - 1);
    }
  }
}
