import { TooLarge } from "#net/body.ts";

/**
 * The same bytes, of at most `maxBytes`, for a store that hands them on.
 * @param onTooLarge is told where more came; then they break off
 */
export function limited(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
  onTooLarge: (error: TooLarge) => void,
): ReadableStream<Uint8Array> {
  let bytes = 0;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        bytes += piece.length;
        if (bytes <= maxBytes) return controller.enqueue(piece);
        const error = new TooLarge(maxBytes);
        onTooLarge(error);
        controller.error(error);
      },
    }),
  );
}
