import type { z } from "zod";
import type { sessionExport, sessionExportQuery } from "#contracts/sessions-v1.ts";
import type { EventEnvelope } from "#domain/events.ts";
import type { ExportMask } from "#domain/export-mask.ts";
import { eventMarkdown, headMarkdown } from "#domain/session-markdown.ts";

export type ExportFormat = z.output<typeof sessionExportQuery>["format"];
/** What stands before the events. */
export type ExportHead = Omit<z.infer<typeof sessionExport>, "events">;
export const MEDIA = {
  json: "application/json",
  jsonl: "application/x-ndjson",
  markdown: "text/markdown",
} as const;
export const ENDS = { json: "json", jsonl: "jsonl", markdown: "md" } as const;

interface Exported {
  /** The log, some events at a time. */
  pages: AsyncIterable<readonly EventEnvelope[]>;
  head: ExportHead;
  mask: ExportMask;
}

async function* maskedPages({ pages, mask }: Exported): AsyncGenerator<EventEnvelope[]> {
  for await (const events of pages) yield events.map((event) => mask.event(event));
}

async function* asJson(exported: Exported): AsyncGenerator<string> {
  yield `${JSON.stringify(exported.head).slice(0, -1)},"events":[`;
  let between = "";
  for await (const events of maskedPages(exported)) {
    if (events.length === 0) continue;
    yield `${between}\n${events.map((event) => JSON.stringify(event)).join(",\n")}`;
    between = ",";
  }
  yield "\n]}\n";
}

async function* asLines(exported: Exported): AsyncGenerator<string> {
  for await (const events of maskedPages(exported))
    yield events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

async function* asMarkdown(exported: Exported): AsyncGenerator<string> {
  const { session, agent, stats } = exported.head;
  yield headMarkdown(session.title, [
    ["Session", session.id],
    ["Began", session.created_at],
    ["State", session.status],
    ["Environment", session.environment],
    ["Model", `${session.provider}/${session.model}`],
    ...(agent ? [["Agent", agent.name] as const] : []),
    ["Cost", `$${stats.total_cost_usd.toFixed(4)}`],
  ]);
  for await (const events of maskedPages(exported)) yield events.map(eventMarkdown).join("");
}

/** An export of each format, in pieces: no more of it is held than a page of the log. */
export const WRITERS = { json: asJson, jsonl: asLines, markdown: asMarkdown } as const satisfies Record<
  ExportFormat,
  unknown
>;
