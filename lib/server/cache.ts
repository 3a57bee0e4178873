import { LRUCache } from "lru-cache";
import { singleton } from "./singleton.ts";

/**
 * A cache of this process by name, of at most `max` entries that each live for `ttlMs`; the one that was used least
 * lately makes room. A clock that is set has no effect on it.
 */
export function cacheOf<V extends object | number | string>(
  name: string,
  { max, ttlMs, onGone }: { max: number; ttlMs: number; onGone?: (value: V) => void },
): LRUCache<string, V> {
  return singleton(
    name,
    () =>
      new LRUCache<string, V>({
        max,
        ttl: ttlMs,
        // What is to be done for a value's end is done by then, and not with the next use.
        ...(onGone && { dispose: onGone, ttlAutopurge: true }),
      }),
  );
}

/**
 * The value under a key, loaded where it is not there. Those who ask at the same time wait for the same load; one that
 * fails is forgotten.
 * @throws what the load throws
 */
export async function cached<T>(
  cache: LRUCache<string, Promise<T>>,
  key: string,
  load: () => Promise<T>,
): Promise<T> {
  const known = cache.get(key);
  if (known) return await known;
  const loading = load();
  cache.set(key, loading);
  loading.catch(() => {
    // Another load may have taken its place.
    if (cache.peek(key, { allowStale: true }) === loading) cache.delete(key);
  });
  return await loading;
}
