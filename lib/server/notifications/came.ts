import type { DeliveryOutcome } from "#domain/deliveries.ts";

/** What came of an attempt. `status`: HTTP's or SMTP's code, null where there was none. */
export interface Came {
  outcome: DeliveryOutcome;
  status: number | null;
  error?: string;
}
