import type { SandboxFacts, WallsAnswer } from "#contracts/sandbox.ts";
import type { Principal } from "#domain/principal.ts";
import { log, messageOf } from "../log.ts";
import { asRefusal } from "../sandbox/files.ts";
import { isolationOf } from "../sandbox/sandbox.ts";
import { serviceFeatures } from "../sandbox/service.ts";
import { tryWalls } from "../sandbox/walls.ts";
import { env } from "../env.ts";
import { sandboxToDrive, sandboxToSee } from "./files.ts";

/**
 * The machine behind a session, and what it uses now.
 * @throws HttpError session_stopped | not_ready | upstream_failed
 */
export async function sandboxFacts(caller: Principal, sessionId: string): Promise<SandboxFacts> {
  const sandbox = await sandboxToSee(caller, sessionId);
  try {
    const [info, isolation, features, metrics] = await Promise.all([
      sandbox.getInfo(),
      isolationOf(sandbox.sandboxId).catch((error: unknown) => {
        log("info", "a sandbox's walls were not told", { sessionId, error: messageOf(error) });
        return null;
      }),
      serviceFeatures().catch(() => null),
      sandbox.getMetrics().catch((error: unknown) => {
        // A host of one's own may measure nothing; what the sandbox is can be told all the same.
        log("info", "a sandbox has no metrics", { sessionId, error: messageOf(error) });
        return [];
      }),
    ]);
    const last = metrics.at(-1);
    return {
      sandboxId: info.sandboxId,
      template: info.name ?? info.templateId,
      startedAt: info.startedAt.getTime(),
      runningMs: Math.max(0, Date.now() - info.startedAt.getTime()),
      cpuCount: info.cpuCount,
      isolation,
      refusalsTold: features?.refusals ?? false,
      metrics: last
        ? {
            cpuPercent: last.cpuUsedPct,
            memoryBytes: last.memUsed,
            memoryLimitBytes: last.memTotal,
            diskBytes: last.diskUsed,
            diskLimitBytes: last.diskTotal,
          }
        : null,
    };
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Ports of Studio's own services, where they are on the sandboxes' machine. */
function ownPorts(): number[] {
  const { CONVEX_URL, STUDIO_PUBLIC_URL, E2B_API_URL } = env();
  return [CONVEX_URL, STUDIO_PUBLIC_URL, E2B_API_URL].flatMap((url) => {
    const port = url === undefined ? "" : new URL(url).port;
    return port === "" ? [] : [Number(port)];
  });
}

/**
 * Tries the walls of a session's sandbox from within.
 * @throws HttpError session_stopped | not_ready | upstream_failed
 */
export async function checkWalls(caller: Principal, sessionId: string): Promise<WallsAnswer> {
  const sandbox = await sandboxToDrive(caller, sessionId);
  try {
    const isolation = await isolationOf(sandbox.sandboxId);
    const memory = isolation?.limits["memoryMb"];
    return await tryWalls(sandbox, ownPorts(), memory?.heldBy === "none" ? undefined : memory?.value);
  } catch (error) {
    throw asRefusal(error);
  }
}
