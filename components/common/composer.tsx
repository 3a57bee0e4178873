"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { useCommandKey } from "../../lib/client/use-browser.ts";

/** Where a message is written. ⌘ or Ctrl with Enter sends it; plain Enter starts a new line. */
export function Composer({
  value,
  onChange,
  onSubmit,
  action,
  primary,
  busy,
  placeholder,
  rows,
  blocked,
  className = "",
  note,
  children,
}: {
  value: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
  /** The button's verb. */
  action: string;
  primary: boolean;
  busy: boolean;
  placeholder: string;
  rows: number;
  /** Why nothing can be sent; undefined where it can. */
  blocked?: string | undefined;
  className?: string;
  /** What to know before pressing the button. */
  note?: string;
  /** Stands at the start of the foot. */
  children?: ReactNode;
}) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const latest = useRef({ value, onChange });
  useEffect(() => {
    latest.current = { value, onChange };
  });
  useEffect(() => {
    // What was typed before hydration is only in the field.
    const typed = field.current?.value;
    if (typed !== undefined && typed !== latest.current.value) latest.current.onChange(typed);
  }, []);
  const command = useCommandKey();
  const idle = !busy && !blocked && value.trim() !== "";
  const why = blocked ?? (value.trim() === "" ? "Write a message first" : undefined);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (idle) onSubmit();
  };
  return (
    <form
      className={`composer ${className}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (idle) onSubmit();
      }}
    >
      <label className="sr" htmlFor={id}>
        Message to the agent
      </label>
      <textarea
        ref={field}
        id={id}
        rows={rows}
        style={{ minHeight: `${rows * 22 + 14}px` }}
        value={value}
        placeholder={placeholder}
        disabled={blocked !== undefined}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer-foot">
        {blocked && <span className="px-1.5 text-small text-ink-3">{blocked}</span>}
        {children}
        <span className="flex-1" />
        {note && <span className="px-1 text-small text-ink-3 max-sm:hidden">{note}</span>}
        <button
          type="submit"
          className={`btn ${primary ? "btn-primary" : ""}`}
          aria-disabled={!idle}
          title={busy ? undefined : why}
        >
          {busy && <span className="sr">Sending</span>}
          {action}
          <kbd className="kbd max-sm:hidden!" aria-hidden="true">
            {command}
          </kbd>
          <kbd className="kbd max-sm:hidden!" aria-hidden="true">
            ⏎
          </kbd>
        </button>
      </div>
    </form>
  );
}
