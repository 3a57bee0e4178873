/** Git's objects as their bytes are: git's own commands show only some of a file's permissions, and Studio keeps them all. */

export const DIRECTORY = 0o40000;
export const SYMLINK = 0o120000;
const TYPE = 0o170000;

export interface TreeEntry {
  /** With every bit of the permissions. */
  mode: number;
  name: Buffer;
  oid: string;
}

export const isTree = ({ mode }: { mode: number }): boolean => (mode & TYPE) === DIRECTORY;

/** A tree's entries, as its bytes say. @throws Error where they are no tree's */
export function parseTree(bytes: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 21 > bytes.length) throw new Error("no tree");
    const name = bytes.subarray(space + 1, end);
    const text = name.toString("latin1");
    if (text === "" || text === "." || text === ".." || text.includes("/"))
      throw new Error("no tree of a folder");
    const mode = Number.parseInt(bytes.toString("latin1", at, space), 8);
    entries.push({ mode, name, oid: bytes.toString("hex", end + 1, end + 21) });
    at = end + 21;
  }
  return entries;
}

/** The tree of a commit; undefined where the bytes are none's. */
export const treeOfCommit = (commit: Buffer): string | undefined =>
  /^tree ([0-9a-f]{40})\n/.exec(commit.toString("latin1", 0, 46))?.[1];

/**
 * What `git cat-file --batch` has printed, by object.
 * @throws Error where one is missing, or the text broke off
 */
export function parseBatch(out: Buffer): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (let at = 0; at < out.length;) {
    const end = out.indexOf(0x0a, at);
    const [oid = "", type = "", size = ""] = out.toString("latin1", at, end).split(" ");
    const length = Number(size);
    const next = end + 2 + length;
    if (type === "missing" || !Number.isSafeInteger(length) || next > out.length)
      throw new Error(`${oid} is missing`);
    found.set(oid, out.subarray(end + 1, end + 1 + length));
    at = next;
  }
  return found;
}
