import { problemFor } from "#domain/problems.ts";
import { env } from "../env.ts";
import { metrics } from "../telemetry/telemetry.ts";
import { type Fruitless, fruitlessness, missingEnd, noteOf } from "./ending.ts";
import { type Figures, newFigures } from "./figures.ts";
import { responseHeaders } from "./headers.ts";
import type { Held } from "./holds.ts";
import { CallMender } from "./mend.ts";
import { type Call, recordFailure } from "./record.ts";
import { AnswerEndless, ProviderSilent, relay } from "./relay.ts";
import { recordUsage } from "./settle.ts";
import { UsageMeter } from "./usage.ts";
import type { Target } from "./wire.ts";

/** An answer for the agent; `relayed` where it is still coming from the provider. */
export interface Answered {
  response: Response;
  relayed: boolean;
}

export const answered = (response: Response): Answered => ({ response, relayed: false });

/** What a call asked for, as far as it matters for what comes of it. */
export interface Asked {
  streaming: boolean;
  /** Whether it gave the results of tools. */
  afterTools: boolean;
  /** Whether it offers tools: one that does not is for a title or the like, and no step of the run. */
  withTools: boolean;
}

/** Why an answer brought the agent no further, for the person who waits. */
function failureOf(
  why: Fruitless,
  provider: string,
  figures: Figures,
  broken: unknown,
): { status: number; error: string } {
  const said = ({ message }: { message: string }, status = 502) => ({ status, error: message });
  switch (why) {
    case "error": {
      const { status, type } = figures.failure ?? { status: 502, type: "error" };
      return said(problemFor("gateway_answer_failed", { provider, type }), status);
    }
    case "broken":
      if (broken instanceof ProviderSilent)
        return said(problemFor("gateway_answer_silent", { provider }), 504);
      if (broken instanceof AnswerEndless) return said(problemFor("gateway_answer_endless", { provider }));
      return said(problemFor("gateway_answer_broken", { provider }));
    case "empty":
      return said(problemFor("gateway_empty", { provider }));
    case "web_page":
      return said(problemFor("gateway_web_page", { provider }));
    case "not_stream":
      return said(problemFor("gateway_not_stream", { provider }));
    case "unreadable":
      return said(problemFor("gateway_unreadable", { provider }));
  }
}

/** Overload is waited for, however often it comes; all else that brings nothing is counted. */
const isOverload = (status: number) => status === 429 || status === 503 || status === 529;

/** A provider's answer, counted while it passes; an end that the agent's client would not know is added to it. */
export async function passAnswer(
  call: Call,
  held: Held,
  target: Target,
  answer: Response,
  { signal, asked }: { signal: AbortSignal; asked: Asked },
): Promise<Answered> {
  const headers = responseHeaders(answer.headers, call.requestId);
  const contentType = answer.headers.get("content-type");
  const { format } = target;
  const { name } = call.upstream;
  const meter = new UsageMeter(format, contentType);
  const done = async (broken?: unknown, agentGone = false) => {
    const figures = answer.body ? meter.end() : newFigures();
    const why = fruitlessness(format, meter.ending, {
      ...asked,
      contentType,
      unread: figures.unread,
      failed: figures.failure !== null,
      // What breaks off behind its figures was whole.
      broken: broken !== undefined && !figures.final,
    });
    // That an agent was stopped, or has gone away, is no fault of its provider.
    const pardoned = agentGone && (why === "broken" || why === "empty");
    if (why !== undefined && !pardoned) {
      const { status, error } = failureOf(why, name, figures, broken);
      const overload = isOverload(status);
      await recordFailure(call, { status, error, waits: overload, fruitless: asked.withTools && !overload });
    }
    const told = broken === undefined && why === undefined && !figures.unread && asked.withTools;
    const note = told ? noteOf(format, meter.ending) : undefined;
    // Only a step of the run that brought something shows that it goes on.
    const fruitless = why !== undefined || !asked.withTools;
    const isWhole = broken === undefined && why === undefined;
    const { text, reason } = meter.ending;
    await recordUsage(call, held, figures, {
      broken: broken !== undefined,
      fruitless,
      note,
      ...(isWhole && { said: { text, reason: reason ?? "" } }),
    });
  };
  if (!answer.body) {
    await done();
    return answered(new Response(null, { status: answer.status, headers }));
  }
  const over = async (broken: unknown, agentGone: boolean) => {
    try {
      await done(broken, agentGone);
    } finally {
      call.place.leave();
      metrics().modelCall(
        call.session.provider,
        broken === undefined ? "ok" : "failed",
        performance.now() - call.startedAt,
      );
      call.span.end(broken);
    }
  };
  const streams = contentType?.includes("text/event-stream") ?? false;
  const tail = () => {
    const { failure, unread } = meter.end();
    return streams && !failure && !unread ? missingEnd(format, meter.ending) : null;
  };
  const silenceMs = env().STUDIO_MODEL_SILENCE_SECONDS * 1_000;
  const mender = streams && format === "openai-chat" ? new CallMender() : undefined;
  const body = relay(answer.body, meter, { signal, done: over, tail, mender, silenceMs });
  return { response: new Response(body, { status: answer.status, headers }), relayed: true };
}
