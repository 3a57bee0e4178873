"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { useBrowserNotices } from "#client/browser-notices.ts";
import { useBrowserRows, useNotificationCounts } from "#client/live-notifications.ts";
import { readNotifications } from "#client/notifications.ts";
import { markPage } from "#client/page-mark.ts";
import { showToast } from "#client/toast.ts";
import { hasUnsaved } from "#client/unsaved.ts";
import { NOTIFICATION_LIMITS } from "#domain/notifications.ts";

/** A count up to the most that is counted. */
export const countWords = (count: number): string =>
  count > NOTIFICATION_LIMITS.counted ? `${NOTIFICATION_LIMITS.counted}+` : String(count);

/** What tells of notifications outside of the page itself: its title, its icon, and the browser. Draws nothing. */
export function PageState({ userId }: { userId: string }) {
  const router = useRouter();
  const waiting = useNotificationCounts()?.waiting ?? 0;
  useEffect(() => (waiting > 0 ? markPage(document, countWords(waiting)) : undefined), [waiting]);
  useBrowserNotices(userId, useBrowserRows(), ({ id, sessionId }) => {
    if (hasUnsaved()) {
      showToast("Not opened: this page has unsaved work. Send, save or clear it first.");
      return;
    }
    // What is not noted stays unread.
    readNotifications(id).catch(() => undefined);
    router.push(`/studio/${sessionId}`);
  });
  return null;
}
