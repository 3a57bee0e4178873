import fc from "fast-check";
import { expect, test } from "vitest";
import { CallMender } from "#server/gateway/mend.ts";

/** What comes of a text that comes in pieces of these lengths. */
function through(text: string, lengths: readonly number[]): string {
  const mender = new CallMender();
  const bytes = Buffer.from(text);
  const passed: Uint8Array[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1;
    passed.push(mender.push(bytes.subarray(at, at + length)));
    at += length;
  }
  return Buffer.concat([...passed, mender.end()]).toString("utf8");
}
const anyLengths = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 });
const event = (args: unknown) =>
  JSON.stringify({ choices: [{ delta: { tool_calls: [{ function: { name: "bash", arguments: args } }] } }] });

test("BUG-20: arguments that are an object or a list become text of JSON, however the bytes come", () => {
  const given = { command: "echo „hi“", nested: { arguments: { deep: [1] } } };
  for (const [line, args] of [
    [`data: ${event(given)}`, given],
    [`data:${event([1, 2])}\r`, [1, 2]],
  ] as const) {
    const text = `: comment\n\n${line}\n\ndata: [DONE]\n\n`;
    const mended = line.replace(event(args), event(JSON.stringify(args)));
    fc.assert(
      fc.property(anyLengths, (lengths) => {
        expect(through(text, lengths)).toBe(`: comment\n\n${mended}\n\ndata: [DONE]\n\n`);
      }),
      { seed: 20, numRuns: 60 },
    );
  }
});

test("everything else is passed on byte by byte", () => {
  const texts = [
    `data: ${event('{"command": "echo hi"}')}\n\n`,
    `data: ${event(null)}\n\n`,
    'data: {"choices":[{"delta":{"content":"\\"arguments\\": {not JSON}"}}]}\n\n',
    'data: {"arguments": {broken\n\ndata: no newline at the end',
    "",
    "\n\n\n",
    `event: x\nid: 7\ndata: ${"ü".repeat(500)}\n\n`,
  ];
  fc.assert(
    fc.property(fc.constantFrom(...texts), anyLengths, (text, lengths) => {
      expect(through(text, lengths)).toBe(text);
    }),
    { seed: 20, numRuns: 300 },
  );
});

test("a line without an end is not kept", () => {
  const mender = new CallMender();
  let passed = 0;
  for (let sent = 0; sent < 50; sent += 1) passed += mender.push(Buffer.alloc(100_000, "x")).length;
  expect(passed).toBeGreaterThan(3_900_000);
  expect(passed + mender.end().length).toBe(5_000_000);
});
