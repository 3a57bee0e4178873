"use client";

import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import { type Pane, PANES, setLayout, useLayout } from "#client/layout.ts";
import { useHydrated, useMedia } from "#client/use-browser.ts";
import { useKeys } from "#client/use-keys.ts";
import type { SessionView } from "#domain/session-view.ts";

const WIDE = "(min-width: 1280px)";
const ONE_COLUMN = "(max-width: 959px)";

/** What stands in front where there is one column. */
export type Front = "session" | "info" | Pane;

/**
 * Where the parts of a session's page are: beside each other, above each other, or behind tabs, by the room there is.
 * The dock opens by itself when the agent asks or something fails, and never takes the focus.
 */
export function usePanels(view: SessionView) {
  const layout = useLayout();
  const hydrated = useHydrated();
  const wide = useMedia(WIDE);
  const narrow = useMedia(ONE_COLUMN);
  const [over, setOver] = useState(false);
  const [dockOpen, setDockOpen] = useState(false);
  const [front, setFront] = useState<"session" | "workspace" | "info">("session");

  const show = useCallback(
    (part: Front) => {
      if (part === "session") return setFront("session");
      if (part !== "info") setLayout({ pane: part });
      if (narrow) setFront(part === "info" ? "info" : "workspace");
      else if (wide) setLayout({ beside: true });
      else setOver(true);
    },
    [narrow, wide],
  );
  const close = useCallback(() => {
    if (wide) setLayout({ beside: false });
    else setOver(false);
  }, [wide]);

  const waiting =
    view.approvals.filter((approval) => !approval.decision).length +
    view.questions.filter((question) => !question.outcome).length;
  const faults =
    view.items.filter((item) => item.kind === "notice" && item.tone === "error").length +
    (view.status === "error" ? 1 : 0);
  const seen = useRef({ waiting: 0, faults });
  const openAt = useEffectEvent((dockTab: "status" | "approvals") => {
    // A reader of another tab stays there: the tab's count says what came.
    if (dockOpen) return;
    setLayout({ dockTab });
    setDockOpen(true);
  });
  useEffect(() => {
    const before = seen.current;
    seen.current = { waiting, faults };
    if (faults > before.faults) openAt("status");
    else if (waiting > before.waiting) openAt("approvals");
  }, [waiting, faults]);

  useKeys((event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const pane = PANES[["Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6"].indexOf(event.code)];
    if (pane) show(pane);
    else if (event.code === "KeyJ") {
      const seeing = wide ? layout.beside : over;
      show("info");
      setDockOpen((open) => (seeing ? !open : true));
    } else return;
    event.preventDefault();
  });

  return {
    layout,
    front,
    over,
    narrow,
    dockOpen: dockOpen || (narrow && front === "info"),
    setDockOpen,
    show,
    close,
    /** Whether the workspace lies over the conversation, and Escape closes it. */
    covers: over && !wide && !narrow,
    shown: hydrated && (narrow ? front === "workspace" : wide ? layout.beside : over),
    waiting,
  };
}

export type Panels = ReturnType<typeof usePanels>;
