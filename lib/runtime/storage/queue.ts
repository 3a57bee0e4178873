const MIN_TO_COMPACT = 1_024;

/**
 * First in, first out, in constant time. (To take the first of a `Map` or `Set` again and again means to pass over all
 * that were taken before, until it is rebuilt.)
 */
export class Queue<T> {
  private items: (T | undefined)[] = [];
  private head = 0;

  get length(): number {
    return this.items.length - this.head;
  }

  push(item: T): void {
    this.items.push(item);
  }

  shift(): T | undefined {
    const item = this.items[this.head];
    if (this.head < this.items.length) this.items[this.head++] = undefined;
    if (this.head >= MIN_TO_COMPACT && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}
