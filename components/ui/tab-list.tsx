"use client";

import { type KeyboardEvent, type ReactNode, useRef } from "react";

export interface TabItem<T extends string> {
  value: T;
  name: string;
  icon?: ReactNode;
  /** How many wait inside; none is not shown. */
  count?: number | undefined;
  /** The count is of things that wait for a person. */
  urgent?: boolean;
  keys?: string;
}

/** Tabs by the ARIA pattern: arrow keys move, one of them is in the order of Tab. Each controls `<id>-<value>`. */
export function TabList<T extends string>({
  id,
  label,
  items,
  value,
  onChange,
  className = "",
}: {
  /** Undefined where the tabs show parts of the page that are more than panels. */
  id?: string;
  label: string;
  items: readonly TabItem<T>[];
  /** Null where none is open. */
  value: T | null;
  onChange: (value: T) => void;
  className?: string;
}) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = items.findIndex((item) => item.value === value);
    const to =
      event.key === "Home"
        ? 0
        : event.key === "End"
          ? items.length - 1
          : step === undefined
            ? undefined
            : (at + step + items.length) % items.length;
    const next = to === undefined ? undefined : items[to];
    if (!next || to === undefined) return;
    event.preventDefault();
    onChange(next.value);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus -- its tabs take the focus
    <div
      ref={list}
      role="tablist"
      aria-label={label}
      className={`tablist ${className}`}
      onKeyDown={onKeyDown}
    >
      {items.map((item, index) => {
        const selected = item.value === value;
        return (
          <button
            key={item.value}
            type="button"
            role="tab"
            className="tab"
            aria-selected={selected}
            aria-controls={selected && id !== undefined ? `${id}-${item.value}` : undefined}
            tabIndex={selected || (value === null && index === 0) ? 0 : -1}
            title={item.keys}
            onClick={() => onChange(item.value)}
          >
            {item.icon}
            {item.name}
            {item.count !== undefined && item.count > 0 && (
              <span className={`count ${item.urgent ? "count-wait" : ""}`}>{item.count}</span>
            )}
          </button>
        );
      })}
    </div>
  );
}
