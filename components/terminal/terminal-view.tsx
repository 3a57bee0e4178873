"use client";

import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { type ITheme, Terminal } from "@xterm/xterm";
import { useEffect, useRef, useState } from "react";
import type { ApiError } from "#client/api.ts";
import { createTyping, followTerminal, type TerminalState } from "#client/terminal.ts";
import { cn } from "../ui/cn.ts";
import { paneBarClass } from "../ui/pane-bar.tsx";
import { ProblemNotice } from "../ui/problem-notice.tsx";

/** The page's colors, as a terminal needs them. */
function theme(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const role = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    background: role("sunken"),
    foreground: role("ink"),
    cursor: role("accent"),
    cursorAccent: role("sunken"),
    selectionBackground: role("accent-soft"),
    black: role("ink"),
    brightBlack: role("ink-3"),
    white: role("ink-2"),
    brightWhite: role("ink"),
    red: role("danger"),
    brightRed: role("danger"),
    green: role("success"),
    brightGreen: role("success"),
    yellow: role("warning"),
    brightYellow: role("warning"),
    blue: role("info"),
    brightBlue: role("info"),
    magenta: role("danger"),
    brightMagenta: role("danger"),
    cyan: role("accent"),
    brightCyan: role("accent"),
  };
}

const RESIZE_MS = 100;

/** A shell of the sandbox. It is followed while it is shown, and comes back where it was. */
export function TerminalView({ sessionId, id }: { sessionId: string; id: string }) {
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<TerminalState>({ kind: "connecting" });
  const [problem, setProblem] = useState<ApiError>();

  useEffect(() => {
    if (!place.current) return;
    const box = place.current;
    const terminal = new Terminal({
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--font-mono") || "monospace",
      fontSize: 12,
      lineHeight: 1.3,
      cursorBlink: false,
      scrollback: 5000,
      screenReaderMode: true,
      minimumContrastRatio: 4.5,
      theme: theme(),
      // What a program prints is no link of ours to open.
      linkHandler: { activate: () => undefined },
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(box);
    const typing = createTyping(sessionId, id, setProblem);
    terminal.onData((data) => typing.type(data));
    terminal.onResize(({ cols, rows }) => typing.resize({ cols, rows }));
    terminal.attachCustomKeyEventHandler((event) => {
      // The page's own keys, and the way out, are not the shell's.
      if (event.shiftKey && event.key === "Escape") {
        if (event.type === "keydown")
          document
            .querySelector<HTMLElement>('[data-testid="workspace"] [role="tab"][aria-selected="true"]')
            ?.focus();
        return false;
      }
      const ours = event.altKey && !event.ctrlKey && /^(Digit[1-5]|KeyJ)$/.test(event.code);
      const palette = (event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k" && !event.shiftKey;
      return !ours && !(palette && event.metaKey);
    });
    let resizing: ReturnType<typeof setTimeout> | undefined;
    const sizes = new ResizeObserver(() => {
      clearTimeout(resizing);
      resizing = setTimeout(() => box.clientHeight > 0 && fit.fit(), RESIZE_MS);
    });
    sizes.observe(box);
    const themes = new MutationObserver(() => {
      terminal.options.theme = theme();
    });
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const stop = followTerminal(sessionId, id, {
      onData: (bytes) => terminal.write(bytes),
      onReset: () => terminal.reset(),
      onState: setState,
    });
    terminal.focus();
    return () => {
      stop();
      clearTimeout(resizing);
      sizes.disconnect();
      themes.disconnect();
      terminal.dispose();
    };
  }, [sessionId, id]);

  const refused = state.kind === "refused" ? state.error : problem;
  return (
    <>
      <div className="p-3 empty:hidden">
        {refused && <ProblemNotice title="The terminal isn't responding" error={refused} />}
      </div>
      <div
        ref={place}
        className="terminal min-h-0 flex-1 overflow-hidden bg-sunken pt-2 pr-1 pb-2 pl-2.5 focus-within:outline-2 focus-within:-outline-offset-2 focus-within:outline-(--focus) [word-spacing:0] [&_.xterm]:h-full"
        data-testid="terminal"
        data-state={state.kind}
      />
      <output
        className={
          state.kind === "live" || state.kind === "connecting" ? "sr-only" : cn(paneBarClass, "text-ink-2")
        }
      >
        {state.kind === "offline" &&
          "The terminal is disconnected. It reconnects automatically, and what runs in it keeps running."}
        {state.kind === "ended" && "The shell has ended. Close this terminal or open a new one."}
      </output>
    </>
  );
}
