"use client";

import { LoaderCircle } from "lucide-react";
import type { StreamState } from "../../lib/client/event-source.ts";
import { duration } from "../../lib/client/format.ts";
import { useNow } from "../../lib/client/use-now.ts";
import { Glyph } from "../ui/glyph.tsx";

/** Whether what is seen is what is. */
export function StreamIndicator({
  stream,
  seq,
  retry,
}: {
  stream: StreamState;
  seq: number;
  retry: () => void;
}) {
  return (
    <span
      className="inline-flex items-center gap-1.5 text-small whitespace-nowrap"
      data-testid="stream-state"
    >
      <Words stream={stream} seq={seq} retry={retry} />
    </span>
  );
}

function Words({ stream, seq, retry }: { stream: StreamState; seq: number; retry: () => void }) {
  switch (stream.kind) {
    case "live":
      return (
        <>
          <Glyph name="active" className="text-accent" />
          <span className="fact" title={`Every event up to ${seq} is stored and shown`}>
            live <span className="faint">· seq {seq}</span>
          </span>
        </>
      );
    case "connecting":
    case "catching-up":
      return (
        <>
          <LoaderCircle className="i i-xs turn text-woad" aria-hidden="true" />
          <span className="fact">
            {stream.kind === "connecting" ? "connecting" : `catching up ${stream.count || ""}`}
          </span>
        </>
      );
    case "gap":
      return (
        <>
          <Glyph name="error" className="text-madder" />
          <span className="fact">gap after {stream.after}</span>
          <span className="text-ink-2 max-sm:hidden">reading the log again</span>
        </>
      );
    case "offline":
      return <Offline since={stream.since} reason={stream.error.message} retry={retry} />;
    case "refused":
      return (
        <>
          <Glyph name="error" className="text-madder" />
          <span title={stream.error.message}>Not connected</span>
        </>
      );
    case "ended":
      return (
        <span className="fact faint" title="The session has ended; this is all of it">
          ended · seq {seq}
        </span>
      );
  }
}

function Offline({ since, reason, retry }: { since: number; reason: string; retry: () => void }) {
  const now = useNow(1000);
  return (
    <>
      <Glyph name="waiting" className="text-ochre" />
      <span className="fact" title={reason}>
        offline{" "}
        {duration(Math.max(1000, Math.floor(((now ?? since) - since) / 1000) * 1000)).replace(".0", "")}
      </span>
      <button type="button" className="btn btn-quiet btn-sm max-sm:hidden" onClick={retry}>
        Try now
      </button>
    </>
  );
}
