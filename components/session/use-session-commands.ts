"use client";

import { useCallback, useMemo } from "react";
import { type Command, useOfferedCommands } from "#client/commands.ts";
import { useKeys } from "#client/use-keys.ts";
import { useOpened, useSessionState } from "./session-context.tsx";

/** The keys of a session's page, and what the palette can do on it. */
export function useSessionCommands(): void {
  const { drive } = useOpened().disabledReason;
  const { view, live, panels, card, showCard, setLayer } = useSessionState();
  const { show, close, covers } = panels;
  const canDrive = drive === undefined;
  const canStop = live && canDrive;
  const find = useCallback(() => {
    show("session");
    setLayer("find");
  }, [show, setLayer]);

  useKeys((event, layered) => {
    const command = event.metaKey || event.ctrlKey;
    if (event.key === "Escape" && !layered) {
      if (covers) close();
      else if (view.status === "active" && canStop) setLayer("stop");
      return;
    }
    if (event.key === "." && command && card.current) showCard();
    else if (event.shiftKey && command && event.key.toLowerCase() === "f") find();
    else return;
    event.preventDefault();
  });

  const commands: readonly Command[] = useMemo(
    () => [
      { id: "files", name: "Show the files", keys: "Alt 1", run: () => show("files") },
      { id: "find", name: "Find in the transcript", keywords: "search", run: find },
      { id: "diff", name: "Show changes", keywords: "diff changed", keys: "Alt 2", run: () => show("diff") },
      {
        id: "terminal",
        name: "Open a terminal",
        keywords: "shell",
        keys: "Alt 3",
        run: () => show("terminal"),
      },
      { id: "preview", name: "Preview a port", keywords: "web", keys: "Alt 4", run: () => show("preview") },
      ...(canDrive
        ? [{ id: "rename", name: "Rename session", keywords: "title", run: () => setLayer("rename") }]
        : []),
      ...(canStop
        ? [{ id: "stop", name: "Stop session", keywords: "end", run: () => setLayer("stop") }]
        : []),
    ],
    [show, find, canDrive, canStop, setLayer],
  );
  useOfferedCommands(commands);
}
