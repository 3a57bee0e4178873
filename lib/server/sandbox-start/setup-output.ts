import type { Masker } from "#domain/mask.ts";
import { MAX_SETUP_OUTPUT_CHARS, SETUP_OUTPUT_END_CHARS } from "#domain/setup.ts";

/** Characters that are held back until a secret that may have begun in them is whole, or is none. */
const MAX_HELD_CHARS = 20_000;
/** What npm ends with, whatever went wrong: where its log is, which nobody finds once the sandbox has gone. */
const NPM_LOG = /^npm (?:error|ERR!)(?:$|\s+(?:A complete log of this run|\/\S*\/_logs\/))/;

/** What a script prints, without secrets: its beginning as it comes, and of more than is shown the end. */
export class SetupOutput {
  readonly #masker: Masker;
  /** Not masked yet: a secret may go on in what comes next. */
  #held = "";
  /** Masked, and not taken yet. */
  #next = "";
  #shown = 0;
  #end = "";
  #leftOut = 0;
  #last = "";

  constructor(masker: Masker) {
    this.#masker = masker;
  }

  add(text: string): void {
    const { shown, held } = this.#masker.growing(this.#held + text);
    if (held.length > MAX_HELD_CHARS) {
      this.#held = "";
      this.#show(shown + this.#masker.mask(held));
    } else {
      this.#held = held;
      this.#show(shown);
    }
  }

  #show(text: string): void {
    this.#last = (this.#last + text).slice(-SETUP_OUTPUT_END_CHARS);
    const room = Math.max(0, MAX_SETUP_OUTPUT_CHARS - this.#shown);
    this.#next += text.slice(0, room);
    this.#shown += Math.min(room, text.length);
    const rest = this.#end + text.slice(room);
    this.#end = rest.slice(-SETUP_OUTPUT_END_CHARS);
    this.#leftOut += rest.length - this.#end.length;
  }

  /** What has come since it was asked last. */
  take(): string {
    const next = this.#next;
    this.#next = "";
    return next;
  }

  /** The rest, once nothing more comes. */
  finish(): string {
    this.#show(this.#masker.mask(this.#held));
    this.#held = "";
    const gap = this.#leftOut > 0 ? `\n… ${this.#leftOut} characters left out …\n` : "";
    const rest = this.take() + gap + this.#end;
    this.#end = "";
    return rest;
  }

  /** The last line with words in it. */
  get lastLine(): string {
    const lines = this.#last.split("\n").map((line) => line.trim());
    return lines.findLast((line) => line !== "" && !NPM_LOG.test(line))?.slice(-300) ?? "";
  }
}
