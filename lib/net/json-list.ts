/** A text that is no JSON, or none of the wanted form: why, and in which line. */
export class MalformedJson extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = "MalformedJson";
    this.line = line;
  }
}

/** An item of a list, as JSON text, and the line in which it begins. */
export interface JsonItem {
  text: string;
  line: number;
}

interface Bounds {
  /** Characters of one item. */
  itemChars: number;
  /** Characters of all that stands beside the list. */
  restChars: number;
}

/** What matters within a text in quotes, and outside of one. */
const IN_TEXT = /["\\]/g;
const BETWEEN_TEXTS = /["{}[\]\n]/g;
const SPACE = /^[ \t\r\n]$/;

/**
 * Takes JSON text of one object apart as it comes: the items of one of its lists, each by itself, and the rest of the
 * object, in which that list is empty. Whatever its layout, no more of it is held than one item and the rest. Each part
 * is still to be parsed: this finds where it ends.
 */
export class JsonListReader {
  readonly #list: string;
  readonly #bounds: Bounds;
  readonly #found: JsonItem[] = [];
  #rest = "";
  #item = "";
  #itemLine = 1;
  #line = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** The last text of the object's own level, which may be the name of what comes. */
  #word = "";
  #named = "";
  #place: "before" | "object" | "list" | "item" | "behind" = "before";
  #wants: "first" | "item" | "comma" = "first";
  #hadList = false;

  /** @param list the name of the list in the object */
  constructor(list: string, bounds: Bounds) {
    this.#list = list;
    this.#bounds = bounds;
  }

  /** The line that is being read. */
  get line(): number {
    return this.#line;
  }

  /** Takes more of the text. @returns the items that are whole now @throws MalformedJson */
  push(text: string): JsonItem[] {
    for (let at = 0; at < text.length;) {
      if (this.#place === "item") at = this.#inItem(text, at);
      else {
        const char = text[at]!;
        if (char === "\n") this.#line += 1;
        if (this.#place !== "list") this.#outside(char);
        // An item begins with this character.
        else if (this.#inList(char)) this.#item = char;
        at += 1;
      }
    }
    return this.#found.splice(0);
  }

  /** @returns the object without the list's items, as JSON text @throws MalformedJson where the text broke off */
  end(): string {
    if (this.#place !== "behind") throw this.#fault("The file ends before its JSON does: it was cut off.");
    return this.#rest;
  }

  #fault(message: string): MalformedJson {
    return new MalformedJson(this.#line, message);
  }

  #take(piece: string): void {
    this.#item += piece;
    if (this.#item.length > this.#bounds.itemChars)
      throw new MalformedJson(
        this.#itemLine,
        `An entry is longer than ${this.#bounds.itemChars} characters.`,
      );
  }

  /** Goes on in an item, from one character that matters to the next. @returns where its text ends, or the item */
  #inItem(text: string, from: number): number {
    let at = from;
    while (at < text.length) {
      if (this.#escaped) {
        this.#escaped = false;
        at += 1;
        continue;
      }
      const next = this.#inString ? IN_TEXT : BETWEEN_TEXTS;
      next.lastIndex = at;
      const found = next.exec(text);
      if (!found) break;
      at = found.index + 1;
      const [char] = found;
      if (char === "\\") this.#escaped = true;
      else if (char === '"') this.#inString = !this.#inString;
      else if (char === "\n") this.#line += 1;
      else this.#depth += char === "{" || char === "[" ? 1 : -1;
      if (this.#depth > 0) continue;
      // Its last character belongs to it.
      this.#take(text.slice(from, at));
      this.#found.push({ text: this.#item, line: this.#itemLine });
      this.#item = "";
      this.#place = "list";
      this.#wants = "comma";
      return at;
    }
    this.#take(text.slice(from));
    return text.length;
  }

  /** Between items. @returns whether one begins here */
  #inList(char: string): boolean {
    if (SPACE.test(char)) return false;
    if (char === "]" && this.#wants !== "item") {
      this.#place = "object";
      this.#add("]");
      this.#depth = 1;
    } else if (char === "," && this.#wants === "comma") this.#wants = "item";
    else if (char === "{" && this.#wants !== "comma") {
      this.#place = "item";
      this.#itemLine = this.#line;
      this.#depth = 1;
      return true;
    } else throw this.#fault(`"${this.#list}" must be a list of objects with commas between them.`);
    return false;
  }

  #add(char: string): void {
    this.#rest += char;
    if (this.#rest.length > this.#bounds.restChars)
      throw this.#fault(`More than ${this.#bounds.restChars} characters stand beside "${this.#list}".`);
  }

  #outside(char: string): void {
    if (this.#place === "before" || this.#place === "behind") {
      if (SPACE.test(char)) return;
      if (this.#place === "behind") throw this.#fault("There's more behind the end of the JSON object.");
      if (char !== "{") throw this.#fault("The file must be one JSON object.");
      this.#place = "object";
      this.#depth = 1;
      this.#add(char);
      return;
    }
    this.#add(char);
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false;
      else if (char === "\\") this.#escaped = true;
      else if (char === '"') {
        this.#inString = false;
        return;
      }
      if (this.#depth === 1) this.#word += char;
    } else if (char === '"') {
      this.#inString = true;
      this.#word = "";
    } else if (this.#depth === 1 && char === ":") this.#named = this.#word;
    else if (this.#depth === 1 && char === ",") this.#named = "";
    else if (this.#depth === 1 && char === "[" && this.#named === this.#list) {
      if (this.#hadList) throw this.#fault(`"${this.#list}" stands in the object twice.`);
      this.#hadList = true;
      this.#place = "list";
      this.#wants = "first";
      this.#depth = 0;
    } else if (char === "{" || char === "[") this.#depth += 1;
    else if (char === "}" || char === "]") {
      this.#depth -= 1;
      if (this.#depth === 0) this.#place = "behind";
    }
  }
}

/** Takes text of one JSON object a line apart as it comes; empty lines are passed over. */
export class JsonLinesReader {
  readonly #maxChars: number;
  #line = 1;
  #rest = "";

  /** @param maxChars of a line */
  constructor(maxChars: number) {
    this.#maxChars = maxChars;
  }

  /** @returns the lines that are whole now @throws MalformedJson */
  push(text: string): JsonItem[] {
    const found: JsonItem[] = [];
    let from = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", from)) {
      this.#take(text.slice(from, at));
      this.#give(found);
      this.#line += 1;
      from = at + 1;
    }
    this.#take(text.slice(from));
    return found;
  }

  /** @returns the last line, where no line break ends it */
  end(): JsonItem[] {
    const found: JsonItem[] = [];
    this.#give(found);
    return found;
  }

  #take(piece: string): void {
    this.#rest += piece;
    if (this.#rest.length > this.#maxChars)
      throw new MalformedJson(this.#line, `The line is longer than ${this.#maxChars} characters.`);
  }

  #give(found: JsonItem[]): void {
    const text = this.#rest.trim();
    this.#rest = "";
    if (text !== "") found.push({ text, line: this.#line });
  }
}
