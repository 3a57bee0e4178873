import { useSyncExternalStore } from "react";

/*
 * A page goes on for days while servers are replaced. Its requests still work, since both sides of a deploy understand
 * each other; what is new is there once it is loaded again.
 */

let own: string | undefined;
let newest: string | undefined;
const listeners = new Set<() => void>();

/** Says which build this page came with. The first one counts: a page has one. */
export function setOwnBuild(build: string): void {
  own ??= build;
}

/** Notes which build a server serves now. */
export function noteBuild(build: string): void {
  if (build === newest) return;
  newest = build;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether servers serve another build than the one that this page came with. */
export const useIsOutdated = (): boolean =>
  useSyncExternalStore(
    subscribe,
    () => own !== undefined && newest !== undefined && own !== newest,
    () => false,
  );
