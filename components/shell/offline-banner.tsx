"use client";

import { WifiOff } from "lucide-react";
import { useOnline } from "../../lib/client/online.ts";
import { shell as t } from "../../lib/client/messages/shell.ts";

/** Says that this browser has no network, for as long as it has none. */
export function OfflineBanner() {
  const online = useOnline();
  return (
    <output className={online ? "sr" : "offline"}>
      {!online && (
        <>
          <WifiOff className="i i-sm" aria-hidden="true" />
          <span>{t.youAreOfflineSessionsGo}</span>
        </>
      )}
    </output>
  );
}
