/**
 * A request's body on its way to a server that may respond before it has read all of it. What passes it on can end early
 * without ending the request: the rest is then read and thrown away, so that the sender lives to see the answer.
 */
export class SentBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #isOver = false;

  constructor(body: ReadableStream<Uint8Array> | null) {
    this.#reader = body?.getReader();
  }

  /** The body as it comes. To cancel this leaves the body itself alone. */
  stream(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const next = this.#isOver ? undefined : await this.#reader?.read();
          if (!next || next.done) controller.close();
          else controller.enqueue(next.value);
        },
        cancel: () => {
          this.#isOver = true;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /**
   * Reads what is left and throws it away, up to a number of bytes and a time; beyond either the body is ended.
   * @returns whether its end was reached
   */
  async drain(maxBytes: number, timeoutMs: number): Promise<boolean> {
    this.#isOver = true;
    const reader = this.#reader;
    if (!reader) return true;
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(() => resolve(null), timeoutMs);
    try {
      for (let size = 0; size <= maxBytes;) {
        const next = await Promise.race([reader.read(), late]);
        if (next === null) break;
        if (next.done) return true;
        size += next.value.length;
      }
    } catch {
      // Its sender has gone.
      return false;
    } finally {
      clearTimeout(timer);
    }
    await reader.cancel().catch(() => undefined);
    return false;
  }
}
