"use client";

import { RefreshCw } from "lucide-react";
import { useIsOutdated } from "#client/build.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";

/** Says that Studio was updated since this page was loaded. Nothing is lost by waiting, nor by loading it again. */
export function NewVersionBanner() {
  const isOutdated = useIsOutdated();
  return (
    <output
      className={
        isOutdated
          ? "flex flex-none flex-wrap items-center justify-center gap-2 border-b border-info-line bg-info-soft px-3 py-1 text-small text-ink"
          : "sr-only"
      }
    >
      {isOutdated && (
        <>
          <Icon as={RefreshCw} size="sm" className="text-info" />
          <span>Studio has been updated. Reload when it suits you: what you've typed stays.</span>
          <Button size="sm" onClick={() => location.reload()}>
            Reload
          </Button>
        </>
      )}
    </output>
  );
}
