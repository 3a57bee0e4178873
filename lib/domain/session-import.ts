/** What of a session's export is taken back: a log to be read, and never one of Studio's own. Pure. */
import { z } from "zod";
import { EVENT_PAYLOADS, type EventEnvelope, type EventType, envelopeSchema } from "./events.ts";

/** In front of a run's id in an imported log: it names nothing here, whatever the file says. */
export const IMPORTED_RUN = "imported:";

/** JSON that is nested deeper is refused: what reads it goes down each level. */
export const MAX_IMPORT_DEPTH = 64;

/** An event as an export has it. A type that this version doesn't know stays as it is. */
const importedEnvelope = z.strictObject({
  ...envelopeSchema.shape,
  event_id: z.string().min(1).max(200),
  type: z.string().regex(/^[a-z][a-z0-9_.]{0,99}$/, "must be the type of an event, such as run.started"),
  ts: z.iso.datetime(),
  session_id: z.string().min(1).max(200),
  run_id: z.string().min(1).max(200).optional(),
  seq: z.number().int().positive(),
  source: z.string().max(200),
  cost_usd: z.number().min(0).max(1_000_000).optional(),
});

/** What is wrong with a value, and where in it. */
export interface ImportFault {
  path: string;
  message: string;
}

/** Of a text that can't be read as JSON. */
export const NO_JSON: ImportFault = { path: "", message: "is no JSON." };

/** Of an event that is not the one that follows. */
export const seqFault = (seq: number): ImportFault => ({ path: "seq", message: `must be ${seq}.` });

/** The first fault that a schema finds. */
export function faultIn(error: z.ZodError, under: readonly string[] = []): ImportFault {
  const issue = error.issues[0];
  const path = [...under, ...(issue?.path ?? []).map(String)].join(".");
  return { path: path.slice(0, 200), message: (issue?.message ?? "is not valid").slice(0, 300) };
}

/** Checks a value as an event of an export. */
export function checkImported(value: unknown): { event: EventEnvelope } | { fault: ImportFault } {
  const read = importedEnvelope.safeParse(value);
  if (!read.success) return { fault: faultIn(read.error) };
  const payload = Object.hasOwn(EVENT_PAYLOADS, read.data.type)
    ? EVENT_PAYLOADS[read.data.type as EventType].safeParse(read.data.payload)
    : undefined;
  if (payload && !payload.success) return { fault: faultIn(payload.error, ["payload"]) };
  // As it was sent, not as a schema has copied it: what a payload has beyond its type's fields stays.
  return { event: value as EventEnvelope };
}

/** What a log without a head says of its session. */
export interface ImportedFacts {
  title: string;
  provider: string;
  model: string;
  agentName?: string;
}

const MAX_TITLE = 200;

/** A text of a file, as a row has it: no half of a pair of surrogates, and not longer than `max` characters. */
const short = (text: string, max: number): string =>
  Array.from(text.toWellFormed(), (char) => char)
    .slice(0, max)
    .join("");

/** A session's facts where its file says nothing of them. */
export const UNKNOWN_FACTS: ImportedFacts = { title: "", provider: "", model: "" };

const named = (text: string): string => {
  const bounded = short(text, MAX_TITLE);
  return bounded.trim() === "" ? "unknown" : bounded;
};

/** A session's facts, bounded as a row has them. */
export function boundedFacts({ title, provider, model, agentName }: ImportedFacts): ImportedFacts {
  const trimmed = short(title, MAX_TITLE).trim();
  return {
    title: trimmed === "" ? "Imported session" : trimmed,
    provider: named(provider),
    model: named(model),
    ...(agentName !== undefined && agentName.trim() !== "" && { agentName: short(agentName, 100) }),
  };
}

/** The facts as they follow from a log, event by event. */
export function factsAfter(facts: ImportedFacts, { type, payload }: EventEnvelope): ImportedFacts {
  const text = (name: string) => (typeof payload[name] === "string" ? payload[name] : undefined);
  if (type === "session.renamed") return { ...facts, title: text("title") ?? facts.title };
  if (type !== "session.started") return facts;
  const agentName = text("agent_name");
  return {
    title: text("title") ?? facts.title,
    provider: text("provider") ?? facts.provider,
    model: text("model") ?? facts.model,
    ...(agentName !== undefined && { agentName }),
  };
}
