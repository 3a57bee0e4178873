import { log, messageOf } from "../log.ts";

/** A refusal is held to look into it; a longer one is passed on as it comes, and not looked into. */
const MAX_HELD_BYTES = 1_000_000;
const MAX_HELD_MS = 10_000;

/** A refusal's body, as far as it was read in time. */
export async function heldBody(response: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  if (!reader) return Buffer.alloc(0);
  const timer = setTimeout(() => {
    reader
      .cancel()
      .catch((error: unknown) => log("warn", "a refusal did not end", { error: messageOf(error) }));
  }, MAX_HELD_MS);
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.length;
      if (size > MAX_HELD_BYTES) break;
      chunks.push(next.value);
    }
  } catch (error) {
    log("warn", "a refusal broke off", { error: messageOf(error) });
  } finally {
    clearTimeout(timer);
  }
  if (size > MAX_HELD_BYTES) await reader.cancel();
  return Buffer.concat(chunks);
}

/** The body without the real key, should the provider have repeated it; every other byte as it came. */
export function withoutKey(body: Buffer, key: string | null): Buffer {
  if (key === null || key === "" || !body.includes(key)) return body;
  return Buffer.from(body.toString("latin1").replaceAll(key, "*".repeat(8)), "latin1");
}

/** The time that Google asks to wait, which stands in the body (google.rpc.RetryInfo). */
export function retryDelayMs(body: Buffer): number | undefined {
  const seconds = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?)s"/.exec(body.toString("utf8"))?.[1];
  return seconds === undefined ? undefined : Math.round(Number(seconds) * 1_000);
}
