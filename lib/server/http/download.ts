import { log, messageOf } from "../log.ts";

/**
 * A download that is made as it is read: no more of it is in memory than one piece. What is refused before the first
 * piece is refused as any request; a failure later cuts the file off.
 * @param file `name`: what a browser saves it as; `of`: what the log calls it
 */
export async function downloadOf(
  pieces: AsyncGenerator<string>,
  { media, name, of }: { media: string; name: string; of: string },
): Promise<Response> {
  const encoder = new TextEncoder();
  let first: IteratorResult<string> | null = await pieces.next();
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      try {
        // An empty piece would leave the reader without anything to ask again for.
        for (;;) {
          const next: IteratorResult<string> = first ?? (await pieces.next());
          first = null;
          if (next.done) return controller.close();
          if (next.value !== "") return controller.enqueue(encoder.encode(next.value));
        }
      } catch (error) {
        log("error", `${of} was cut off`, { error: messageOf(error) });
        controller.error(error);
      }
    },
    cancel: async () => void (await pieces.return(undefined)),
  });
  return new Response(body, {
    headers: {
      "content-type": `${media}; charset=utf-8`,
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}

/** A part of a file's name, of whatever somebody has called something. */
export const fileName = (text: string, instead: string): string =>
  text.replaceAll(/[^\w-]/g, "").slice(0, 60) || instead;
