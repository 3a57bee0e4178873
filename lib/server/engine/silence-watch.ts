import { api } from "#convex/_generated/api.js";
import type { AcpClient } from "../agent/client.ts";
import { type Data, serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import type { Lease } from "./lease.ts";
import { Silence } from "./silence.ts";

/** How often it is looked at whether the agent is silent, at least. */
const LOOK_MS = 2_000;
/** How soon an agent answers whose tool is at work. */
const ANSWER_MS = 10_000;

interface Options {
  sessionId: Lease["sessionId"];
  /** How long an agent at work may say nothing. */
  limitMs: number;
  client: Pick<AcpClient, "answers">;
  isAtWork: () => boolean;
  /** The agent is silent, and nothing explains it. */
  onSilent: () => Promise<void>;
  data?: Data;
}

/** Notices where an agent at work says nothing for long, though no model is at work, nobody is asked, and no tool runs. */
export class SilenceWatch {
  readonly silence: Silence;
  readonly #options: Options;
  readonly #data: Data;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(options: Options) {
    this.#options = options;
    this.silence = new Silence(options.limitMs, performance.now());
    this.#data = options.data ?? serviceData();
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), Math.min(LOOK_MS, this.#options.limitMs / 4));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** One look; throws nothing. */
  async look(): Promise<void> {
    const { sessionId, limitMs, client, isAtWork, onSilent } = this.#options;
    const { silence } = this;
    const isSilent = () => isAtWork() && silence.isLong(performance.now());
    if (this.#looking || !isSilent()) return;
    this.#looking = true;
    try {
      const { waits } = await this.#data.query(api.sessionAgent.waits, { sessionId, limitMs });
      if (waits || (silence.atWork && (await client.answers(ANSWER_MS))))
        return silence.heard(performance.now());
      if (isSilent()) await onSilent();
    } catch (error) {
      log("warn", "a silent agent was not looked at", { sessionId, error: messageOf(error) });
    } finally {
      this.#looking = false;
    }
  }
}
