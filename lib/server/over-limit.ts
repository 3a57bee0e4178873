import type { RateLimiterRes } from "rate-limiter-flexible";

/**
 * Whether a limiter has refused, and how long. By its shape: a limiter is made once a process, by whichever part of the
 * bundle asks first, and what it throws is no instance of another part's class.
 */
export const isOverLimit = (refused: unknown): refused is RateLimiterRes =>
  typeof refused === "object" && refused !== null && "msBeforeNext" in refused;
