import { describe, expect, test } from "vitest";
import type { Principal } from "#domain/principal.ts";
import { HttpError } from "#server/http/error.ts";
import { inSeat, SEATS, takeCall, takeSeat, takeMcpTest } from "#server/http/seats.ts";
import { eventStream } from "#server/stream/event-stream.ts";

const member = (organizationId: string, userId: string) =>
  ({ kind: "member", organizationId, userId, role: "member", name: "M" }) satisfies Principal;
const turn = async () => await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));

/** Tries to open so many at once, each with a wait in the middle as for a database. */
async function open(count: number, caller: ReturnType<typeof member>) {
  const tried = await Promise.allSettled(
    Array.from({ length: count }, async () =>
      inSeat("stream", caller, async (leave) => {
        await turn();
        return leave;
      }),
    ),
  );
  const refused = tried.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  return { open: tried.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])), refused };
}

describe("what is open at once", () => {
  test("SEC-19: 500 streams opened at once by one member get exactly their limit", async () => {
    const ada = member("o1", "ada");
    const first = await open(500, ada);
    expect(first.open).toHaveLength(SEATS.stream.one);
    expect(first.refused.every((why) => why instanceof HttpError && why.code === "rate_limited")).toBe(true);
    expect((first.refused[0] as HttpError).besides.headers).toHaveProperty("retry-after");
    // Others of the organization, and other organizations, are not in the way.
    expect((await open(5, member("o1", "bob"))).open).toHaveLength(5);
    expect((await open(5, member("o2", "ada"))).open).toHaveLength(5);
    first.open[0]!();
    first.open[0]!();
    expect((await open(5, ada)).open).toHaveLength(1);
  });

  test("SEC-19: an organization has a limit of its own, however many keys it makes", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, (_, n) => open(30, member("o3", `u${n}`))));
    expect(all.flatMap((one) => one.open)).toHaveLength(SEATS.stream.organization);
  });

  test("a seat whose making fails is free again", async () => {
    const caller = member("o4", "u");
    for (let tries = 0; tries < 100; tries += 1)
      await expect(
        inSeat("stream", caller, async () => await Promise.reject(new Error("no"))),
      ).rejects.toThrow("no");
    expect((await open(40, caller)).open).toHaveLength(SEATS.stream.one);
  });

  test("model calls are counted, in number and in bytes", () => {
    const session = { holder: "s", organizationId: "o5" };
    const places = Array.from({ length: 40 }, () => takeCall(session, 1_000));
    expect(places.filter((place) => place !== null)).toHaveLength(16);
    for (const place of places) place?.leave();
    // One that does not say how long it is counts for as long as one can be, until it was read.
    const unsaid = [takeCall(session, 32_000_000), takeCall(session, 32_000_000)];
    expect(takeCall(session, 1_000)).toBeNull();
    for (const place of unsaid) place?.measured(50_000);
    takeCall(session, 1_000)?.leave();
    for (const place of unsaid) place?.leave();
    const large = Array.from({ length: 40 }, () => takeCall(session, 32_000_000));
    expect(large.filter((place) => place !== null)).toHaveLength(2);
  });

  test("sockets of previews are counted apart from streams", () => {
    const caller = member("o6", "u");
    for (let n = 0; n < SEATS.previewSocket.one; n += 1) takeSeat("previewSocket", caller);
    expect(() => takeSeat("previewSocket", caller)).toThrow(HttpError);
    expect(() => takeSeat("stream", caller)).not.toThrow();
  });
});

describe("a stream", () => {
  const LOG = Array.from({ length: 5_000 }, (_, index) => ({ seq: index + 1, text: "x".repeat(10_000) }));
  const streamOf = (signal: AbortSignal) => {
    const seen = { read: 0, ended: 0 };
    const response = eventStream({
      name: "test",
      after: 0,
      ended: "session_ended",
      signal,
      onEnd: () => (seen.ended += 1),
      stillAllowed: async () => true,
      read: async (after) => {
        seen.read += 1;
        return LOG.slice(after, after + 100);
      },
      listen: () => () => undefined,
      positionOf: ({ seq }) => seq,
      frame: ({ seq, text }) => `id: ${seq}\ndata: ${text}\n\n`,
      endsWith: () => null,
    });
    return { response, seen };
  };

  test("SEC-19: reads no further ahead than its listener takes, and loses nothing", async () => {
    const { response, seen } = streamOf(new AbortController().signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen.read).toBeLessThan(5);
    const text = await response.text();
    expect(text.match(/^id: /gm)).toHaveLength(LOG.length);
    expect(text).toContain("event: end");
    expect(seen.ended).toBe(1);
  });

  test("SEC-19: of a listener that had gone before it began is over at once", async () => {
    const { seen } = streamOf(AbortSignal.abort());
    expect(seen).toEqual({ read: 0, ended: 1 });
  });

  test("SEC-19: of a listener that goes is over, once", async () => {
    const leave = new AbortController();
    const { response, seen } = streamOf(leave.signal);
    leave.abort();
    await response.body?.cancel();
    expect(seen.ended).toBe(1);
  });
});

test("a server of MCP is tested once at a time, and three of an organization are", () => {
  const take = (serverId: string, organizationId = "tested") => takeMcpTest({ serverId, organizationId });
  const first = take("one");
  expect(first).not.toBeNull();
  expect(take("one")).toBeNull();
  const [second, third] = [take("two"), take("three")];
  expect([second, third]).not.toContain(null);
  expect(take("four")).toBeNull();
  const other = take("five", "another");
  expect(other).not.toBeNull();
  for (const leave of [first, second, third, other]) leave?.();
  const again = take("one");
  expect(again).not.toBeNull();
  again?.();
});
