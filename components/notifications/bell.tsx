"use client";

import { Bell as BellIcon } from "lucide-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import { useNotificationCounts } from "#client/live-notifications.ts";
import type { Me } from "../approvals/request-detail.tsx";
import { navIconClass, navItemClass } from "../shell/nav-item.ts";
import { Count } from "../ui/chip.tsx";
import { Hint } from "../ui/hint.tsx";
import { Icon } from "../ui/icon.tsx";
import { countWords, PageState } from "./page-state.tsx";

const NotificationsPanel = dynamic(async () => (await import("./panel.tsx")).NotificationsPanel, {
  ssr: false,
});

/** The way to what the reader was told, with how much of it is unread. */
export function Bell({ me }: { me: Me }) {
  const [isOpen, setOpen] = useState(false);
  const unread = useNotificationCounts()?.unread ?? 0;
  return (
    <>
      <Hint text="Notifications" side="right">
        <button type="button" className={navItemClass} onClick={() => setOpen(true)}>
          <Icon as={BellIcon} className={navIconClass} />
          <span className="sr-only">Notifications</span>
          {unread > 0 && (
            <Count urgent className="absolute -top-[3px] -right-[3px] ml-0 max-sm:top-1 max-sm:right-1">
              {countWords(unread)}
              <span className="sr-only"> unread</span>
            </Count>
          )}
        </button>
      </Hint>
      {isOpen && <NotificationsPanel me={me} onClose={() => setOpen(false)} />}
      <PageState userId={me.userId} />
    </>
  );
}
