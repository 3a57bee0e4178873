import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { type Data, serviceData } from "../convex/client.ts";
import { HttpError } from "../http/error.ts";
import type { Came } from "./came.ts";
import { opensDestination, sendByMail, sendByPush, sendToDestination } from "./send.ts";

/**
 * Makes the attempt that is due of a delivery, if no other server does, and notes what came of it. An attempt whose
 * server dies before that is made again: receivers know the delivery by its id.
 */
export async function deliverNotification(
  deliveryId: Id<"notificationDeliveries">,
  data: Data = serviceData(),
): Promise<void> {
  const claimed = await data.mutation(api.notificationDeliveries.claim, { deliveryId, now: Date.now() });
  if (!claimed) return;
  const { to, attempt, ...told } = claimed;
  const telling = { ...told, id: deliveryId };
  const send = async (): Promise<Came> => {
    if (to.channel === "email") return await sendByMail(to.address, telling);
    if (to.channel === "push") {
      const { devices, notificationId } = to;
      return await sendByPush(
        devices,
        { notificationId, telling },
        async (subscriptionId) => await data.mutation(api.pushSubscriptions.gone, { subscriptionId }),
      );
    }
    try {
      const address = opensDestination({ organizationId: told.organizationId, ...to });
      return await sendToDestination(to.channel, address, telling);
    } catch (error) {
      if (error instanceof HttpError) return { outcome: "later", status: null, error: error.message };
      throw error;
    }
  };
  const { error, ...came } = await send();
  await data.mutation(api.notificationDeliveries.came, {
    deliveryId,
    attempt,
    ...came,
    ...(error !== undefined && { error }),
    now: Date.now(),
  });
}
