"use client";

import { useCallback, useMemo } from "react";
import { type Command, useOfferedCommands } from "#client/commands.ts";
import { hasOwnEscape, isComposer } from "#client/single-keys.ts";
import { useFreeEscape, useKeys } from "#client/use-keys.ts";
import { useOpened, useSessionState } from "./session-context.tsx";

/** The keys of a session's page, and what the palette can do on it. */
export function useSessionCommands(): void {
  const { drive } = useOpened().disabledReason;
  const { view, live, panels, card, showCard, layer, setLayer, interrupt } = useSessionState();
  const { show, close, covers } = panels;
  const { run: stop } = interrupt;
  const canDrive = drive === undefined;
  // One that has stopped may be about to go on: at an answer, or once its sandbox is gone.
  const canEnd = (live || view.waitingFor !== null) && canDrive;
  const canStop = live && canDrive && interrupt.possible;
  const find = useCallback(() => {
    show("session");
    setLayer("find");
  }, [show, setLayer]);

  const isFreeEscape = useFreeEscape();
  useKeys((event, layered) => {
    const command = event.metaKey || event.ctrlKey;
    if (event.key === "Escape") {
      if (event.repeat || layered) return;
      const writing = isComposer(event.target);
      if (hasOwnEscape(event.target)) isFreeEscape();
      else if (layer === "find" && !writing) setLayer(null);
      else if (covers && !writing) close();
      else if (isFreeEscape() && canStop) stop();
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
      {
        id: "git",
        name: "Commit and push",
        keywords: "repository branch",
        keys: "Alt 5",
        run: () => show("git"),
      },
      {
        id: "project",
        name: "Show changes to push",
        keywords: "project agents roles triggers entity types",
        keys: "Alt 6",
        run: () => show("project"),
      },
      ...(canDrive
        ? [{ id: "rename", name: "Rename session", keywords: "title", run: () => setLayer("rename") }]
        : []),
      ...(canStop
        ? [{ id: "stop", name: "Stop the run", keywords: "interrupt cancel", keys: "Esc", run: stop }]
        : []),
      ...(canEnd
        ? [{ id: "end", name: "End session", keywords: "stop delete", run: () => setLayer("end") }]
        : []),
    ],
    [show, find, canDrive, canStop, canEnd, stop, setLayer],
  );
  useOfferedCommands(commands);
}
