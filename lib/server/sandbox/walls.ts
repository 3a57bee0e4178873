import type { Sandbox } from "e2b";
import { z } from "zod";
import { WALL_CHECKS, WALL_IDS, wallReason } from "#domain/walls.ts";
import type { WallsAnswer } from "#contracts/sandbox.ts";
import { printedBy } from "./programs.ts";

/** Memory is taken until the kernel stops it, which takes long beside other work. */
const TRIED_MS = 70_000;
const MAX_CODES = 10;

/** A sandbox's own words are its tenant's: only what is known is passed on. */
const outcomes = z
  .array(
    z.object({
      id: z.enum(WALL_IDS),
      held: z.boolean().nullable(),
      codes: z.array(z.string().regex(/^\w[\w ]{0,30}$/)).max(MAX_CODES),
    }),
  )
  .max(WALL_IDS.length);

/**
 * Tries a sandbox's walls from within, as any program of its user could (sandbox-template/agent/walls.ts).
 * @param ports of the host, which must be out of reach
 * @param memoryMb what the sandbox may use; undefined where it is not known, and then not tried
 * @throws HttpError upstream_failed
 */
export async function tryWalls(
  sandbox: Sandbox,
  ports: readonly number[],
  memoryMb: number | undefined,
): Promise<WallsAnswer> {
  const tried = await printedBy(sandbox, {
    name: "walls",
    env: { STUDIO_PORTS: ports.join(","), STUDIO_MEMORY_MB: String(memoryMb ?? "") },
    schema: outcomes,
    timeoutMs: TRIED_MS,
  });
  return {
    checks: tried.map(({ id, held, codes }) => ({
      ...WALL_CHECKS[id],
      id,
      held,
      reasons: codes.map(wallReason),
    })),
  };
}
