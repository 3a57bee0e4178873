/** A REST failure: the status and message that `/files` answers with. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Compares a secret that somebody gave with the right one, without telling by time where they differ. By hand,
 * since every request needs it, and the cryptography that has such a function takes longer to load than all else.
 */
export function sameSecret(given: string, right: string): boolean {
  let difference = given.length ^ right.length;
  for (let i = 0; i < right.length; i++) difference |= given.charCodeAt(i) ^ right.charCodeAt(i);
  return difference === 0;
}
