"use client";

import { useConvexConnectionState, usePaginatedQuery, useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";
import type { LimitSubject } from "#domain/monthly-limits.ts";
import { type Pages, pagesOf } from "./live-settings.ts";

/** A monthly limit, and how its month stands. Micro-USD. */
export type LimitRow = FunctionReturnType<typeof api.monthlyLimits.list>["page"][number];
export type NamedSubject = FunctionReturnType<typeof api.monthlyLimits.subjects>["page"][number];

const PAGE = 25;
/** So many can be chosen from. */
const CHOICES = 200;

/** The monthly limits that the reader may see, as they change. Only members may ask. */
export function useLimits(): Pages<LimitRow> {
  const found = usePaginatedQuery(api.monthlyLimits.list, {}, { initialNumItems: PAGE });
  return pagesOf(found, useConvexConnectionState().isWebSocketConnected);
}

/** One of them; undefined until it is there, null where there is none that the reader may see. */
export function useLimit(of: {
  subject: LimitSubject;
  subjectId: string;
}): FunctionReturnType<typeof api.monthlyLimits.get> | undefined {
  return useQuery(api.monthlyLimits.get, of);
}

/** The limits of which people were told this month, as they change; undefined until they are there. */
export function useToldLimits(): readonly LimitRow[] | undefined {
  return useQuery(api.monthlyLimits.told, {});
}

/** Who can have a limit. Only admins may ask. */
export function useLimitSubjects(
  subject: Exclude<LimitSubject, "organization"> | undefined,
): readonly NamedSubject[] {
  return usePaginatedQuery(api.monthlyLimits.subjects, subject === undefined ? "skip" : { subject }, {
    initialNumItems: CHOICES,
  }).results;
}
