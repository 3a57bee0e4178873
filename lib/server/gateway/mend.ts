/** More of one line is passed on as it is: no call of a tool is as long as that. */
const MAX_LINE_BYTES = 1_000_000;
const NEWLINE = 10;
const MARK = Buffer.from('"arguments"');
const AS_VALUE = /"arguments"\s*:\s*[{[]/;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** Turns arguments that are JSON into text of JSON, wherever they are in a value. */
function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [
      name,
      name === "arguments" && isObject(of) ? JSON.stringify(of) : asText(of),
    ]),
  );
}

function mendLine(line: string): string {
  const [, start = "", json = "", end = ""] = /^(data: ?)(.*?)(\r?)$/s.exec(line) ?? [];
  if (start === "" || !AS_VALUE.test(json)) return line;
  try {
    const event: unknown = JSON.parse(json);
    if (!isObject(event)) return line;
    return `${start}${JSON.stringify({ ...event, choices: asText(event["choices"]) })}${end}`;
  } catch {
    // Not JSON: the agent's client says so.
    return line;
  }
}

const NOTHING = new Uint8Array();

function mended(lines: Buffer): Uint8Array {
  if (!lines.includes(MARK)) return lines;
  return Buffer.from(lines.toString("utf8").split("\n").map(mendLine).join("\n"));
}

/**
 * Mends the calls of tools in a stream of the OpenAI chat format: some endpoints send their arguments as an object, where
 * the format has text of JSON (https://platform.openai.com/docs/api-reference/chat-streaming), and the agent's client
 * gives the whole answer up. Everything else is passed on byte by byte.
 */
export class CallMender {
  /** Begins with the line that is not whole yet; grows by doubling, so that a line in tiny pieces is not copied again and again. */
  #buffer: Buffer = Buffer.alloc(4_096);
  #length = 0;

  /** @returns what can be passed on now: all whole lines */
  push(bytes: Uint8Array): Uint8Array {
    const newline = bytes.lastIndexOf(NEWLINE);
    if (newline < 0 && this.#length + bytes.length <= MAX_LINE_BYTES) {
      this.#keep(bytes);
      return NOTHING;
    }
    const end = newline < 0 ? bytes.length : newline + 1;
    const whole = Buffer.concat([this.#buffer.subarray(0, this.#length), bytes.subarray(0, end)]);
    this.#length = 0;
    this.#keep(bytes.subarray(end));
    // What is cut off in the middle of a line may be cut in the middle of a character.
    return newline < 0 ? whole : mended(whole);
  }

  /** @returns what is left at the end */
  end(): Uint8Array {
    const rest = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return mended(rest);
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(length, 2 * this.#buffer.length));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }
}
