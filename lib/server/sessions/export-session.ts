import type { z } from "zod";
import type { sessionExport, sessionExportQuery } from "#contracts/sessions-v1.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { MAX_EVENTS_PAGE } from "#domain/limits.ts";
import type { Principal } from "#domain/principal.ts";
import { eventMarkdown, headMarkdown } from "#domain/session-markdown.ts";
import { downloadOf, fileName } from "../http/download.ts";
import { listEvents } from "./read.ts";
import { factsOf } from "./v1.ts";

type Facts = Awaited<ReturnType<typeof factsOf>>;
type Format = z.output<typeof sessionExportQuery>["format"];
const MEDIA = { json: "application/json", jsonl: "application/x-ndjson", markdown: "text/markdown" } as const;
const ENDS = { json: "json", jsonl: "jsonl", markdown: "md" } as const;

/** A session's log, page by page. */
async function* pagesOf(caller: Principal, sessionId: string): AsyncGenerator<EventEnvelope[]> {
  for (let cursor: number | null = 0; cursor !== null;) {
    const page = await listEvents(caller, sessionId, { limit: MAX_EVENTS_PAGE, cursor, from_seq: 1 });
    yield page.events;
    cursor = page.next_cursor === null ? null : Number(page.next_cursor);
  }
}

async function* asJson(caller: Principal, facts: Facts): AsyncGenerator<string> {
  const head: Omit<z.infer<typeof sessionExport>, "events"> = {
    export_version: 1,
    exported_at: new Date().toISOString(),
    ...facts,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"events":[`;
  let between = "";
  for await (const events of pagesOf(caller, facts.session.id)) {
    if (events.length === 0) continue;
    yield `${between}\n${events.map((event) => JSON.stringify(event)).join(",\n")}`;
    between = ",";
  }
  yield "\n]}\n";
}

async function* asLines(caller: Principal, { session }: Facts): AsyncGenerator<string> {
  for await (const events of pagesOf(caller, session.id))
    yield events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

async function* asMarkdown(caller: Principal, { session, agent, stats }: Facts): AsyncGenerator<string> {
  yield headMarkdown(session.title, [
    ["Session", session.id],
    ["Began", session.created_at],
    ["State", session.status],
    ["Environment", session.environment],
    ["Model", `${session.provider}/${session.model}`],
    ...(agent ? [["Agent", agent.name] as const] : []),
    ["Cost", `$${stats.total_cost_usd.toFixed(4)}`],
  ]);
  for await (const events of pagesOf(caller, session.id)) yield events.map(eventMarkdown).join("");
}

const WRITERS = { json: asJson, jsonl: asLines, markdown: asMarkdown } as const satisfies Record<
  Format,
  unknown
>;

/** A session's whole log as a download. @throws HttpError not_found */
export async function exportSession(caller: Principal, id: string, format: Format): Promise<Response> {
  const facts = await factsOf(caller, id);
  return await downloadOf(WRITERS[format](caller, facts), {
    media: MEDIA[format],
    name: `session-${fileName(facts.session.id, "export")}.${ENDS[format]}`,
    of: "a session's export",
  });
}
