import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Inbox, InboxFeed } from "#server/engine/inbox.ts";
import { EMPTY_INBOX, LEASE, prompt } from "./support.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function feed() {
  const abort = new AbortController();
  const seen: Inbox[] = [];
  const unfollow = vi.fn();
  const followed: ((inbox: Inbox) => void)[] = [];
  const made = new InboxFeed({
    sessionId: LEASE.sessionId,
    signal: abort.signal,
    onInbox: (inbox) => seen.push(inbox),
    followQuery: (_fn, _args, onValue) => {
      followed.push(onValue);
      return unfollow;
    },
  });
  return { made, abort, seen, unfollow, tell: (inbox: Inbox) => followed[0]?.(inbox) };
}

test("each state is handed over, and the first is waited for", async () => {
  const { made, seen, tell } = feed();
  const started = made.start();
  tell(EMPTY_INBOX);
  expect(await started).toBe(true);
  tell({ ...EMPTY_INBOX, queued: [prompt("c1")] });
  expect(seen).toHaveLength(2);
});

test("where none comes within half a minute, that is told", async () => {
  const { made } = feed();
  const started = made.start();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await started).toBe(false);
});

test("the latest state is handed over again on demand, unless the work is over", async () => {
  const { made, abort, seen, tell } = feed();
  void made.start();
  tell(EMPTY_INBOX);
  const latest = { ...EMPTY_INBOX, queued: [prompt("c1")] };
  tell(latest);
  made.again();
  vi.advanceTimersByTime(500);
  expect(seen).toEqual([EMPTY_INBOX, latest, latest]);
  made.again();
  abort.abort();
  vi.advanceTimersByTime(500);
  expect(seen).toHaveLength(3);
});

test("nothing is followed once it is stopped", () => {
  const { made, unfollow } = feed();
  void made.start();
  made.stop();
  expect(unfollow).toHaveBeenCalledTimes(1);
});
