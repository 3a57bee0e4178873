import type http from "node:http";
import { z } from "zod";

/** The front's refusal is far shorter than this. */
const MAX_REFUSAL_BYTES = 4_096;
const ANSWER_MS = 5_000;

/**
 * What the sandboxes' front says where it reaches no app (E2B's edge and the local host). It names a port where the
 * sandbox runs.
 */
const frontAnswer = z.object({
  sandboxId: z.string(),
  message: z.string(),
  code: z.literal(502),
  port: z.number().optional(),
});
export type FrontRefusal = z.infer<typeof frontAnswer>;

/** A harmless request. E2B's edge sends a browser a page, and JSON to anything else: it is told by its user agent. */
export const PLAIN_QUESTION = { method: "OPTIONS", path: "/", userAgent: "studio-preview" };

const isJson = ({ headers }: http.IncomingMessage) =>
  headers["content-type"]?.startsWith("application/json") === true;

/** The beginning of a body, which can still be piped on from there. */
async function beginningOf(answer: http.IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of answer.iterator({ destroyOnReturn: false })) {
    pieces.push(piece as Buffer);
    size += (piece as Buffer).length;
    if (size > MAX_REFUSAL_BYTES) break;
  }
  return Buffer.concat(pieces);
}

function refusalIn(bytes: Buffer, sandboxId: string): FrontRefusal | null {
  try {
    const answer = frontAnswer.parse(JSON.parse(bytes.toString("utf8")));
    // E2B names a sandbox with its client's id behind it, or without.
    return sandboxId.split("-")[0] === answer.sandboxId.split("-")[0] ? answer : null;
  } catch {
    return null;
  }
}

async function answerTo(request: http.ClientRequest): Promise<http.IncomingMessage | null> {
  return await new Promise((resolve) => {
    request.once("response", resolve);
    request.on("error", () => resolve(null));
    request.setTimeout(ANSWER_MS, () => request.destroy());
    request.end();
  });
}

/**
 * Tells the front's own refusal from an app's answer with the same status.
 * @param ask begins the plain question, to the same port
 * @returns the refusal, or null for an app's answer; and the beginning of the answer's body, which has been read
 */
export async function frontRefusal(
  answer: http.IncomingMessage,
  sandboxId: string,
  ask: () => http.ClientRequest,
): Promise<{ refusal: FrontRefusal | null; begin: Buffer }> {
  const none = { refusal: null, begin: Buffer.alloc(0) };
  if (answer.statusCode !== 502) return none;
  if (isJson(answer)) {
    const begin = await beginningOf(answer);
    return { refusal: refusalIn(begin, sandboxId), begin };
  }
  const plain = await answerTo(ask());
  if (!plain) return none;
  const refusal =
    plain.statusCode === 502 && isJson(plain) ? refusalIn(await beginningOf(plain), sandboxId) : null;
  plain.destroy();
  return { ...none, refusal };
}
