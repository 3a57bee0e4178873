"use client";

import { Tabs as Base } from "@base-ui/react/tabs";
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Count } from "./chip.tsx";
import { cn } from "./cn.ts";
import { Icon } from "./icon.tsx";

export interface TabItem<T extends string> {
  value: T;
  name: string;
  icon?: LucideIcon;
  /** How many wait inside; none is not shown. */
  count?: number | undefined;
  /** The count is of things that wait for a person. */
  urgent?: boolean;
  keys?: string;
}

export const tabBarClass =
  "flex h-9 flex-none gap-0.5 overflow-x-auto border-b border-line bg-paper px-4 touch:h-11";
/** A tab, and a link of a row of pages that looks like one. */
export const tabClass = [
  "group/tab inline-flex items-center border-b-2 border-transparent px-2 font-medium whitespace-nowrap text-ink-2 hover:text-ink focus-visible:-outline-offset-2",
  "aria-selected:border-b-accent aria-selected:font-semibold aria-selected:text-ink aria-[current=page]:border-b-accent aria-[current=page]:font-semibold aria-[current=page]:text-ink",
  "forced-colors:aria-[current=page]:border-b-[Highlight]",
].join(" ");

/** Tabs and the panels that they show. @param value null where none is open */
export function Tabs<T extends string>({
  value,
  onChange,
  className,
  children,
}: {
  value: T | null;
  onChange: (value: T) => void;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Base.Root
      value={value}
      onValueChange={(next: T | null) => next !== null && onChange(next)}
      className={className}
    >
      {children}
    </Base.Root>
  );
}

/** The row of tabs: arrow keys move, one of them is in the order of Tab. */
export function TabList<T extends string>({
  label,
  items,
  activateOnFocus = true,
  className,
  tabClassName,
}: {
  label: string;
  items: readonly TabItem<T>[];
  /** False where no tab is open: to pass over the row by Tab must not open one. */
  activateOnFocus?: boolean;
  className?: string;
  tabClassName?: string;
}) {
  return (
    <Base.List activateOnFocus={activateOnFocus} aria-label={label} className={cn("flex", className)}>
      {items.map((item) => (
        <Base.Tab
          key={item.value}
          value={item.value}
          className={cn(tabClass, tabClassName)}
          title={item.keys}
        >
          {item.icon && (
            <Icon
              as={item.icon}
              size="sm"
              className="mr-1.5 text-ink-3 group-aria-selected/tab:text-accent"
            />
          )}
          {item.name}
          {item.count !== undefined && item.count > 0 && <Count urgent={item.urgent}>{item.count}</Count>}
        </Base.Tab>
      ))}
    </Base.List>
  );
}

/** What the tab of that value shows. @param focusable for a panel without controls of its own */
export function TabPanel({
  value,
  label,
  focusable = false,
  height,
  className,
  children,
}: {
  value: string;
  label: string;
  focusable?: boolean;
  /** In pixels; as high as its place otherwise. */
  height?: number;
  className?: string;
  children: ReactNode;
}) {
  return (
    <Base.Panel
      value={value}
      aria-label={label}
      tabIndex={focusable ? 0 : -1}
      className={className}
      style={{ height }}
    >
      {children}
    </Base.Panel>
  );
}
