/**
 * `node:timers/promises` over the global timer, which Vitest's fake timers replace; they leave this module as it is.
 * A test takes it by `vi.mock("node:timers/promises", async () => await import(…))`.
 */
export async function setTimeout<T>(ms: number, value?: T, options?: { signal?: AbortSignal }): Promise<T> {
  const signal = options?.signal;
  return await new Promise((resolve, reject) => {
    const fail = () => reject(new DOMException("The operation was aborted", "AbortError"));
    if (signal?.aborted) return fail();
    const timer = globalThis.setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve(value as T);
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      fail();
    };
    signal?.addEventListener("abort", stop, { once: true });
    return undefined;
  });
}
