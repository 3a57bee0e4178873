import type { Id } from "#convex/_generated/dataModel.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import type { RpcMessage } from "../agent/wire.ts";
import type { Inbox } from "./inbox.ts";

type RunId = Id<"runs">;

/** A run at work; `rpcId` names its prompt as JSON-RPC, by which its answer is known. */
export interface Run {
  id: RunId;
  rpcId: string;
}

interface Options {
  /** Of this server's lease. */
  generation: number;
  /** A run is at work whose prompt another server has sent. */
  onTakenOver: () => void;
  /** The agent has not ended a run in time that a person stopped. */
  onCancelIgnored: (runId: RunId) => void;
}

/** Knows which run is at work, from its prompt to its answer, and for how long a stop may go unheard. */
export class RunTracker {
  readonly #options: Options;
  readonly #ended = new Set<RunId>();
  #run: Run | null = null;
  #cancelTimer: NodeJS.Timeout | undefined;

  constructor(options: Options) {
    this.#options = options;
  }

  get current(): Run | null {
    return this.#run;
  }

  /** Its prompt is about to be posted. */
  begin(run: Run): void {
    this.#run = run;
  }

  /** True where a message of the agent answers the run's prompt. */
  isAnsweredBy(message: RpcMessage): boolean {
    return message.method === undefined && this.#run !== null && message.id === this.#run.rpcId;
  }

  /** @returns the run that has ended by its answer, null where none was at work */
  end(): Run | null {
    const run = this.#run;
    if (run) this.#ended.add(run.id);
    this.#run = null;
    return run;
  }

  /** Takes what the database says of the run. */
  follow(inbox: Inbox): void {
    this.#watchCancel(inbox);
    if (inbox.activeRunId === null) this.#run = null;
    this.#takeOver(inbox);
  }

  stop(): void {
    clearTimeout(this.#cancelTimer);
    this.#cancelTimer = undefined;
  }

  #watchCancel({ activeRunId, cancelRequestedAt }: Inbox): void {
    if (activeRunId === null || cancelRequestedAt === null) return this.stop();
    const leftMs = cancelRequestedAt + DEADLINES.cancelMs - Date.now();
    this.#cancelTimer ??= setTimeout(
      () => {
        this.#cancelTimer = undefined;
        this.#options.onCancelIgnored(activeRunId);
      },
      // The two clocks may differ, and either may jump.
      Math.min(DEADLINES.cancelMs, Math.max(0, leftMs)),
    );
  }

  /** A run whose prompt another server has sent is the one at work. */
  #takeOver({ activeRunId, activeRpcId, queued, sending }: Inbox): void {
    if (this.#run !== null || activeRunId === null || activeRpcId === null) return;
    // What was read may be older than the run's end.
    if (this.#ended.has(activeRunId)) return;
    const { generation, onTakenOver } = this.#options;
    const own = [...queued, ...sending.filter((item) => item.generation === generation)];
    if (own.some(({ command }) => command.kind === "prompt" && command.runId === activeRunId)) return;
    this.#run = { id: activeRunId, rpcId: activeRpcId };
    onTakenOver();
  }
}
