import { Sandbox } from "e2b";
import { expect } from "vitest";
import { VERSIONS } from "../../../sandbox-template/versions.ts";
import { testWhere } from "#tests/test-where.ts";

/** A key of E2B's cloud: without E2B_API_URL the SDK goes there. */
const isCloud = process.env["E2B_API_KEY"] !== undefined && process.env["E2B_API_URL"] === undefined;
const TEMPLATE = process.env["SANDBOX_TEMPLATE"] ?? "studio";

testWhere(isCloud, "E2B's cloud needs an E2B_API_KEY")(
  "a sandbox of E2B's cloud, made of Studio's template, has what the local one has",
  async () => {
    const sandbox = await Sandbox.create(TEMPLATE, {
      timeoutMs: 60_000,
      network: { denyOut: ["0.0.0.0/0"], allowPublicTraffic: false },
    });
    try {
      const { stdout } = await sandbox.commands.run(
        "node --version; opencode --version; sandbox-agent --version; rg --version | head -1; git --version; struere --help > /dev/null && echo struere; for tool in npm pnpm bun tsc python3 pip3 cc make jq; do command -v $tool > /dev/null && echo $tool; done; pwd; echo $OPENCODE_DISABLE_AUTOUPDATE",
        { timeoutMs: 30_000 },
      );
      const [node, opencode, agent, rg, git, ...rest] = stdout.trim().split("\n");
      expect(node).toBe(`v${VERSIONS.node}`);
      expect(opencode).toBe(VERSIONS.opencode);
      expect(agent).toContain(VERSIONS.sandboxAgent);
      expect(rg).toMatch(/^ripgrep/);
      expect(git).toMatch(/^git version/);
      expect(rest).toEqual([
        "struere",
        "npm",
        "pnpm",
        "bun",
        "tsc",
        "python3",
        "pip3",
        "cc",
        "make",
        "jq",
        "/workspace",
        "1",
      ]);
      await sandbox.files.write("/workspace/x", "written");
      expect(await sandbox.files.read("/workspace/x")).toBe("written");
    } finally {
      await sandbox.kill();
    }
  },
  120_000,
);
