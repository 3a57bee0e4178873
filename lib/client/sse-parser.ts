import { createParser } from "eventsource-parser";

/** One message of an event stream, as the HTML standard dispatches it. */
export interface SseMessage {
  event: string;
  data: string;
  /** The last id seen so far; empty where there was none. */
  id: string;
}

/** Far above what Studio sends in one event: a stream that never ends one must not fill the page's memory. */
const MAX_EVENT_CHARACTERS = 16_000_000;

/**
 * Reads `text/event-stream` from pieces of text, cut anywhere. Comments and fields it does not know are passed over.
 * @throws from `push` where an event grows too long: the stream cannot be read on
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function createSseParser(): { push: (text: string) => SseMessage[] } {
  let id = "";
  let messages: SseMessage[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onError: (error) => {
      if (error.type === "max-buffer-size-exceeded") throw error;
    },
    onId: (seen) => {
      id = seen;
    },
    onEvent: ({ event, data }) => messages.push({ event: event ?? "message", data, id }),
  });
  return {
    push(text) {
      messages = [];
      parser.feed(text);
      return messages;
    },
  };
}
