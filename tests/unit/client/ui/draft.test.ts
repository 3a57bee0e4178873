// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  claimDrafts,
  messageDraft,
  dropAllDrafts,
  dropDraft,
  fileDraft,
  joinTexts,
  flushDrafts,
  keepDraft,
  readDraft,
  readDrafts,
} from "#client/draft.ts";
import { toasts } from "#client/toast.ts";

beforeEach(() => {
  dropAllDrafts();
  localStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const keys = () => Object.keys(localStorage).toSorted();

test("PAGE-6: what is typed is stored soon, at once where the page is left, and found again", () => {
  vi.useFakeTimers();
  keepDraft("message:s1", { text: "half" });
  keepDraft("message:s1", { text: "half a message" });
  // A way to another page and back within that time.
  expect(readDraft("message:s1")).toEqual({ text: "half a message" });
  expect(keys()).toEqual([]);
  vi.advanceTimersByTime(300);
  expect(keys()).toEqual(["studio-draft:message:s1"]);
  keepDraft("message:s1", { text: "half a message and" });
  window.dispatchEvent(new Event("pagehide"));
  expect(localStorage.getItem("studio-draft:message:s1")).toContain("half a message and");
  keepDraft("message:s1", { text: "never stored" });
  dropDraft("message:s1");
  vi.advanceTimersByTime(300);
  expect(keys()).toEqual([]);
});

test("PAGE-6: drafts are bounded in length and age; the oldest give way", () => {
  vi.useFakeTimers({ now: 1_000_000_000_000 });
  const long = "x".repeat(550_000);
  for (const name of ["a", "b", "c", "d"]) {
    keepDraft(name, { text: long });
    expect(flushDrafts()).toBe(true);
    vi.advanceTimersByTime(1_000);
  }
  expect(keys()).toEqual(["studio-draft:b", "studio-draft:c", "studio-draft:d"]);
  vi.advanceTimersByTime(15 * 24 * 60 * 60 * 1000);
  expect(readDraft("b")).toBeUndefined();
  keepDraft("e", { text: "new" });
  flushDrafts();
  expect(keys()).toEqual(["studio-draft:e"]);
});

test("PAGE-6: what the browser cannot store is known, until it is shorter or dropped", () => {
  keepDraft("big", { text: "x".repeat(700_000) });
  expect(flushDrafts()).toBe(false);
  keepDraft("big", { text: "short" });
  expect(flushDrafts()).toBe(true);
  vi.spyOn(console, "warn").mockReturnValue();
  vi.stubGlobal("localStorage", {
    removeItem: () => undefined,
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
  });
  keepDraft("big", { text: "longer" });
  expect(flushDrafts()).toBe(false);
  dropDraft("big");
  expect(flushDrafts()).toBe(true);
});

test("PAGE-6: what cannot be stored takes nothing from what was, and is said once", () => {
  const say = vi.spyOn(toasts, "add");
  const kept = localStorage;
  keepDraft("message:s1", { text: "good" });
  keepDraft("message:s2", { text: "another" });
  expect(flushDrafts()).toBe(true);
  for (const length of [700_000, 700_001]) {
    keepDraft("message:s1", { text: "x".repeat(length) });
    expect(flushDrafts()).toBe(false);
  }
  expect(say).toHaveBeenCalledTimes(1);
  expect(readDraft("message:s1")?.text).toHaveLength(700_001);
  expect(localStorage.getItem("studio-draft:message:s1")).toContain("good");
  expect(localStorage.getItem("studio-draft:message:s2")).toContain("another");
  keepDraft("message:s1", { text: "short again" });
  expect(flushDrafts()).toBe(true);
  vi.stubGlobal("localStorage", {
    setItem: () => {
      throw new DOMException("full", "QuotaExceededError");
    },
    removeItem: (key: string) => kept.removeItem(key),
  });
  vi.spyOn(console, "warn").mockReturnValue();
  keepDraft("message:s1", { text: "more" });
  expect(flushDrafts()).toBe(false);
  vi.unstubAllGlobals();
  expect(localStorage.getItem("studio-draft:message:s1")).toContain("short again");
  expect(say).toHaveBeenCalledTimes(2);
});

test.each([
  ["", "typed", "typed"],
  ["kept", "", "kept"],
  ["kept", "t", "kept\n\nt"],
  // A browser fills in again what a field had.
  ["kept", "kept", "kept"],
  ["kept", "kept and more", "kept and more"],
  ["kept\n\ntyped", "typed", "kept\n\ntyped"],
  ["a list of n", "n", "a list of n\n\nn"],
])("PAGE-6: %j that was kept and %j that was typed are %j", (kept, typed, both) => {
  expect(joinTexts(kept, typed)).toBe(both);
});

test("PAGE-6: signing out leaves no draft behind, nor what was about to be stored; other keys stay", () => {
  localStorage.setItem("studio-theme", "dark");
  keepDraft("message:s1", { text: "mine" });
  flushDrafts();
  keepDraft(fileDraft("s1", "a.ts"), { text: "mine, too", hash: "abc" });
  dropAllDrafts();
  window.dispatchEvent(new Event("pagehide"));
  expect(keys()).toEqual(["studio-theme"]);
});

test("PAGE-6: the files of one session are found by their paths; what is broken counts for nothing", () => {
  keepDraft(fileDraft("s1", "src/a:b.ts"), { text: "one", hash: "abc" });
  keepDraft(fileDraft("s12", "a.ts"), { text: "another session's" });
  flushDrafts();
  localStorage.setItem("studio-draft:file:s1:broken.ts", "{");
  localStorage.setItem("studio-draft:file:s1:odd.ts", JSON.stringify({ text: 5, at: Date.now() }));
  expect([...readDrafts("file:s1:")].map(([path, { text, hash }]) => [path, text, hash])).toEqual([
    ["src/a:b.ts", "one", "abc"],
  ]);
  expect(keys()).toHaveLength(2);
});

test("PAGE-6: drafts are shown to nobody else who signs in in this browser", () => {
  claimDrafts("mara@studio.example");
  keepDraft(messageDraft("new"), { text: "for Mara alone" });
  flushDrafts();
  claimDrafts("mara@studio.example");
  expect(readDraft(messageDraft("new"))?.text).toBe("for Mara alone");
  claimDrafts("eve@studio.example");
  expect(readDraft(messageDraft("new"))).toBeUndefined();
});
