/** A server sent nothing in time. */
export class Silent extends Error {}

/**
 * A stream as it comes, which fails where nothing comes for too long while somebody reads it.
 * @param way `follow` sees each piece; `atEnd` runs before the end is passed on; `leave` runs once, however it ends
 */
export function watched(
  body: ReadableStream<Uint8Array>,
  way: {
    silenceMs: number;
    leave: () => void;
    follow?: (piece: Uint8Array) => void;
    atEnd?: () => Promise<void>;
  },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const next = async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Silent("Nothing came for too long.")), way.silenceMs);
    try {
      return await Promise.race([reader.read(), promise]);
    } finally {
      clearTimeout(timer);
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { value, done } = await next();
          if (!done) {
            way.follow?.(value);
            controller.enqueue(value);
            return;
          }
          await way.atEnd?.();
          way.leave();
          controller.close();
        } catch (error) {
          way.leave();
          await reader.cancel(error).catch(() => undefined);
          controller.error(error);
        }
      },
      cancel: async (reason) => {
        way.leave();
        await reader.cancel(reason).catch(() => undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
