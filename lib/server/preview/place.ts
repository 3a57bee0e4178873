import { env } from "../env.ts";
import { AGENT_PORT, SUBAGENT_PORT } from "../sandbox/sandbox.ts";

/** Which session and port a preview's host name stands for. */
export interface Place {
  sessionId: string;
  port: number;
}

/** Ports of Studio's own programs in every sandbox: the agent's servers, the host's proxy, E2B's envd. */
const OWN_PORTS: ReadonlySet<number> = new Set([AGENT_PORT, SUBAGENT_PORT, 3128, 49_983]);

/** Whether a port may be an app's. */
export const canPreview = (port: number): boolean =>
  Number.isInteger(port) && port >= 1 && port <= 65_535 && !OWN_PORTS.has(port);

/**
 * The place that a `Host` header names: `3000-<session>` in place of the `*` of `pattern`, and nothing else.
 * @param pattern as STUDIO_PREVIEW_URL: `https://*.preview.example`
 */
export function placeOf(host: string | undefined, pattern: string | undefined): Place | undefined {
  const name = host?.toLowerCase().replace(/:\d+$/, "") ?? "";
  const match = /^(\d{1,5})-([a-z0-9]{16,48})\./.exec(name);
  const port = Number(match?.[1]);
  if (!match || !pattern || !canPreview(port)) return undefined;
  const { hostname } = new URL(pattern.replace("*", `${match[1]}-${match[2]}`));
  return hostname.toLowerCase() === name ? { port, sessionId: match[2] ?? "" } : undefined;
}

/** The origin of a preview, so that no two of them share anything; undefined where previews are not set up. */
export function previewOrigin({ sessionId, port }: Place): string | undefined {
  return env().STUDIO_PREVIEW_URL?.replace("*", `${port}-${sessionId}`);
}
