import { afterEach, expect, test, vi } from "vitest";

const ESC = "\u001b";
const LOG = {
  seq: 1,
  ts: "2026-01-01T00:00:00.000Z",
  type: "agent.text",
  payload: { text: "\u009b2J\u202e" },
};

vi.mock("../../../lib/server/operator/console.ts", () => ({
  supportSessions: async () => ({
    sessions: [{ id: "s1", status: "idle", title: `Build${ESC}[2J\r\ns2  idle  Another` }],
    nextCursor: null,
  }),
  supportLog: async () => ({ events: [LOG], next_cursor: null }),
}));

const argv = process.argv;
afterEach(() => {
  process.argv = argv;
  vi.restoreAllMocks();
  vi.resetModules();
});

async function operator(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((text: string) => void lines.push(text));
  process.argv = ["node", "command.ts", ...args];
  await import("#server/operator/command.ts");
  return lines;
}

test("what an organization wrote moves nothing in the operator's terminal", async () => {
  expect(await operator("read", "acme")).toEqual(["s1  idle  Build⟨U+001B⟩[2J s2  idle  Another"]);
});

test("nor does what an agent said", async () => {
  const [line, ...more] = await operator("read", "acme", "s1");
  expect(more).toEqual([]);
  expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(line).toContain("⟨U+009B⟩2J⟨U+202E⟩");
});
