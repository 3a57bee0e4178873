import type { Method, RouteKey } from "./route.ts";
import type { RouteName } from "./routes.ts";

/** A route's method and the pattern of its path. */
export function partsOf(name: RouteKey): [Method, string] {
  return name.split(" ") as [Method, string];
}

type Value = string | number | boolean | undefined;

/**
 * A route's method and its address below the server's, with the parameters and the query filled in.
 * @throws Error where a parameter of the path is missing
 */
export function addressOf(
  name: RouteName,
  { params = {}, query = {} }: { params?: Record<string, string>; query?: Record<string, Value> } = {},
): { method: Method; path: string } {
  const [method, pattern] = partsOf(name);
  const path = pattern.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
    const value = params[key];
    if (value === undefined) throw new Error(`${name} needs ${key}.`);
    return encodeURIComponent(value);
  });
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  return { method, path: search.size === 0 ? path : `${path}?${search}` };
}
