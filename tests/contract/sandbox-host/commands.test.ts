import { CommandExitError, InvalidArgumentError, TimeoutError } from "e2b";
import { expect, test } from "vitest";
import { host, sandbox } from "./host-of-file.ts";
import { eventually } from "./host-process.ts";

test("output, exit code and the error class of a failure", async () => {
  const result = await sandbox.commands.run("echo out; echo err >&2");
  expect(result).toMatchObject({ exitCode: 0, stdout: "out\n", stderr: "err\n" });
  const failure = await sandbox.commands.run("echo partly; exit 7").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CommandExitError);
  expect(failure).toMatchObject({ exitCode: 7, stdout: "partly\n" });
  await expect(sandbox.commands.run("no-such-program")).rejects.toMatchObject({ exitCode: 127 });
});

test("env, cwd and user", async () => {
  const run = (command: string, options = {}) =>
    sandbox.commands.run(command, options).then((r) => r.stdout.trim());
  expect(await run("echo $OUTER $INNER", { envs: { INNER: "2" } })).toBe("1 2");
  expect(await run("pwd")).toBe("/home/user");
  expect(await run("pwd", { cwd: "/workspace" })).toBe("/workspace");
  expect(await run("echo $USER $HOME", { user: "root" })).toBe("root /root");
  await expect(sandbox.commands.run("true", { cwd: "/no/such" })).rejects.toThrow(InvalidArgumentError);
  await expect(sandbox.commands.run("true", { user: "mallory" })).rejects.toThrow(/mallory/);
});

test("output arrives as it is written", async () => {
  const seen: { text: string; at: number }[] = [];
  const started = performance.now();
  await sandbox.commands.run("echo first; sleep 0.5; echo second", {
    onStdout: (text) => void seen.push({ text, at: performance.now() - started }),
  });
  expect(seen.map((s) => s.text)).toEqual(["first\n", "second\n"]);
  expect((seen[1]?.at ?? 0) - (seen[0]?.at ?? 0)).toBeGreaterThan(250);
});

test("background commands: list, connect, kill with their children", async () => {
  const handle = await sandbox.commands.run("echo begun; sleep 333 & wait", {
    background: true,
    timeoutMs: 0,
  });
  expect(await sandbox.commands.list()).toContainEqual(
    expect.objectContaining({
      pid: handle.pid,
      cmd: "/bin/bash",
      args: ["-l", "-c", "echo begun; sleep 333 & wait"],
    }),
  );
  await handle.disconnect();
  const again = await sandbox.commands.connect(handle.pid);
  expect(await sandbox.commands.kill(handle.pid)).toBe(true);
  await expect(again.wait()).rejects.toThrow(/killed/);
  expect(await sandbox.commands.kill(handle.pid)).toBe(false);
  const { stdout } = await sandbox.commands.run("pgrep -f 'sleep 33[3]' || echo none");
  expect(stdout.trim()).toBe("none");
  await expect(sandbox.commands.connect(999_999)).rejects.toThrow(/not found/);
});

test("stdin: input and its end", async () => {
  let heard = "";
  const cat = await sandbox.commands.run("cat; echo ended", {
    background: true,
    stdin: true,
    onStdout: (text) => {
      heard += text;
    },
  });
  await sandbox.commands.sendStdin(cat.pid, "héllo\n");
  await eventually("the input came back", () => heard === "héllo\n");
  await sandbox.commands.closeStdin(cat.pid);
  expect((await cat.wait()).stdout).toBe("héllo\nended\n");
  // Without the option, there is none to wait for.
  expect((await sandbox.commands.run("cat; echo no input")).stdout).toBe("no input\n");
});

test("a command that outlasts its timeout is killed", async () => {
  await expect(sandbox.commands.run("sleep 222", { timeoutMs: 500 })).rejects.toThrow(TimeoutError);
  // The SDK gives up by a clock of its own, which may be a little ahead of the sandbox's.
  await eventually("the command is gone", async () => {
    const { stdout } = await sandbox.commands.run("pgrep -f 'sleep 22[2]' || echo none");
    return stdout.trim() === "none";
  });
});

test("a reader that leaves does not end the command", async () => {
  const handle = await sandbox.commands.run("sleep 0.3; echo done > /workspace/left", { background: true });
  await handle.disconnect();
  await eventually("it went on", () => sandbox.files.exists("/workspace/left"));
});

test("a background child that keeps the pipes open does not hold the result", async () => {
  // It outlives this test, which so ends only where nothing waits for it.
  const result = await sandbox.commands.run("sleep 300 & echo started");
  expect(result.stdout).toBe("started\n");
});

test("20 MB through stdout arrive whole, in any encoding", async () => {
  let bytes = 0;
  const result = await sandbox.commands.run("head -c 20000000 /dev/zero | tr '\\0' 'a'; printf 'ä€😀'", {
    onStdout: (text) => {
      bytes += text.length;
    },
  });
  expect(result.stdout.length).toBe(20_000_004);
  expect(bytes).toBe(20_000_004);
  expect(result.stdout.endsWith("aä€😀")).toBe(true);
}, 30_000);

test("a slow reader slows the command down, and memory stays bounded", async () => {
  const response = await fetch(`${host.url}/process.Process/Start`, {
    method: "POST",
    headers: {
      "content-type": "application/connect+json",
      "e2b-sandbox-id": sandbox.sandboxId,
      "e2b-sandbox-port": "49983",
      // The SDK keeps it to itself, and getInfo of the control plane tells it.
      "x-access-token": await accessToken(),
    },
    body: frame({
      process: { cmd: "/bin/sh", args: ["-c", "yes | head -c 300000000; touch /workspace/all"] },
    }),
  });
  expect(response.status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  // Nothing has read the response: 300 MB cannot have passed.
  expect(await sandbox.files.exists("/workspace/all")).toBe(false);
  await response.body?.cancel();
  await eventually("without a reader it runs on", () => sandbox.files.exists("/workspace/all"));
});

function frame(message: object): Uint8Array<ArrayBuffer> {
  const body = new TextEncoder().encode(JSON.stringify(message));
  const framed = new Uint8Array(5 + body.length);
  new DataView(framed.buffer).setUint32(1, body.length);
  framed.set(body, 5);
  return framed;
}

async function accessToken(): Promise<string> {
  const response = await fetch(`${host.url}/sandboxes/${sandbox.sandboxId}`, {
    headers: { "x-api-key": host.sdk.apiKey ?? "" },
  });
  return ((await response.json()) as { envdAccessToken: string }).envdAccessToken;
}
