"use client";

import { WifiOff } from "lucide-react";
import { useOnline } from "../../lib/client/online.ts";

/** Says that this browser has no network, for as long as it has none. */
export function OfflineBanner() {
  const online = useOnline();
  return (
    <output className={online ? "sr" : "offline"}>
      {!online && (
        <>
          <WifiOff className="i i-sm" aria-hidden="true" />
          <span>
            You're offline. Sessions keep running, but what you see may be out of date. Studio reconnects
            automatically.
          </span>
        </>
      )}
    </output>
  );
}
