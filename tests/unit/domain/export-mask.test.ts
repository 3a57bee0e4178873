import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventEnvelope } from "#domain/events.ts";
import { ExportMask, ExportReview } from "#domain/export-mask.ts";
import { DOTS } from "#domain/masked.ts";
import { eventMarkdown } from "#domain/session-markdown.ts";

const event = (type: string, payload: Record<string, unknown>, seq = 1): EventEnvelope => ({
  event_id: "e1",
  type,
  ts: "2026-11-30T10:00:00.000Z",
  session_id: "s1",
  run_id: "r1",
  seq,
  source: "agent",
  payload,
});

describe("masking by hand", () => {
  test("replaces a text in every field, and leaves what names the event", () => {
    const masked = new ExportMask(["Acme", "tool"]).event(
      event("tool.requested", { tool_name: "Acme tool", tool_input: { "Acme.env": ["x Acme y"] }, n: 1 }),
    );
    expect(masked).toEqual(
      event("tool.requested", {
        tool_name: `${DOTS} ${DOTS}`,
        tool_input: { [`${DOTS}.env`]: [`x ${DOTS} y`] },
        n: 1,
      }),
    );
  });

  test("of two the longer one first, whatever a pattern would mean, and what base64 makes of it", () => {
    const mask = new ExportMask(["a.b", "a.b.c", "acme-secret"]);
    expect(mask.text("a.b.c axb a.b")).toBe(`${DOTS} axb ${DOTS}`);
    expect(mask.text(`see ${btoa("acme-secret")}`)).not.toContain(btoa("acme-secret").slice(0, 12));
  });

  test("nothing of it is left in JSON, JSON Lines or Markdown, whatever was said", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 2, maxLength: 20 }),
        fc.array(fc.string({ maxLength: 20 })),
        (secret, around) => {
          fc.pre(!DOTS.includes(secret) && !secret.includes("•"));
          const content = around.join(secret) + secret;
          const masked = new ExportMask([secret]).event(event("message.user", { content }));
          expect(String(masked.payload.content)).not.toContain(secret);
          expect((JSON.parse(JSON.stringify(masked)) as EventEnvelope).payload.content).not.toContain(secret);
          expect(eventMarkdown(masked)).toContain(DOTS);
        },
      ),
    );
  });
});

test("a review counts what is hidden by kind, and names the first places", () => {
  const review = new ExportReview(["Acme", "nowhere"]);
  review.value({ title: "For Acme", agent: null });
  for (let seq = 1; seq <= 30; seq += 1)
    review.event(
      event("tool.completed", { output: `key ${DOTS} and sk_studio_…`, diffs: [{ path: "Acme/a" }] }, seq),
    );
  const [secret, token, acme, nowhere] = review.masked;
  expect(review.events).toBe(30);
  expect(secret).toMatchObject({ kind: "secret", count: 30 });
  expect(secret!.places).toHaveLength(20);
  expect(secret!.places[0]).toEqual({ seq: 1, type: "tool.completed", field: "output" });
  expect(token).toMatchObject({ kind: "studio_token", count: 30 });
  expect(acme).toMatchObject({ kind: "by_hand", text: "Acme", count: 31 });
  expect(acme!.places.slice(0, 2)).toEqual([
    { seq: 0, type: "session", field: "title" },
    { seq: 1, type: "tool.completed", field: "diffs.0.path" },
  ]);
  expect(nowhere).toMatchObject({ text: "nowhere", count: 0, places: [] });
});

test("a review counts names from outside as the export masks them, and no names of an event's own fields", () => {
  const review = new ExportReview(["Acme", "content"]);
  const tool_input = { "Acme.env": ["Acme"], list: ["x"] };
  review.event(event("tool.requested", { tool_name: "content", tool_input, content: "Acme" }));
  const [acme, content] = review.masked;
  expect(acme).toMatchObject({ count: 3 });
  expect(acme!.places.map(({ field }) => field)).toContain("tool_input.Acme.env");
  expect(content).toMatchObject({ count: 1, places: [{ field: "tool_name" }] });
});

test("what has nothing hidden says so", () => {
  expect(new ExportReview([]).masked).toEqual([]);
});
