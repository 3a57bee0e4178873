import { ApiError } from "./errors.ts";

/** What a listed thing must have to be filtered and paged. */
export interface Listed {
  id: string;
  startedAt: number;
  state: "running" | "paused";
  spec: { metadata: Record<string, string>; template: { name: string } };
}

const MAX_PAGE = 100;

interface Position {
  startedAt: number;
  id: string;
}

const encode = ({ startedAt, id }: Position): string =>
  Buffer.from(JSON.stringify([startedAt, id])).toString("base64url");

function decode(token: string): Position {
  try {
    const [startedAt, id] = JSON.parse(Buffer.from(token, "base64url").toString()) as unknown[];
    if (typeof startedAt === "number" && typeof id === "string") return { startedAt, id };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new ApiError(400, "nextToken is not one of this host's");
}

/** Metadata filters arrive as a query string within the query, its parts encoded once more by the SDK. */
function metadataFilter(text: string): [string, string][] {
  try {
    return [...new URLSearchParams(text)].map(([k, v]) => [decodeURIComponent(k), decodeURIComponent(v)]);
  } catch (error) {
    if (error instanceof URIError) throw new ApiError(400, "metadata is not a query string");
    throw error;
  }
}

/**
 * One page of a list, by E2B's query parameters: metadata, state, template, startedAfter, order, limit,
 * nextToken. A token names the last item shown, so that pages stay right while the list changes.
 */
export function pageOf<T extends Listed>(
  all: readonly T[],
  query: URLSearchParams,
): { items: T[]; next?: string } {
  const states = (query.get("state") ?? "running,paused").split(",");
  const metadata = metadataFilter(query.get("metadata") ?? "");
  const template = query.get("template");
  const startedAfter = query.get("startedAfter");
  const after = startedAfter === null ? -Infinity : Date.parse(startedAfter);
  if (Number.isNaN(after)) throw new ApiError(400, "startedAfter is not a date");
  const limit = query.has("limit") ? Number(query.get("limit")) : MAX_PAGE;
  if (!Number.isInteger(limit) || limit < 1) throw new ApiError(400, "limit must be a whole number above 0");
  const sign = query.get("order") === "asc" ? 1 : -1;
  const compare = (a: Position, b: Position): number =>
    sign * (a.startedAt - b.startedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const token = query.get("nextToken");
  const position = token ? decode(token) : undefined;
  const matching = all
    .filter((item) => states.includes(item.state) && (!template || item.spec.template.name === template))
    .filter((item) => metadata.every(([key, value]) => item.spec.metadata[key] === value))
    .filter((item) => item.startedAt >= after && (!position || compare(item, position) > 0))
    .toSorted(compare);
  const items = matching.slice(0, Math.min(limit, MAX_PAGE));
  const last = items.at(-1);
  return last && matching.length > items.length ? { items, next: encode(last) } : { items };
}
