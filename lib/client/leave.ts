/**
 * Loads another page as a whole, so that nothing of this one is left in it.
 * @returns a promise that never settles: what led here stays pending until this page is gone
 */
export function leaveFor(path: string): Promise<never> {
  window.location.assign(path);
  return staying();
}

/** Loads this page again. Like `leaveFor`. */
export function reloadPage(): Promise<never> {
  window.location.reload();
  return staying();
}

/** For a way to another page within the app that has been taken. Like `leaveFor`. */
export const staying = () => new Promise<never>(() => undefined);
