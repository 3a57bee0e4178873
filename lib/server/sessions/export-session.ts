import type { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { exportReview } from "#contracts/sessions-v1.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { ExportMask, ExportReview } from "#domain/export-mask.ts";
import { MAX_EVENTS_PAGE } from "#domain/limits.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";
import { downloadOf, fileName } from "../http/download.ts";
import { ENDS, type ExportFormat, type ExportHead, MEDIA, WRITERS } from "./export-writers.ts";
import { listEvents } from "./read.ts";
import { factsOf } from "./v1.ts";

type Facts = Awaited<ReturnType<typeof factsOf>>;
/** A session's log, page by page; of one that was imported as its file has it, with the ids there. */
async function* pagesOf(
  caller: Principal,
  { id: sessionId, imported_at: importedAt }: Facts["session"],
): AsyncGenerator<EventEnvelope[]> {
  for (let after = 0, isDone = importedAt === undefined; !isDone;) {
    const page = await dataFor(caller).query(api.sessionImports.texts, {
      sessionId,
      after,
      limit: MAX_EVENTS_PAGE,
    });
    yield page.events.map((text) => JSON.parse(text) as EventEnvelope);
    ({ last: after, isDone } = page);
  }
  if (importedAt !== undefined) return;
  for (let cursor: number | null = 0; cursor !== null;) {
    const page = await listEvents(caller, sessionId, { limit: MAX_EVENTS_PAGE, cursor, from_seq: 1 });
    yield page.events;
    cursor = page.next_cursor === null ? null : Number(page.next_cursor);
  }
}

/** What stands before the events: of a session that was imported with more than events, what its file has there. */
async function headOf(caller: Principal, facts: Facts): Promise<ExportHead> {
  const { id: sessionId, imported_at: importedAt } = facts.session;
  const own: ExportHead = { export_version: 1, exported_at: new Date().toISOString(), ...facts };
  if (importedAt === undefined) return own;
  const text = await dataFor(caller).query(api.sessionImports.head, { sessionId });
  return text === null ? own : (JSON.parse(text) as ExportHead);
}

/** What of a session's facts people have written: only that is masked by hand. */
const masked = (head: ExportHead, mask: ExportMask): ExportHead => {
  const { session, agent } = head;
  return {
    ...head,
    session: { ...session, title: mask.text(session.title), agent_name: mask.value(session.agent_name) },
    agent: agent && {
      ...agent,
      name: mask.text(agent.name),
      description: mask.value(agent.description),
      system_prompt: mask.value(agent.system_prompt),
    },
  };
};

/**
 * A session's whole log as a download.
 * @param texts what a person wants hidden in it, beside what the log hides
 * @throws HttpError not_found
 */
export async function exportSession(
  caller: Principal,
  id: string,
  format: ExportFormat,
  texts: readonly string[] = [],
): Promise<Response> {
  const mask = new ExportMask(texts);
  const facts = await factsOf(caller, id);
  const head = masked(await headOf(caller, facts), mask);
  return await downloadOf(WRITERS[format]({ pages: pagesOf(caller, facts.session), head, mask }), {
    media: MEDIA[format],
    name: `session-${fileName(facts.session.id, "export")}.${ENDS[format]}`,
    of: "a session's export",
  });
}

/** What a session's export hides, and where. @throws HttpError not_found */
export async function reviewExport(
  caller: Principal,
  id: string,
  texts: readonly string[],
): Promise<z.infer<typeof exportReview>> {
  const facts = await factsOf(caller, id);
  const { session } = facts;
  const { agent, ...head } = await headOf(caller, facts);
  const review = new ExportReview(texts);
  review.value({
    title: head.session.title,
    agent: agent && { name: agent.name, description: agent.description, system_prompt: agent.system_prompt },
  });
  for await (const events of pagesOf(caller, session)) for (const event of events) review.event(event);
  return { events: review.events, masked: review.masked };
}
