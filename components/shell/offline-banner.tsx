"use client";

import { WifiOff } from "lucide-react";
import { useOnline } from "#client/online.ts";
import { Icon } from "../ui/icon.tsx";

/** Says that this browser has no network, for as long as it has none. */
export function OfflineBanner() {
  const online = useOnline();
  return (
    <output
      className={
        online
          ? "sr-only"
          : "flex flex-none items-center justify-center gap-2 border-b border-warning-line bg-warning-soft px-3 py-1 text-small text-ink"
      }
    >
      {!online && (
        <>
          <Icon as={WifiOff} size="sm" className="text-warning" />
          <span>
            You're offline. Sessions keep running, but what you see may be out of date. Studio reconnects
            automatically.
          </span>
        </>
      )}
    </output>
  );
}
