"use client";

import { useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";

export type SupportAccess = FunctionReturnType<typeof api.supportAccess.told>;

/** Until when the operator may read the organization's sessions, and why, as it changes; null where they may not. */
export const useSupportAccess = (): SupportAccess | undefined => useQuery(api.supportAccess.told, {});
