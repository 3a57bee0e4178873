"use client";

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type EventFilter, hasText, hasType } from "#domain/event-filter.ts";
import type { EventEnvelope } from "#domain/events.ts";
import { LIMITS } from "#domain/limits.ts";
import { type ApiError, asApiError, listEvents } from "./api.ts";

/** What of a log is wanted. */
export interface LogFilter extends EventFilter {
  from?: number | undefined;
}
/** The same as it is typed. */
export interface LogWishes {
  text: string;
  types: string;
  from: string;
  to: string;
}
export const NO_LOG_WISHES: LogWishes = { text: "", types: "", from: "", to: "" };
export type LogFaults = Partial<Record<keyof LogWishes, string>>;

const { max: MAX_TYPES, of: ONE_TYPE } = LIMITS.eventTypes;
const MAX_TYPE_CHARS = "max" in ONE_TYPE ? ONE_TYPE.max : 0;

/** What was typed as a filter, and what of it can't be one; that is left out of the filter. */
export function logFilterOf(wishes: LogWishes): { filter: LogFilter; faults: LogFaults } {
  const faults: LogFaults = {};
  const number = (name: "from" | "to") => {
    const typed = wishes[name].trim();
    if (typed === "") return undefined;
    if (/^[1-9]\d{0,14}$/.test(typed)) return Number(typed);
    faults[name] = "Enter an event's number.";
    return undefined;
  };
  const types = wishes.types.split(/[,\s]+/).filter((type) => type !== "");
  if (types.length > MAX_TYPES || types.some((type) => type.length > MAX_TYPE_CHARS))
    faults.types = `Enter up to ${MAX_TYPES} types, such as tool.*`;
  const text = wishes.text.trim();
  const from = number("from");
  const until = number("to");
  const filter = {
    ...(types.length > 0 && faults.types === undefined && { types }),
    ...(text !== "" && { text }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
  return { filter, faults };
}

/** True where a filter leaves something out. */
export const isFiltered = (filter: LogFilter): boolean => Object.keys(filter).length > 0;

/** Whether a filter leaves an event in. */
export const isIn = (event: EventEnvelope, filter: LogFilter): boolean =>
  event.seq >= (filter.from ?? 1) &&
  event.seq <= (filter.until ?? Infinity) &&
  hasType(event.type, filter) &&
  hasText(event, filter);

const PAGE = 200;
/** Requests that one look makes, at most, where a filter leaves little. */
const MAX_REQUESTS = 20;

/** What is typed meanwhile is not asked for letter by letter. */
const TYPING_MS = 250;

/** @throws where the signal ends it */
const typed = async (signal: AbortSignal): Promise<void> =>
  await new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, TYPING_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("Typed on.", "AbortError"));
    });
  });

/** What a filter leaves of a log, from a place on, as far as one look goes. */
async function look(sessionId: string, filter: LogFilter, after: number) {
  const events: EventEnvelope[] = [];
  let next: number | null = after;
  for (let request = 0; next !== null && events.length < PAGE && request < MAX_REQUESTS; request += 1) {
    const page = await listEvents(sessionId, next, PAGE, filter);
    events.push(...page.events);
    next = page.next_cursor === null ? null : Number(page.next_cursor);
  }
  return { events, next };
}

export interface LogSearch {
  events: readonly EventEnvelope[];
  problem: ApiError | undefined;
  loading: boolean;
  /** Goes on behind what was found; undefined where the end was reached. */
  loadMore: (() => void) | undefined;
  retry: () => void;
}

/** What a filter leaves of a whole log, oldest first, as far as it was looked through. @param enabled false looks for nothing */
export function useLogSearch(sessionId: string, filter: LogFilter, enabled: boolean): LogSearch {
  const { data, error, isFetching, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ["log-search", sessionId, filter],
    queryFn: async ({ pageParam, signal }) => {
      if (pageParam === 0) await typed(signal);
      return await look(sessionId, filter, pageParam);
    },
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
    placeholderData: keepPreviousData,
    enabled,
    gcTime: 0,
  });
  const events = useMemo(() => data?.pages.flatMap((page) => page.events) ?? [], [data]);
  return {
    events,
    problem: error ? asApiError(error) : undefined,
    loading: isFetching,
    loadMore: hasNextPage ? () => void fetchNextPage() : undefined,
    retry: () => void refetch(),
  };
}
