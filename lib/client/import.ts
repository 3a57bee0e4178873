import { addressOf } from "#contracts/address.ts";
import type { V1Session } from "#contracts/sessions-v1.ts";
import { IMPORT_LIMITS } from "#domain/import-limits.ts";
import { ApiError, errorOf, unreachable } from "./api.ts";

const UPLOAD_MS = 600_000;
const isLines = (name: string): boolean => /\.(?:jsonl|ndjson)$/i.test(name);

/**
 * Imports a file that a session was exported to. It is sent as it is, however long it is.
 * @param options `onSent`: how much of it has been sent, from 0 to 1; `signal`: ends it, and nothing stays
 */
export async function importSession(
  file: File,
  { onSent, signal }: { onSent: (part: number) => void; signal: AbortSignal },
): Promise<V1Session> {
  if (file.size > IMPORT_LIMITS.bytes)
    throw new ApiError(
      `The file is larger than ${IMPORT_LIMITS.bytes / 1_000_000} MB, the most that can be imported.`,
      { code: "too_large", status: 0 },
    );
  const { method, path } = addressOf("POST /api/v1/sessions/import", {});
  // `fetch` says nothing of how far a body has been sent.
  const request = new XMLHttpRequest();
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  request.upload.addEventListener("progress", ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0));
  request.addEventListener("load", () =>
    resolve(
      new Response(request.responseText, {
        status: request.status,
        headers: { "x-request-id": request.getResponseHeader("x-request-id") ?? "" },
      }),
    ),
  );
  request.addEventListener("error", () => reject(unreachable(null)));
  request.addEventListener("abort", () => reject(unreachable(null)));
  request.addEventListener("timeout", () => reject(unreachable(new DOMException("", "TimeoutError"))));
  signal.addEventListener("abort", () => request.abort());
  request.open(method, path);
  request.timeout = UPLOAD_MS;
  request.setRequestHeader("content-type", isLines(file.name) ? "application/x-ndjson" : "application/json");
  request.send(file);
  const response = await promise;
  if (!response.ok) throw await errorOf(response);
  return (await response.json()) as V1Session;
}
