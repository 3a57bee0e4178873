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

/** Saves what an address of this site sends as a file of the reader's. @param path whose last part is its name */
export function saveAs(address: string, path: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = path.split("/").at(-1) ?? path;
  link.click();
}
