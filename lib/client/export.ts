import { addressOf } from "#contracts/address.ts";
import type { SentBody } from "#contracts/routes.ts";
import { call, errorOf, unreachable } from "./api.ts";
import { saveAs } from "./leave.ts";

export type ExportFormat = "json" | "jsonl" | "markdown";
const ENDS: Record<ExportFormat, string> = { json: "json", jsonl: "jsonl", markdown: "md" };
/** A long session is read page by page before its last byte comes. */
const DOWNLOAD_MS = 120_000;

/** What a session's export hides, and where the texts that would be hidden stand. */
export const reviewExport = async (id: string, mask: string[]) =>
  await call("POST /api/v1/sessions/{id}/export/review", {
    params: { id },
    body: { mask },
    timeoutMs: DOWNLOAD_MS,
  });
export type ReviewedExport = Awaited<ReturnType<typeof reviewExport>>;

/** Saves a session's export as a file. With texts to be hidden it is read whole first: they stand in no address. */
export async function saveExport(id: string, format: ExportFormat, mask: string[]): Promise<void> {
  const name = `session.${ENDS[format]}`;
  if (mask.length === 0)
    return saveAs(
      addressOf("GET /api/v1/sessions/{id}/export", { params: { id }, query: { format } }).path,
      name,
    );
  const { method, path } = addressOf("POST /api/v1/sessions/{id}/export", { params: { id } });
  const body: SentBody<"POST /api/v1/sessions/{id}/export"> = { format, mask };
  const response = await fetch(path, {
    method,
    credentials: "same-origin",
    cache: "no-store",
    signal: AbortSignal.timeout(DOWNLOAD_MS),
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (!response.ok) throw await errorOf(response);
  const file = await response.blob().catch((error: unknown) => {
    throw unreachable(error);
  });
  const address = URL.createObjectURL(file);
  saveAs(address, name);
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
