/** One message of an event stream. */
export interface StreamMessage {
  id: string | undefined;
  event: string;
  data: string;
}

/** Far above what Studio sends in one message: a stream that never ends one must not fill the memory. */
const MAX_CHARS = 10_000_000;

/**
 * The messages of a `text/event-stream` as they come (https://html.spec.whatwg.org/multipage/server-sent-events.html);
 * comments, such as Studio's heartbeat, are passed over.
 * @throws Error where a message does not end
 */
export async function* messagesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamMessage> {
  let rest = "";
  let message: { id?: string; event?: string; data: string[] } = { data: [] };
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      rest += decoder.decode(piece.value, { stream: true });
      if (rest.length > MAX_CHARS) throw new Error("A message of the stream is too long.");
      // A carriage return at the end may be half of a line's end.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") {
          if (message.data.length > 0 || message.event !== undefined)
            yield { id: message.id, event: message.event ?? "message", data: message.data.join("\n") };
          message = { data: [] };
          continue;
        }
        const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
        if (field === "data") message.data.push(value);
        else if (field === "event") message.event = value;
        else if (field === "id") message.id = value;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
