import type { FileEntry, WriteFileBody } from "#contracts/files.ts";
import { addressOf } from "#contracts/address.ts";
import { call, errorOf, unreachable } from "./api.ts";

export type { FileEntry, WorkspaceFile } from "#contracts/files.ts";

/** A folder or a file of the session's workspace. @param path relative to the workspace; empty for itself */
export const readPath = async (sessionId: string, path: string) =>
  await call("GET /api/studio/sessions/{id}/files", { params: { id: sessionId }, query: { path } });

/** Saves a file if it still is as it was read. @throws ApiError `file_changed` where it is not */
export const saveFile = async (sessionId: string, body: WriteFileBody) =>
  await call("PUT /api/studio/sessions/{id}/files", { params: { id: sessionId }, body });

/** Where a file's bytes are, as a download. */
export const downloadPath = (sessionId: string, path: string): string =>
  addressOf("GET /api/studio/sessions/{id}/files/content", {
    params: { id: sessionId },
    query: { path, raw: "1" },
  }).path;

/** The beginning of a file, and whether that is all of it. */
export interface FileHead {
  bytes: Uint8Array<ArrayBuffer>;
  whole: boolean;
}

/** Reads the beginning of a file of any size. @param maxBytes of it @throws ApiError */
export async function readHead(sessionId: string, path: string, maxBytes: number): Promise<FileHead> {
  const response = await fetch(downloadPath(sessionId, path), {
    credentials: "same-origin",
    cache: "no-store",
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (!response.ok) throw await errorOf(response);
  const bytes = new Uint8Array(maxBytes);
  let size = 0;
  const reader = response.body?.getReader();
  try {
    for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
      const part = next.value.subarray(0, maxBytes - size);
      bytes.set(part, size);
      size += part.length;
      if (part.length < next.value.length) return { bytes, whole: false };
    }
  } catch (error) {
    throw unreachable(error);
  } finally {
    await reader?.cancel().catch(() => undefined);
  }
  return { bytes: bytes.slice(0, size), whole: true };
}

const IMAGES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  avif: "image/avif",
  svg: "image/svg+xml",
};

/** The media type of an image that browsers show, by its name. */
export const imageTypeOf = (path: string): string | undefined =>
  IMAGES[/\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? ""];

/** How bytes read as text: as UTF-8, as Western European where they are not that, and not at all where they are binary. */
export function decode({
  bytes,
  whole,
}: FileHead): { text: string; encoding: "utf-8" | "windows-1252" } | null {
  if (bytes.includes(0)) return null;
  try {
    // Cut anywhere, the last character may not be whole.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !whole });
    return { text, encoding: "utf-8" };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "windows-1252" };
  }
}

/** What an entry is that cannot be opened, in words; undefined where it can. */
export function unopenable({
  kind,
  readable,
  nameBytes,
}: Pick<FileEntry, "kind" | "readable" | "nameBytes">): string | undefined {
  const kinds: Partial<Record<FileEntry["kind"], string>> = {
    socket: "socket",
    pipe: "named pipe",
    device: "device",
    link: "link that leads nowhere",
    unknown: "not a file or folder",
  };
  if (kinds[kind] !== undefined) return kinds[kind];
  if (nameBytes !== undefined) return "name isn't UTF-8";
  return readable ? undefined : "no permission";
}
