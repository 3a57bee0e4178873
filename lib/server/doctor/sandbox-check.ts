import { env } from "../env.ts";
import { addresses } from "../sandbox-start/addresses.ts";
import { createSandbox } from "../sandbox/sandbox.ts";
import { type Check, Wrong } from "./check.ts";

const LIFE_MS = 60_000;
const REACH_S = 10;
/** What a shell says where there is no such program. */
const NO_PROGRAM = 127;

/** What a sandbox has to reach, and the setting that says where it is for one. */
function ways(): { setting: string; url: string }[] {
  const { studioUrl, convexUrl, convexSiteUrl } = addresses();
  return [
    { setting: "SANDBOX_STUDIO_URL", url: `${studioUrl}/api/v1/health` },
    { setting: "SANDBOX_CONVEX_URL", url: `${convexUrl}/version` },
    { setting: "SANDBOX_CONVEX_SITE_URL", url: convexSiteUrl },
  ];
}

/** Makes a sandbox as a session's, and looks from within whether it finds the way back. */
export const sandboxCheck: Check = {
  name: "Sandboxes",
  advice:
    "Check E2B_API_KEY, E2B_API_URL and SANDBOX_TEMPLATE; the template is built with npm run template:build.",
  look: async () => {
    const { SANDBOX_TEMPLATE } = env();
    const startedAt = performance.now();
    const all = ways();
    const { sandbox } = await createSandbox({
      envs: {},
      metadata: { purpose: "doctor" },
      network: { allowOut: all.map(({ url }) => new URL(url).hostname) },
      timeoutMs: LIFE_MS,
      isSession: false,
    });
    try {
      const tookMs = Math.round(performance.now() - startedAt);
      for (const { setting, url } of all) {
        const { exitCode } = await sandbox.commands
          .run(`curl -s -o /dev/null -m ${REACH_S} '${url}'`)
          .catch((error: { exitCode?: number }) => ({ exitCode: error.exitCode ?? -1 }));
        if (exitCode === NO_PROGRAM)
          return `${SANDBOX_TEMPLATE} starts in ${tookMs} ms; whether it reaches Studio can't be seen without curl in it`;
        if (exitCode !== 0)
          throw new Wrong(
            `a sandbox starts, and doesn't reach ${url} (curl ${exitCode})`,
            `Set ${setting} to an address that sandboxes reach.`,
          );
      }
      return `${SANDBOX_TEMPLATE} starts in ${tookMs} ms, and reaches ${all.map(({ url }) => new URL(url).host).join(", ")}`;
    } finally {
      await sandbox.kill().catch(() => undefined);
    }
  },
};
