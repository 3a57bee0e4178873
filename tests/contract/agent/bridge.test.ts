import { expect, test } from "vitest";
import { eventually } from "../sandbox-host/host-process.ts";
import { agent } from "./field-of-file.ts";

/** What one allowed command tries, to find a secret of the agent's or to answer for a person. */
const ATTACK = `
cd /tmp
echo "== env"; env
echo "== cmdline"; for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline; echo; done
echo "== environ"; for p in /proc/[0-9]*; do [ "$p" = "/proc/$$" ] || tr '\\0' '\\n' < $p/environ; done
echo "== programs"
for p in /proc/[0-9]*; do
  name=$(tr '\\0' ' ' < $p/cmdline | cut -c1-60)
  case "$name" in
    /opt/studio/bin/opencode*|/envd/node*)
      echo "LOOKED $name"
      for file in environ mem maps auxv; do (: < $p/$file) 2> /dev/null && head -c 1 $p/$file > /dev/null 2>&1 && echo "READABLE $p/$file $name"; done
      (: < $p/mem) 2> /dev/null && echo "READABLE $p/mem $name"
      ls $p/fd > /dev/null 2>&1 && echo "READABLE $p/fd $name"
      cat $p/exe > /dev/null 2>&1 && echo "READABLE $p/exe $name"
      python3 - \${p#/proc/} <<'PY' 2>/dev/null && echo "TRACED $name"
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(0 if libc.ptrace(16, int(sys.argv[1]), 0, 0) == 0 else 1)
PY
    ;;
  esac
done
echo "== doors"
for port in 2468 2469; do
  for path in /permission /v1/health /v1/acp/x "/v1/agent/permission"; do
    echo "$port $path $(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:$port$path) $(curl -s -o /dev/null -w '%{http_code}' -u opencode: http://127.0.0.1:$port$path)"
  done
done
echo "== sockets"; cat /proc/net/unix | head -5
echo "== files"; grep -rls "OPENCODE_SERVER_PASSWORD=\\|agent-bridge" /home/user /opt/studio/agent/config /tmp 2>/dev/null | head
for f in /opt/studio/agent /opt/studio/bin/opencode /opt/studio/agent/home /opt/studio/agent/config/opencode /envd; do [ -w $f ] && echo "WRITABLE $f"; done
(chmod 755 /opt/studio/bin/opencode && echo CHMOD) 2>/dev/null
true`;

test(
  "SPEC-1, SEC-30: a command that was let run finds no way to answer the next question itself",
  { timeout: 120_000 },
  async () => {
    await agent.sandbox.files.write("/workspace/attack.sh", ATTACK);
    const { agentKey } = await import("#server/sandbox/sandbox.ts");
    agent.decide = ({ command }) => (command.includes("attack.sh") ? "once" : null);
    const ended = agent.script("run sh attack.sh 2>/dev/null", "run touch /workspace/never", "say done");
    await eventually("the second question", () => agent.asked.length === 2, 60_000);
    const [first, second] = agent.asked;
    const output = agent.output(first?.toolCallId ?? "");
    expect(output).toContain("== doors");
    expect(output).not.toContain(agentKey(agent.place.sessionId, agent.place.acpServerId));
    expect(output).not.toMatch(
      /OPENCODE_SERVER_PASSWORD|OPENCODE_CONFIG_CONTENT|BUN_INSPECT_PRELOAD|BUN_JSC/,
    );
    // What is 64 hexadecimal digits long would be a key or a password.
    expect(output.match(/\b[0-9a-f]{64}\b/g) ?? []).toEqual([]);
    expect(output.match(/^LOOKED/gm)).toHaveLength(3);
    expect(output).not.toMatch(/READABLE|TRACED|WRITABLE|CHMOD/);
    const doors = [...output.matchAll(/^(246[89]) (\S+) (\d+) (\d+)$/gm)];
    expect(doors).toHaveLength(8);
    for (const [line, , , plain, empty] of doors) expect([plain, empty], line).toEqual(["401", "401"]);
    expect(await agent.sandbox.files.exists("/workspace/never")).toBe(false);
    if (second) await agent.answer(second, "reject");
    expect((await ended).result).toMatchObject({ stopReason: "end_turn" });
    expect(await agent.sandbox.files.exists("/workspace/never")).toBe(false);
  },
);

test(
  "SPEC-1: who stands in for the bridge is not believed, and learns nothing",
  { timeout: 120_000 },
  async () => {
    const { AgentServerError } = await import("#server/agent/bridge.ts");
    const { stopAgentServer } = await import("#server/sandbox-start/agent-server.ts");
    await stopAgentServer(agent.sandbox);
    const impostor = `
    require("http").createServer((req, res) => {
      require("fs").appendFileSync("/tmp/heard", JSON.stringify(req.headers) + "\\n");
      res.setHeader("x-studio-mac", req.headers["x-studio-mac"] || "");
      res.end("{}");
    }).listen(2468, "127.0.0.1")`;
    await agent.sandbox.files.write("/tmp/impostor.cjs", impostor);
    const handle = await agent.sandbox.commands.run("node /tmp/impostor.cjs", {
      background: true,
      timeoutMs: 0,
    });
    await eventually("the impostor listens", async () => {
      const { exitCode } = await agent.sandbox.commands.run("curl -s http://127.0.0.1:2468/ || true");
      return exitCode === 0 && (await agent.sandbox.files.exists("/tmp/heard"));
    });
    expect(await agent.client.state(2_000)).toBe("ended");
    await expect(agent.client.post({ method: "session/cancel" })).rejects.toBeInstanceOf(AgentServerError);
    const { agentKey } = await import("#server/sandbox/sandbox.ts");
    const heard = await agent.sandbox.files.read("/tmp/heard");
    expect(heard).not.toContain(agentKey(agent.place.sessionId, agent.place.acpServerId));
    await handle.kill();
    await agent.start();
    expect(await agent.client.healthy(2_000)).toBe(true);
  },
);
