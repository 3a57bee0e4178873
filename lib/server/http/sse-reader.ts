/** One entry of a server-sent event stream. A comment has none of the fields. */
export interface SseEntry {
  id?: string;
  event?: string;
  data?: string;
}

function parse(block: string): SseEntry {
  const entry: SseEntry = {};
  const data: string[] = [];
  for (const line of block.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, "");
    const field = line.slice(0, colon);
    if (field === "data") data.push(value);
    else if (field === "id") entry.id = value;
    else if (field === "event") entry.event = value;
  }
  if (data.length > 0) entry.data = data.join("\n");
  return entry;
}

/** Reads a `text/event-stream` body, entry by entry (WHATWG HTML, section 9.2). */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEntry> {
  const decoder = new TextDecoder();
  let buffer = "";
  for await (const piece of body as unknown as AsyncIterable<Uint8Array>) {
    buffer = (buffer + decoder.decode(piece, { stream: true })).replaceAll("\r\n", "\n");
    for (let end = buffer.indexOf("\n\n"); end >= 0; end = buffer.indexOf("\n\n")) {
      yield parse(buffer.slice(0, end));
      buffer = buffer.slice(end + 2);
    }
  }
}
