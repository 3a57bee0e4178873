import { type CommandHandle, InvalidArgumentError, type Sandbox } from "e2b";
import { expect, test } from "vitest";
import { sandbox } from "./host-of-file.ts";
import { eventually } from "./host-process.ts";

/** A terminal with all that it has shown so far. */
async function open(
  options: Partial<Parameters<Sandbox["pty"]["create"]>[0]> = {},
): Promise<{ handle: CommandHandle; shown: () => string; type: (text: string) => Promise<void> }> {
  const decoder = new TextDecoder();
  let seen = "";
  const onData = (data: Uint8Array) => {
    seen += decoder.decode(data, { stream: true });
  };
  const handle = await sandbox.pty.create({ cols: 80, rows: 24, timeoutMs: 0, onData, ...options });
  const type = (text: string) => sandbox.pty.sendInput(handle.pid, new TextEncoder().encode(text));
  return { handle, shown: () => seen, type };
}

test("a shell on a terminal of its own: size, environment, folder, exit code", async () => {
  const { handle, shown, type } = await open({ envs: { INNER: "2" }, cwd: "/workspace", cols: 97, rows: 31 });
  await type('stty size; tty; echo "$OUTER/$INNER/$TERM/$PWD"; ls /proc/self/fd | tr "\\n" " "; exit 3\n');
  await expect(handle.wait()).rejects.toMatchObject({ exitCode: 3 });
  expect(shown()).toContain("31 97\r\n");
  expect(shown()).toMatch(/\/dev\/pts\/\d+\r\n/);
  expect(shown()).toContain("1/2/xterm-256color//workspace\r\n");
  // No descriptor of envd is inherited: the three of the terminal, and the one that lists them.
  expect(shown()).toContain("0 1 2 3 ");
});

test("BUG-26: a resize reaches the program that runs in front", async () => {
  const { handle, shown, type } = await open();
  await type(`bash -c 'trap "stty size" WINCH; echo wait""ing; while :; do sleep 0.1; done'\n`);
  await eventually("the program waits", () => shown().includes("waiting"));
  await sandbox.pty.resize(handle.pid, { cols: 132, rows: 43 });
  await eventually("the program saw the new size", () => shown().includes("43 132"));
  await expect(sandbox.pty.resize(handle.pid, { cols: 0, rows: 5 })).rejects.toThrow(InvalidArgumentError);
  expect(await sandbox.pty.kill(handle.pid)).toBe(true);
  await expect(handle.wait()).rejects.toThrow(/killed/);
});

test("BUG-26: control keys: Ctrl-C ends what runs in front, and the shell stays", async () => {
  const { handle, shown, type } = await open();
  await type("sleep 444\n");
  await eventually("it sleeps", async () => {
    const { stdout } = await sandbox.commands.run("pgrep -fc 'sleep 44[4]' || true");
    return stdout.trim() === "1";
  });
  await type("\u0003");
  await type("echo a''live; exit\n");
  await handle.wait();
  expect(shown()).toContain("alive");
});

test("BUG-26: 60 kB that are pasted arrive whole, in any characters", async () => {
  const line = "åß→🦊 the quick brown fox, cut anywhere\n";
  const text = line.repeat(Math.ceil(60_000 / Buffer.byteLength(line)));
  const { handle, shown, type } = await open({ cwd: "/workspace" });
  await type("stty -echo; echo rea''dy; cat > pasted.txt; exit\n");
  await eventually("the shell is ready", () => shown().includes("ready"));
  await type(text);
  await type("\u0004");
  await handle.wait();
  expect(await sandbox.files.read("/workspace/pasted.txt")).toBe(text);
});

test("BUG-26: a terminal outlives its reader, and another can read on", async () => {
  const first = await open();
  await first.handle.disconnect();
  let seen = "";
  const again = await sandbox.pty.connect(first.handle.pid, {
    timeoutMs: 0,
    onData: (data) => {
      seen += new TextDecoder().decode(data);
    },
  });
  await first.type("echo a''gain; exit\n");
  expect((await again.wait()).exitCode).toBe(0);
  expect(seen).toContain("again");
  expect(await sandbox.pty.kill(first.handle.pid)).toBe(false);
});

test("input that no program reads holds up nothing else", async () => {
  const { handle, shown, type } = await open();
  await type("stty raw -echo; echo r''aw; sleep 30; exit\n");
  await eventually("the terminal is raw", () => shown().includes("raw"));
  let isTaken = false;
  const typed = type("x".repeat(200_000)).then(() => {
    isTaken = true;
  });
  expect((await sandbox.commands.run("sleep 0.5; echo well")).stdout).toBe("well\n");
  expect(isTaken).toBe(false);
  await sandbox.pty.kill(handle.pid);
  await typed;
});

test("5 MB through a terminal arrive whole", async () => {
  let bytes = 0;
  const { handle, type } = await open({
    onData: (data) => {
      bytes += data.length;
    },
  });
  await type("stty -echo -onlcr; PS1=; head -c 5000000 /dev/zero; exit\n");
  expect((await handle.wait()).exitCode).toBe(0);
  expect(bytes).toBeGreaterThanOrEqual(5_000_000);
  expect(bytes).toBeLessThan(5_010_000);
}, 30_000);

test("a terminal is told from a command", async () => {
  const command = await sandbox.commands.run("sleep 20", { background: true });
  await expect(sandbox.pty.resize(command.pid, { cols: 80, rows: 24 })).rejects.toThrow(/no terminal/);
  await command.kill();
});
