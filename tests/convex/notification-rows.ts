import type { Id } from "#convex/_generated/dataModel.js";
import { PUSH_SUBSCRIPTION } from "#tests/notification-routes.ts";
import type { Database, Member } from "./support.ts";
import { DESTINATION } from "./things.ts";

/** Something that a person was told, its delivery, and a destination of their organization's. @returns their ids */
export async function notificationRows(
  { t }: Database,
  { organizationId, userId }: Member,
  run: { sessionId: Id<"sandboxSessions">; runId: Id<"runs"> },
) {
  return await t.run(async (ctx) => {
    const news = { organizationId, userId, kind: "failed" as const, title: "t", text: "" };
    const notificationId = await ctx.db.insert("notifications", {
      ...news,
      ...run,
      inPage: true,
      inBrowser: true,
      place: 1,
    });
    const deliveryId = await ctx.db.insert("notificationDeliveries", {
      ...news,
      ...run,
      notificationId,
      channel: "email",
      status: "due",
      attempts: 0,
      dueAt: 0,
    });
    const destinationId = await ctx.db.insert("notificationDestinations", {
      ...DESTINATION,
      organizationId,
      enabled: true,
      failures: 0,
      updatedAt: 1,
    });
    const subscriptionId = await ctx.db.insert("pushSubscriptions", {
      organizationId,
      userId,
      ...PUSH_SUBSCRIPTION,
    });
    return { subscriptionId, notificationId, deliveryId, destinationId };
  });
}
