import { env } from "../env.ts";

/** Which session and port a preview's host name stands for. */
export interface Place {
  sessionId: string;
  port: number;
}

/** The place that a `Host` header names: `3000-<session>.…`. */
export function placeOf(host: string | undefined): Place | undefined {
  const match = /^(\d{1,5})-([a-z0-9]{16,48})\./.exec(host?.toLowerCase() ?? "");
  const port = Number(match?.[1]);
  return match && port >= 1 && port <= 65_535 ? { port, sessionId: match[2] ?? "" } : undefined;
}

/** The origin of a preview, so that no two of them share anything; undefined where previews are not set up. */
export function previewOrigin({ sessionId, port }: Place): string | undefined {
  return env().STUDIO_PREVIEW_URL?.replace("*", `${port}-${sessionId}`);
}
