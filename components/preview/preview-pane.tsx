"use client";

import { ExternalLink, RefreshCw, ShieldCheck } from "lucide-react";
import { useId, useState } from "react";
import { useAction } from "#client/action.ts";
import { openPreview } from "#client/preview.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { paneBarClass } from "../ui/pane-bar.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const DEFAULT_PORT = "3000";

/** A port of the sandbox, shown in an origin of its own: the app in it can reach nothing of Studio's. */
export function PreviewPane() {
  const id = useId();
  const { session, disabledReason } = useOpened();
  const [port, setPort] = useState(DEFAULT_PORT);
  const [path, setPath] = useState("/");
  const [shown, setShown] = useState<{ url: string; origin: string; at: number }>();
  const wrong = !/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535;
  const address = async () =>
    await openPreview(session.id, {
      port: Number(port),
      path: path.startsWith("/") ? path : `/${path}`,
    });
  const open = useAction(
    async () => setShown({ ...(await address()), at: Date.now() }),
    "Couldn't open the preview",
  );
  const openTab = useAction(async (tab: Window | null) => {
    try {
      const { url } = await address();
      if (tab) {
        tab.opener = null;
        tab.location.replace(url);
      }
    } catch (error) {
      tab?.close();
      throw error;
    }
  }, "Couldn't open the preview");

  if (disabledReason.drive !== undefined) return <p className="p-4 text-ink-2">{disabledReason.drive}</p>;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <form
        className={paneBarClass}
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) open.run();
        }}
      >
        <label className="label" htmlFor={id}>
          Port
        </label>
        <Input
          id={id}
          className="fact w-20 [word-spacing:0]"
          inputMode="numeric"
          maxLength={5}
          value={port}
          aria-invalid={wrong || undefined}
          onChange={(event) => setPort(event.target.value.trim())}
        />
        <Input
          className="fact min-w-24 flex-1 [word-spacing:0]"
          aria-label="Path"
          maxLength={2000}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <Button type="submit" size="sm" off={open.pending || wrong}>
          <Icon as={RefreshCw} size="sm" />
          {shown ? "Reload" : "Open"}
        </Button>
        {shown && (
          <Button
            look="quiet"
            size="sm"
            icon
            aria-label="Open in a new tab"
            // Opened at once, since browsers allow no window later on.
            onClick={() => openTab.run(window.open("about:blank", "_blank"))}
          >
            <Icon as={ExternalLink} size="sm" />
          </Button>
        )}
        <span
          className="inline-flex items-center gap-1 text-ink-3 max-sm:hidden"
          title="Served from its own origin, only for you"
        >
          <Icon as={ShieldCheck} size="xs" />
          Private preview
        </span>
      </form>
      <div className="p-3 empty:hidden">
        <ActionProblem failure={open.failure ?? openTab.failure} />
      </div>
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
