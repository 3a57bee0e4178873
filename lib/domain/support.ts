import type { TextLimit } from "./limits.ts";

/** For how many hours an admin can let the operator read their organization's sessions. */
export const SUPPORT_HOURS = [1, 8, 24, 168] as const;
export type SupportHours = (typeof SUPPORT_HOURS)[number];

/** How long one audit entry stands for further reads of the same by the same operator, in milliseconds. */
export const SUPPORT_LOOK_MS = 3_600_000;

/** Bounds of what support access is granted with. */
export const SUPPORT_LIMITS = {
  reason: { kind: "text", min: 1, max: 500 },
} as const satisfies Record<string, TextLimit>;
