/*
 * Definition files as `struere pull` writes them are one builder around plain values. Such a file is read here, without
 * running anything, which takes a hundredth of what a process and a world of its own take. Whatever else stands in a
 * file, however small, is none of this: undefined then says that it has to be run.
 */

const HEAD =
  /^\s*import\s*\{\s*(define[A-Za-z]+)\s*\}\s*from\s*(?:"struere"|'struere')\s*;?\s*export\s+default\s+(define[A-Za-z]+)\s*\(/;
const BUILDERS = new Set(["defineAgent", "defineData", "defineEntityType", "defineRole", "defineTrigger"]);
const MAX_DEPTH = 100;

/** Anything but a plain value. */
class Other extends Error {}

const SPACE = /(?:[ \t\r\n]|\/\/[^\r\n\u2028\u2029]*|\/\*[^]*?\*\/)*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$.])/y;
const IN_TEMPLATE = /[^`\\$\r]+/y;
const IN_DOUBLE = /[^"\\\r\n]+/y;
const IN_SINGLE = /[^'\\\r\n]+/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const NAME = /[A-Za-z_$][A-Za-z0-9_$]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  b: "\b",
  f: "\f",
  v: "\v",
  "\\": "\\",
  '"': '"',
  "'": "'",
  "`": "`",
  $: "$",
  "/": "/",
};

class Reader {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? "";
    this.#at += found.length;
    return found;
  }

  /** True where the next sign is this one, which is then passed. */
  #takes(sign: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) throw new Other();
  }

  #escape(): string {
    const next = this.#text[this.#at] ?? "";
    this.#at += 1;
    if (next === "u") {
      const digits = this.#match(HEX4);
      if (digits === "") throw new Other();
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = Object.hasOwn(ESCAPES, next) ? ESCAPES[next] : undefined;
    if (plain === undefined) throw new Other();
    return plain;
  }

  #string(quote: string): string {
    const inTemplate = quote === "`";
    const plain = inTemplate ? IN_TEMPLATE : quote === '"' ? IN_DOUBLE : IN_SINGLE;
    let value = "";
    for (;;) {
      value += this.#match(plain);
      const char = this.#text[this.#at];
      this.#at += 1;
      if (char === quote) return value;
      if (char === "\\") value += this.#escape();
      else if (char === "$" && inTemplate && this.#text[this.#at] !== "{") value += char;
      // A template reads each of the line ends as one line feed.
      else if (char === "\r" && inTemplate) {
        if (this.#text[this.#at] === "\n") this.#at += 1;
        value += "\n";
      } else throw new Other();
    }
  }

  #key(): string {
    this.#match(SPACE);
    const char = this.#text[this.#at];
    if (char === '"' || char === "'") {
      this.#at += 1;
      const key = this.#string(char);
      if (key === "__proto__") throw new Other();
      return key;
    }
    if (this.#takes("[")) {
      this.#match(SPACE);
      const quote = this.#text[this.#at] ?? "";
      this.#at += 1;
      if (quote !== '"' && quote !== "'") throw new Other();
      const key = this.#string(quote);
      this.#expect("]");
      return key;
    }
    const name = this.#match(NAME);
    // It would set a prototype.
    if (name === "" || name === "__proto__") throw new Other();
    return name;
  }

  value(depth = 0): unknown {
    if (depth > MAX_DEPTH) throw new Other();
    this.#match(SPACE);
    const char = this.#text[this.#at] ?? "";
    if (char === '"' || char === "'" || char === "`") {
      this.#at += 1;
      return this.#string(char);
    }
    if (this.#takes("[")) {
      const items: unknown[] = [];
      while (!this.#takes("]")) {
        items.push(this.value(depth + 1));
        if (this.#takes(",")) continue;
        this.#expect("]");
        break;
      }
      return items;
    }
    if (this.#takes("{")) {
      const fields: Record<string, unknown> = {};
      while (!this.#takes("}")) {
        const key = this.#key();
        this.#expect(":");
        const value = this.value(depth + 1);
        Object.defineProperty(fields, key, { value, enumerable: true, writable: true, configurable: true });
        if (this.#takes(",")) continue;
        this.#expect("}");
        break;
      }
      return fields;
    }
    const number = this.#match(NUMBER);
    if (number !== "") {
      const value = Number(number);
      // JSON has neither infinity nor a zero below nothing, whatever reads the file says of them.
      if (!Number.isFinite(value) || Object.is(value, -0)) throw new Other();
      return value;
    }
    const word = this.#match(NAME);
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    throw new Other();
  }

  end(): void {
    this.#takes(",");
    this.#expect(")");
    this.#takes(";");
    this.#match(SPACE);
    if (this.#at !== this.#text.length) throw new Other();
  }
}

/** The definition of a file that holds plain values alone, as JSON text; undefined where the file has to be run. */
export function literalDefinition(source: string): string | undefined {
  const head = HEAD.exec(source);
  if (!head || head[1] !== head[2] || !BUILDERS.has(head[1]!)) return undefined;
  const reader = new Reader(source, head[0].length);
  try {
    const value = reader.value();
    reader.end();
    return typeof value === "object" && value !== null ? JSON.stringify(value) : undefined;
  } catch (error) {
    if (error instanceof Other) return undefined;
    throw error;
  }
}
