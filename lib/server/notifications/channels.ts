import { NOTIFICATION_CHANNELS, type NotificationChannel } from "#domain/notifications.ts";
import { env, usesClerk } from "../env.ts";

/**
 * Whether the embedded sign-in lets anybody in: nobody has then shown that their address is theirs, and an e-mail could
 * go to somebody else.
 */
export const addressesAreAnybodys = (): boolean => !usesClerk() && env().STUDIO_SIGN_UP === "open";

/** Whether e-mail leaves here. */
export const sendsMail = (): boolean => env().SMTP_URL !== undefined && !addressesAreAnybodys();

/** What browsers subscribe with; null where no pushes leave here. */
export const pushKey = (): string | null => env().WEB_PUSH_PUBLIC_KEY ?? null;

/** The ways by which people can be told here: what the operator has not set is not offered. */
export const channelsHere = (): NotificationChannel[] =>
  NOTIFICATION_CHANNELS.filter(
    (channel) => (channel !== "email" || sendsMail()) && (channel !== "push" || pushKey() !== null),
  );
