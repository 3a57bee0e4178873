"use client";

import { useSyncExternalStore } from "react";

export const PANES = ["files", "diff", "terminal", "preview"] as const;
export type Pane = (typeof PANES)[number];
export const DOCK_TABS = ["status", "history", "logs", "approvals", "sandbox", "config"] as const;
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

const KEY = "studio-layout";
const DEFAULT: Layout = {
  split: 48,
  dock: 232,
  beside: true,
  pane: "files",
  dockTab: "status",
  splitDiff: false,
};
const listeners = new Set<() => void>();
let current: Layout | undefined;

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

function read(): Layout {
  if (current) return current;
  try {
    current = layoutOf(JSON.parse(localStorage.getItem(KEY) ?? "null"));
  } catch {
    current = DEFAULT;
  }
  return current;
}

/** Changes the layout, and keeps it in this browser. */
export function setLayout(change: Partial<Layout>): void {
  current = { ...read(), ...change };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch (error) {
    console.warn("The layout cannot be kept", error);
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The layout of this browser; the default while the server's page is taken over. */
export function useLayout(): Layout {
  return useSyncExternalStore(subscribe, read, () => DEFAULT);
}
