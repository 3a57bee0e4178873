/** One message of an event stream, as the HTML standard dispatches it. */
export interface SseMessage {
  event: string;
  data: string;
  /** The last id seen so far; empty where there was none. */
  id: string;
}

/**
 * Reads `text/event-stream` from pieces of text, cut anywhere. Comments and fields it does not know are passed over.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createSseParser(): { push: (text: string) => SseMessage[] } {
  let rest = "";
  let started = false;
  let event = "";
  let data: string[] = [];
  let id = "";

  const line = (text: string, out: SseMessage[]) => {
    if (text === "") {
      if (data.length > 0) out.push({ event: event || "message", data: data.join("\n"), id });
      event = "";
      data = [];
      return;
    }
    const colon = text.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  };

  return {
    push(text) {
      const out: SseMessage[] = [];
      rest += text;
      if (!started && rest !== "") {
        started = true;
        if (rest.startsWith("\uFEFF")) rest = rest.slice(1);
      }
      const ends = /\r\n|\r|\n/g;
      let from = 0;
      for (let match = ends.exec(rest); match; match = ends.exec(rest)) {
        // A carriage return at the very end may be half of a pair.
        if (match[0] === "\r" && ends.lastIndex === rest.length) break;
        line(rest.slice(from, match.index), out);
        from = ends.lastIndex;
      }
      rest = rest.slice(from);
      return out;
    },
  };
}
