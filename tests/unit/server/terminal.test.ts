import { CommandExitError, type Sandbox } from "e2b";
import { expect, test } from "vitest";
import { attachTerminal } from "#server/terminals/terminal.ts";

let count = 0;

/** A terminal whose output and end this test decides; what reads it is the real thing. */
async function opened() {
  let say: (bytes: Uint8Array) => void = () => undefined;
  let end: (error?: Error) => void = () => undefined;
  const ended = new Promise((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve({ exitCode: 0 }));
  });
  const sandbox = {
    sandboxId: `sandbox-${(count += 1)}`,
    pty: {
      connect: async (pid: number, options: { onData: (bytes: Uint8Array) => void }) => {
        say = options.onData;
        return { pid, wait: async () => await ended, disconnect: async () => undefined };
      },
    },
  } as unknown as Sandbox;
  const terminal = await attachTerminal(sandbox, { id: "t1", pid: 7 });
  return {
    terminal,
    again: async () => await attachTerminal(sandbox, { id: "t1", pid: 7 }),
    say: (text: string) => say(new TextEncoder().encode(text)),
    end,
  };
}

function reader() {
  const seen: string[] = [];
  return {
    seen,
    onData: (bytes: Uint8Array, offset: number) =>
      seen.push(`${new TextDecoder().decode(bytes)}@${offset}`) && undefined,
    onReset: () => void seen.push("reset"),
    onEnd: (final: boolean) => void seen.push(final ? "ended" : "lost"),
  };
}

test("BUG-26: whoever comes back gets what they have not seen, from where they were", async () => {
  const { terminal, say, again } = await opened();
  say("one ");
  const first = reader();
  const leave = terminal.read(0, first);
  say("two ");
  leave();
  say("three");
  expect(first.seen).toEqual(["one @4", "two @8"]);
  const second = reader();
  (await again()).read(6, second);
  expect(second.seen).toEqual(["o @8", "three@13"]);
  // A place that another server counted is none of this one's.
  const third = reader();
  terminal.read(99, third);
  expect(third.seen).toEqual(["reset", "one @4", "two @8", "three@13"]);
});

test.each([
  ["a shell that ends", undefined, "ended"],
  ["a shell that fails", new CommandExitError({ exitCode: 1, error: "", stdout: "", stderr: "" }), "ended"],
  ["a connection that breaks off", new TypeError("terminated"), "lost"],
])("%s is told as what it is", async (_, error, word) => {
  const { terminal, say, end, again } = await opened();
  const one = reader();
  terminal.read(0, one);
  say("hi");
  end(error);
  await expect.poll(() => one.seen).toEqual(["hi@2", word]);
  expect(await again()).not.toBe(terminal);
});

test("what is kept of the past is bounded", async () => {
  const { terminal, say } = await opened();
  for (let line = 0; line < 400; line += 1) say("x".repeat(1000));
  let bytes = 0;
  terminal.read(0, { ...reader(), onData: (piece) => (bytes += piece.length) && undefined });
  expect(bytes).toBeLessThanOrEqual(200_000);
  expect(bytes).toBeGreaterThan(190_000);
});
