/**
 * Finds many texts in another at once, however it breaks them into lines: the automaton of Aho and Corasick
 * (https://doi.org/10.1145/360825.360855), whose time depends on the text alone.
 */

/** A place in a text, the end not included. */
export interface Range {
  from: number;
  to: number;
}

const UNITS = 65_536;
const ASCII = 128;

/** How many characters of a break of lines begin at `index`: in JSON text it is written as two. */
function breakAt(text: string, index: number): number {
  const char = text.charCodeAt(index);
  if (char === 10 || char === 13) return 1;
  if (char !== 92) return 0;
  const next = text.charCodeAt(index + 1);
  return next === 110 || next === 114 ? 2 : 0;
}

/** Knows a set of texts, and where they are in another. */
export class FormFinder {
  /** From a state by a character to the next: `state * UNITS + character`. */
  readonly #edges = new Map<number, number>();
  /** Edges of the first state by the characters that most text consists of: there a text's time goes. */
  readonly #first = new Int32Array(ASCII);
  readonly #fallback: number[] = [0];
  readonly #depth: number[] = [0];
  /** Of the longest form that ends in a state; 0 where none does. */
  readonly #found: number[] = [0];

  /** Characters of the longest text, breaks of lines left out. */
  readonly longest: number;

  constructor(forms: readonly string[]) {
    for (const form of forms) this.#add(form);
    this.#link();
    this.longest = this.#depth.reduce((most, depth) => Math.max(most, depth), 0);
  }

  #add(form: string): void {
    let state = 0;
    for (let index = 0; index < form.length;) {
      const skipped = breakAt(form, index);
      if (skipped === 0) {
        const edge = state * UNITS + form.charCodeAt(index);
        let next = this.#edges.get(edge);
        if (next === undefined) {
          next = this.#depth.length;
          this.#edges.set(edge, next);
          this.#depth.push((this.#depth[state] ?? 0) + 1);
          this.#fallback.push(0);
          this.#found.push(0);
        }
        state = next;
      }
      index += skipped || 1;
    }
    this.#found[state] = this.#depth[state] ?? 0;
  }

  /** By depth: what a state falls back to is not as deep. */
  #link(): void {
    const levels: [edge: number, state: number][][] = [];
    for (const [edge, state] of this.#edges) if (edge < ASCII) this.#first[edge] = state;
    for (const entry of this.#edges) (levels[this.#depth[entry[1]] ?? 0] ??= []).push(entry);
    for (const [edge, state] of levels.flat()) {
      const parent = Math.floor(edge / UNITS);
      const fallback = parent === 0 ? 0 : this.#step(this.#fallback[parent] ?? 0, edge % UNITS);
      this.#fallback[state] = fallback;
      this.#found[state] = Math.max(this.#found[state] ?? 0, this.#found[fallback] ?? 0);
    }
  }

  #step(from: number, char: number): number {
    for (let state = from; ; state = this.#fallback[state] ?? 0) {
      if (state === 0 && char < ASCII) return this.#first[char] ?? 0;
      const next = this.#edges.get(state * UNITS + char);
      if (next !== undefined) return next;
      if (state === 0) return 0;
    }
  }

  /**
   * @returns where any of the texts are, joined where they overlap; and the place from which the text's end may be the
   * beginning of one
   */
  find(text: string): { ranges: Range[]; begun: number } {
    const ranges: Range[] = [];
    /** Where the last characters are that are no part of a break. */
    const places = new Int32Array(this.longest + 1);
    let count = 0;
    const placeOf = (back: number) => places[(count - back) % places.length] ?? 0;
    let state = 0;
    for (let index = 0; index < text.length;) {
      const skipped = breakAt(text, index);
      if (skipped === 0) {
        state = this.#step(state, text.charCodeAt(index));
        places[count++ % places.length] = index;
        const length = this.#found[state] ?? 0;
        if (length > 0) join(ranges, { from: placeOf(length), to: index + 1 });
      }
      index += skipped || 1;
    }
    const depth = this.#depth[state] ?? 0;
    return { ranges, begun: depth === 0 ? text.length : placeOf(depth) };
  }
}

/** Adds a range that ends behind all others. */
function join(ranges: Range[], range: Range): void {
  let { from } = range;
  for (let last = ranges.at(-1); last && last.to >= from; last = ranges.at(-1)) {
    from = Math.min(from, last.from);
    ranges.pop();
  }
  ranges.push({ from, to: range.to });
}
