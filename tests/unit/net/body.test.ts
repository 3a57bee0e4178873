import { describe, expect, test } from "vitest";
import { readBytes, TooLarge } from "#net/body.ts";
import { boundedHandler } from "#server/http/bounded.ts";
import { MAX_UNKNOWN_BODY_BYTES } from "#server/http/limits.ts";

/** A body that goes on as long as somebody reads it, and how much of it was taken. */
function endless() {
  const taken = { bytes: 0, cancelled: false };
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        taken.bytes += 16_384;
        controller.enqueue(new Uint8Array(16_384));
      },
      cancel() {
        taken.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken };
}

const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  new Request("http://studio.test/api/auth/sign-in/email", {
    method: "POST",
    body,
    headers,
    duplex: "half",
  } as RequestInit);

describe("bodies", () => {
  test("SEC-4: before sign-in a body without an end is read to the limit alone, and answered with a problem", async () => {
    const { body, taken } = endless();
    let reached = false;
    const answer = await boundedHandler(async () => {
      reached = true;
      return new Response();
    })(post(body));
    expect(answer.status).toBe(413);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(await answer.json()).toMatchObject({ code: "too_large", status: 413 });
    expect(reached).toBe(false);
    expect(taken.bytes).toBeLessThan(MAX_UNKNOWN_BODY_BYTES + 65_536);
  });

  test("SEC-4: one that says how long it is, is refused before it is read", async () => {
    const { body, taken } = endless();
    const answer = await boundedHandler(async () => new Response())(
      post(body, { "content-length": "300000000" }),
    );
    expect(answer.status).toBe(413);
    expect(taken.bytes).toBe(0);
  });

  test("SEC-4: a small one reaches the handler as it came, with its headers and method", async () => {
    const text = JSON.stringify({ email: "a@studio.example" });
    const answer = await boundedHandler(async (request) =>
      Response.json({
        method: request.method,
        type: request.headers.get("content-type"),
        body: await request.text(),
      }),
    )(post(text, { "content-type": "application/json" }));
    expect(await answer.json()).toEqual({ method: "POST", type: "application/json", body: text });
  });

  test("are whole up to the limit, and none above it", async () => {
    expect((await readBytes(new Response("x".repeat(100)), 100)).length).toBe(100);
    await expect(readBytes(new Response("x".repeat(101)), 100)).rejects.toThrow(TooLarge);
    const { body, taken } = endless();
    await expect(readBytes(new Response(body), 100)).rejects.toThrow(TooLarge);
    expect(taken.cancelled).toBe(true);
    expect((await readBytes(new Response(null), 100)).length).toBe(0);
  });
});
