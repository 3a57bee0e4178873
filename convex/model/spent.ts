import { DELIVERY_LIMITS } from "#domain/deliveries.ts";
import { NOTIFICATION_LIMITS } from "#domain/notifications.ts";
import type { Id } from "../_generated/dataModel";
import type { MutationCtx } from "../_generated/server";
import { takeUpTo } from "./paging.ts";

/**
 * How long commands that are done, holds that have ended and names of requests stay: longer than anybody asks again for
 * one of them, or renews a hold.
 */
export const SPENT_MS = 24 * 3600_000;
const ROWS = 200;
const BYTES = 2 * 1024 * 1024;

/**
 * Removes a page of each, of all organizations, the oldest first: nobody's rows wait behind younger ones.
 * @returns whether there may be more
 */
export async function removeSpent(ctx: MutationCtx, now: number): Promise<boolean> {
  const before = now - SPENT_MS;
  const pages: {
    _id:
      | Id<"sessionCommands">
      | Id<"creditHolds">
      | Id<"runRequests">
      | Id<"mcpSignIns">
      | Id<"billingEvents">
      | Id<"notifications">
      | Id<"notificationDeliveries">;
  }[][] = [
    await takeUpTo(
      ctx.db
        .query("sessionCommands")
        .withIndex("by_status", (q) => q.eq("status", "done").lt("_creationTime", before)),
      { rows: ROWS, bytes: BYTES },
    ),
  ];
  pages.push(
    await takeUpTo(
      ctx.db.query("runRequests").withIndex("by_creation_time", (q) => q.lt("_creationTime", before)),
      { rows: ROWS, bytes: BYTES },
    ),
  );
  // One that was `ending` when it lapsed counts no more; its call is charged without it.
  for (const status of ["settled", "released", "ending"] as const)
    pages.push(
      await takeUpTo(
        ctx.db
          .query("creditHolds")
          .withIndex("by_status_expiry", (q) => q.eq("status", status).lt("expiresAt", before)),
        { rows: ROWS, bytes: BYTES },
      ),
    );
  // A message of Stripe that comes once more after that is taken as a new one, and changes nothing.
  pages.push(
    await takeUpTo(
      ctx.db.query("billingEvents").withIndex("by_creation_time", (q) => q.lt("_creationTime", before)),
      { rows: ROWS, bytes: BYTES },
    ),
  );
  pages.push(
    await takeUpTo(
      ctx.db
        .query("notifications")
        .withIndex("by_creation_time", (q) => q.lt("_creationTime", now - NOTIFICATION_LIMITS.keptMs)),
      { rows: ROWS, bytes: BYTES },
    ),
  );
  pages.push(
    await takeUpTo(
      ctx.db
        .query("notificationDeliveries")
        .withIndex("by_creation_time", (q) => q.lt("_creationTime", now - DELIVERY_LIMITS.keptMs)),
      { rows: ROWS, bytes: BYTES },
    ),
  );
  // Sign-ins that nobody came back from, those of deleted accounts too.
  pages.push(
    await takeUpTo(
      ctx.db.query("mcpSignIns").withIndex("by_expiry", (q) => q.lt("expiresAt", now)),
      { rows: ROWS, bytes: BYTES },
    ),
  );
  for (const row of pages.flat()) await ctx.db.delete(row._id);
  return pages.some((page) => page.length > 0);
}
