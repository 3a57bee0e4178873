import { transportKindOf } from "#net/transport.ts";

/** SQLite's own code for want of room, SQLITE_FULL, and that of the file beside its log, SQLITE_IOERR_SHMSIZE. */
const SQLITE_FULL = [13, 4_874];
/** Errors of Node's files (errno(3)): no room, and no more of it for this user. */
const FILES_FULL = ["ENOSPC", "EDQUOT"];
const MAX_DEPTH = 5;

/** Whether something failed for want of room: here, or where Convex runs. By the codes of the error and its causes. */
export function isDiskFull(error: unknown): boolean {
  if (transportKindOf(error) === "full") return true;
  let at = error;
  for (let depth = 0; depth < MAX_DEPTH && at instanceof Error; depth += 1) {
    if ("errcode" in at && SQLITE_FULL.includes(Number(at.errcode))) return true;
    if ("code" in at && FILES_FULL.includes(String(at.code))) return true;
    at = at.cause;
  }
  return false;
}
