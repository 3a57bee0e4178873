import { compareKeys } from "../storage/keys.ts";
import { seededRandom } from "./globals.ts";

/** A range that was put into a `RangeIndex`; its handle for taking it out again. */
export interface RangeNode<T> {
  readonly lo: Uint8Array;
  readonly hi: Uint8Array;
  readonly value: T;
  readonly order: number;
  readonly priority: number;
  left: RangeNode<T> | null;
  right: RangeNode<T> | null;
  /** The greatest `hi` of this node and all below it. */
  reach: Uint8Array;
}

function refreshReach<T>(node: RangeNode<T>): RangeNode<T> {
  node.reach = node.hi;
  for (const child of [node.left, node.right]) {
    if (child && compareKeys(child.reach, node.reach) > 0) node.reach = child.reach;
  }
  return node;
}

function precedes<T>(a: RangeNode<T>, b: RangeNode<T>): boolean {
  const order = compareKeys(a.lo, b.lo);
  return order < 0 || (order === 0 && a.order < b.order);
}

/**
 * Ranges of keys (lo <= key < hi), found by a key that they contain, in time that grows with the
 * number found and the logarithm of all. A treap ordered by `lo`, each node knowing how far it reaches.
 */
export class RangeIndex<T> {
  private root: RangeNode<T> | null = null;
  private inserted = 0;
  private readonly random = seededRandom(1);

  add(lo: Uint8Array, hi: Uint8Array, value: T): RangeNode<T> {
    const node: RangeNode<T> = {
      lo,
      hi,
      value,
      order: this.inserted++,
      priority: this.random(),
      left: null,
      right: null,
      reach: hi,
    };
    const [left, right] = this.split(this.root, node);
    this.root = this.merge(this.merge(left, node), right);
    return node;
  }

  remove(node: RangeNode<T>): void {
    this.root = this.without(this.root, node);
  }

  /** Calls `visit` for every range that contains the key. */
  containing(key: Uint8Array, visit: (value: T) => void): void {
    const pending: (RangeNode<T> | null)[] = [this.root];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (node === null || compareKeys(node.reach, key) <= 0) continue;
      pending.push(node.left);
      if (compareKeys(node.lo, key) > 0) continue;
      if (compareKeys(key, node.hi) < 0) visit(node.value);
      pending.push(node.right);
    }
  }

  /** Splits a tree into what precedes `at` and what follows it. */
  private split(tree: RangeNode<T> | null, at: RangeNode<T>): [RangeNode<T> | null, RangeNode<T> | null] {
    if (!tree) return [null, null];
    if (precedes(tree, at)) {
      const [left, right] = this.split(tree.right, at);
      tree.right = left;
      return [refreshReach(tree), right];
    }
    const [left, right] = this.split(tree.left, at);
    tree.left = right;
    return [left, refreshReach(tree)];
  }

  private merge(left: RangeNode<T> | null, right: RangeNode<T> | null): RangeNode<T> | null {
    if (!left || !right) return left ?? right;
    if (left.priority > right.priority) {
      left.right = this.merge(left.right, right);
      return refreshReach(left);
    }
    right.left = this.merge(left, right.left);
    return refreshReach(right);
  }

  private without(tree: RangeNode<T> | null, node: RangeNode<T>): RangeNode<T> | null {
    if (!tree) return null;
    if (tree === node) return this.merge(tree.left, tree.right);
    if (precedes(node, tree)) tree.left = this.without(tree.left, node);
    else tree.right = this.without(tree.right, node);
    return refreshReach(tree);
  }
}
