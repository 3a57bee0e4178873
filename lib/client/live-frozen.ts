"use client";

import { useQuery } from "convex/react";
import type { FunctionReturnType } from "convex/server";
import { api } from "#convex/_generated/api.js";

export type Frozen = FunctionReturnType<typeof api.freezes.told>;

/** Since when the operator has the organization frozen, and why, as it changes; null where it is not. */
export const useFrozen = (): Frozen | undefined => useQuery(api.freezes.told, {});
