"use client";

import { useEffect, useEffectEvent, useRef, useState, useSyncExternalStore } from "react";
import { KIND_WORDS } from "#domain/deliveries.ts";
import type { NotificationRow } from "./live-notifications.ts";
import { serverNow } from "./server-clock.ts";

export type NoticePermission = NotificationPermission | "unsupported";

const listeners = new Set<() => void>();
const permission = (): NoticePermission =>
  typeof Notification === "undefined" ? "unsupported" : Notification.permission;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // A person may also have changed it in the browser's own settings, in another tab.
  window.addEventListener("focus", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("focus", listener);
  };
}

/** Whether this browser may show notifications; `unsupported` where it has none, and before it is known. */
export const useNoticePermission = (): NoticePermission =>
  useSyncExternalStore(subscribe, permission, () => "unsupported");

/** Has the browser ask its person; to be called from a press. */
export async function askForNotices(): Promise<void> {
  await Notification.requestPermission();
  for (const listener of listeners) listener();
}

/** True in one tab of this browser at a time; another takes over when that one is closed. */
function useIsFirstTab(): boolean {
  const [isFirst, setFirst] = useState(false);
  useEffect(() => {
    // Outside of secure contexts there are no locks, and no notifications either.
    const { locks } = navigator as { locks?: LockManager | null };
    if (!locks) return;
    const ended = new AbortController();
    const held = new Promise<void>((resolve) => ended.signal.addEventListener("abort", () => resolve()));
    locks
      .request("studio-notices", { signal: ended.signal }, async () => {
        setFirst(true);
        await held;
      })
      .catch((error: unknown) => {
        if (!ended.signal.aborted) console.warn("No tab can be chosen for notifications", error);
      });
    return () => {
      ended.abort();
      setFirst(false);
    };
  }, []);
  return isFirst;
}

/** What is older was missed, and is in the list: a page that opens does not show it all over again. */
const FRESH_MS = 5 * 60_000;

/** The last that this browser has shown to a person; tabs that take over go on behind it. */
const lastShown = {
  read: (userId: string): number => {
    try {
      return Number(localStorage.getItem(`studio-noticed-${userId}`) ?? 0);
    } catch {
      return 0;
    }
  },
  write: (userId: string, at: number): void => {
    try {
      localStorage.setItem(`studio-noticed-${userId}`, String(at));
    } catch (error) {
      console.warn("What was shown cannot be noted", error);
    }
  },
};

/**
 * Shows what comes by the browser's notifications, in one tab alone, and takes back what is over.
 * @param open called with what was pressed
 */
export function useBrowserNotices(
  userId: string,
  rows: readonly NotificationRow[] | undefined,
  open: (row: NotificationRow) => void,
): void {
  const isFirst = useIsFirstTab();
  const isAllowed = useNoticePermission() === "granted";
  const shown = useRef(new Map<string, Notification>());
  const pressed = useEffectEvent(open);
  useEffect(() => {
    if (!isFirst || !isAllowed || !rows) return;
    const current = new Set<string>(rows.map(({ id }) => id));
    for (const [id, notice] of shown.current)
      if (!current.has(id)) {
        notice.close();
        shown.current.delete(id);
      }
    const after = Math.max(lastShown.read(userId), serverNow() - FRESH_MS);
    const fresh = rows.filter((row) => row.at > after && !shown.current.has(row.id));
    for (const row of fresh.toReversed()) {
      const notice = new Notification(`${KIND_WORDS[row.kind]}: ${row.title}`, {
        body: row.text,
        tag: row.id,
        icon: "/icon-waiting.svg",
      });
      notice.addEventListener("click", () => {
        window.focus();
        notice.close();
        pressed(row);
      });
      shown.current.set(row.id, notice);
    }
    const newest = fresh[0];
    if (newest) lastShown.write(userId, newest.at);
  }, [isFirst, isAllowed, rows, userId]);
}
