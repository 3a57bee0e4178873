"use client";

import { localSetting } from "./local-setting.ts";

export const PANES = ["files", "diff", "terminal", "preview", "git", "project"] as const;
export type Pane = (typeof PANES)[number];
export const DOCK_TABS = [
  "status",
  "history",
  "checkpoints",
  "logs",
  "approvals",
  "sandbox",
  "config",
] as const;
export type DockTab = (typeof DOCK_TABS)[number];

/** How this browser likes its session page. */
export interface Layout {
  /** Share of the conversation's column, in percent. */
  split: number;
  /** Height of the open dock, in pixels. */
  dock: number;
  /** Whether the workspace stands beside the conversation, where there is room for both. */
  beside: boolean;
  pane: Pane;
  dockTab: DockTab;
  /** Whether a change shows both texts beside each other. */
  splitDiff: boolean;
}

const DEFAULT: Layout = {
  split: 48,
  dock: 232,
  beside: true,
  pane: "files",
  dockTab: "status",
  splitDiff: false,
};
const within = (value: unknown, low: number, high: number, other: number) =>
  typeof value === "number" && value >= low && value <= high ? value : other;

/** A layout out of what was stored; what does not fit is as by default. */
export function layoutOf(stored: unknown): Layout {
  if (typeof stored !== "object" || stored === null) return DEFAULT;
  const known = stored as Partial<Record<keyof Layout, unknown>>;
  return {
    split: within(known.split, 20, 80, DEFAULT.split),
    dock: within(known.dock, 120, 600, DEFAULT.dock),
    beside: known.beside !== false,
    pane: PANES.find((pane) => pane === known.pane) ?? DEFAULT.pane,
    dockTab: DOCK_TABS.find((tab) => tab === known.dockTab) ?? DEFAULT.dockTab,
    splitDiff: known.splitDiff === true,
  };
}

const kept = localSetting<Layout>("studio-layout", {
  parse: (stored) => {
    try {
      return layoutOf(JSON.parse(stored ?? "null"));
    } catch {
      return DEFAULT;
    }
  },
  format: (layout) => JSON.stringify(layout),
  // Each tab shows another session, with its own parts in front.
  shared: false,
});

/** Changes the layout, and keeps it in this browser. */
export const setLayout = (change: Partial<Layout>) => kept.write({ ...kept.read(), ...change });

/** The layout of this browser; the default while the server's page is taken over. */
export const useLayout = kept.use;
