"use client";

import { LoaderCircle } from "lucide-react";
import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { Button } from "../ui/button.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { useSessionState } from "./session-context.tsx";

/** Whether what is seen is what is. */
export function StreamIndicator() {
  return (
    <span
      className="inline-flex items-center gap-1.5 text-small whitespace-nowrap"
      data-testid="stream-state"
    >
      <StateLabel />
    </span>
  );
}

function StateLabel() {
  const { stream, view, retry } = useSessionState();
  switch (stream.kind) {
    case "live":
      return (
        <>
          <Glyph name="active" className="text-accent" />
          <span className="fact" title={`Up to date: event ${view.seq}`}>
            live
          </span>
        </>
      );
    case "connecting":
    case "catching-up":
      return (
        <>
          <Icon as={LoaderCircle} size="xs" className="turn text-info" />
          <span className="fact">
            {stream.kind === "connecting"
              ? "connecting"
              : stream.count > 0
                ? `catching up: ${stream.count}`
                : "catching up"}
          </span>
        </>
      );
    case "gap":
      return (
        <>
          <Glyph name="error" className="text-danger" />
          <span className="fact">gap after event {stream.after}</span>
          <span className="text-ink-2 max-sm:hidden">reloading the log</span>
        </>
      );
    case "offline":
      return <Offline since={stream.since} reason={stream.error.message} retry={retry} />;
    case "refused":
      return (
        <>
          <Glyph name="error" className="text-danger" />
          <span title={stream.error.message}>Disconnected</span>
        </>
      );
    case "ended":
      return (
        <span className="fact text-ink-3" title="Session ended; this is everything">
          ended
        </span>
      );
  }
}

function Offline({ since, reason, retry }: { since: number; reason: string; retry: () => void }) {
  const f = useFormat();
  const now = useNow(1000);
  return (
    <>
      <Glyph name="waiting" className="text-warning" />
      <span className="fact" title={reason}>
        offline {f.wholeSeconds(Math.max(1000, (now ?? since) - since))}
      </span>
      <Button look="quiet" size="sm" className="max-sm:hidden" onClick={retry}>
        Try now
      </Button>
    </>
  );
}
