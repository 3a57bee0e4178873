"use client";

import { keepPreviousData, type QueryKey, useQuery } from "@tanstack/react-query";
import { type ApiError, asApiError } from "./api.ts";

/** Something that is read by a request, and how that stands. */
export interface Resource<T> {
  data: T | undefined;
  /** Why the last read failed; what was read before is still in `data`. */
  problem: ApiError | undefined;
  loading: boolean;
  /** Reads it again. */
  retry: () => void;
}

/**
 * Reads something when the component appears, and again when `key` changes.
 * @param options `initial`: what the server put into the page, which counts again when it is opened again; `everyMs`: reads again so often while the page is seen;
 * `forget`: keeps nothing of it once nothing shows it; `keep`: shows what was read for the last key until the new one is there; `enabled`: false reads nothing
 */
export function useResource<T>(
  key: QueryKey,
  read: () => Promise<T>,
  options: {
    initial?: T | undefined;
    everyMs?: number;
    keep?: boolean;
    forget?: boolean;
    enabled?: boolean;
  } = {},
): Resource<T> {
  const { initial, everyMs, keep = false, forget = false, enabled = true } = options;
  const { data, error, isFetching, refetch } = useQuery<T>({
    queryKey: key,
    queryFn: read,
    enabled,
    ...(initial !== undefined && { initialData: initial, staleTime: 60_000, gcTime: 0 }),
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
    ...(forget && { gcTime: 0 }),
    ...(keep && { placeholderData: keepPreviousData }),
  });
  return {
    data,
    problem: error ? asApiError(error) : undefined,
    loading: isFetching,
    retry: () => void refetch(),
  };
}
