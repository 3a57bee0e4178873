"use client";

import { ExternalLink, RefreshCw, ShieldCheck } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { openPreview } from "../../lib/client/preview.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";

const DEFAULT_PORT = "3000";

/** A port of the sandbox, shown in an origin of its own: the app in it can reach nothing of Studio's. */
export function PreviewPane({
  sessionId,
  disabledReason,
}: {
  sessionId: string;
  disabledReason: string | undefined;
}) {
  const id = useId();
  const [port, setPort] = useState(DEFAULT_PORT);
  const [path, setPath] = useState("/");
  const [shown, setShown] = useState<{ url: string; origin: string; at: number }>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const wrong = !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535;

  const open = async () => {
    if (busy || wrong) return;
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await openPreview(sessionId, {
        port: Number(port),
        path: path.startsWith("/") ? path : `/${path}`,
      });
      setShown({ ...answer, at: Date.now() });
    } catch (error) {
      setProblem(asApiError(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void open();
  };
  const inNewTab = async () => {
    // Opened at once, since browsers allow no window later on.
    const tab = window.open("about:blank", "_blank");
    try {
      const { url } = await openPreview(sessionId, { port: Number(port), path });
      if (tab) {
        tab.opener = null;
        tab.location.replace(url);
      }
    } catch (error) {
      tab?.close();
      setProblem(asApiError(error));
    }
  };

  if (disabledReason !== undefined) return <p className="p-4 text-ink-2">{disabledReason}</p>;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <form className="pane-bar" onSubmit={submit}>
        <label className="label" htmlFor={`${id}-port`}>
          Port
        </label>
        <input
          id={`${id}-port`}
          className="input fact w-20!"
          inputMode="numeric"
          maxLength={5}
          value={port}
          aria-invalid={wrong || undefined}
          onChange={(event) => setPort(event.target.value.trim())}
        />
        <label className="sr" htmlFor={`${id}-path`}>
          Path
        </label>
        <input
          id={`${id}-path`}
          className="input fact min-w-24 flex-1"
          maxLength={2000}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <button type="submit" className="btn btn-sm" aria-disabled={busy || wrong}>
          <RefreshCw className="i i-sm" aria-hidden="true" />
          {shown ? "Reload" : "Open"}
        </button>
        {shown && (
          <button
            type="button"
            className="btn btn-quiet btn-sm btn-icon"
            aria-label="Open in a new tab"
            onClick={() => void inNewTab()}
          >
            <ExternalLink className="i i-sm" aria-hidden="true" />
          </button>
        )}
        <span
          className="faint inline-flex items-center gap-1 max-sm:hidden"
          title="Served from its own origin, only for you"
        >
          <ShieldCheck className="i i-xs" aria-hidden="true" />
          Private preview
        </span>
      </form>
      {problem && (
        <div className="p-3">
          <ProblemNotice title="Couldn't open the preview" error={problem} />
        </div>
      )}
      {shown ? (
        <iframe
          key={shown.at}
          className="min-h-0 flex-1 border-0 bg-white"
          title={`Preview of port ${port}`}
          src={shown.url}
          // It is of another origin, so that it cannot take the attribute off.
          // oxlint-disable-next-line react/iframe-missing-sandbox -- without its own origin an app has no storage
          sandbox="allow-scripts allow-forms allow-same-origin allow-modals allow-popups allow-downloads"
          referrerPolicy="no-referrer"
        />
      ) : (
        <p className="p-4 text-ink-2">
          Enter the port your app listens on in the sandbox. Only you can see the preview.
        </p>
      )}
    </div>
  );
}
