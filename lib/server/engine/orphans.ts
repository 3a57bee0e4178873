import { api } from "#convex/_generated/api.js";
import { DEADLINES } from "#domain/lifecycle.ts";
import { serviceData } from "../convex/client.ts";
import { log } from "../log.ts";
import { endMetered } from "../sandbox/end.ts";
import { listSandboxes } from "../sandbox/sandbox.ts";

/** How old a sandbox must be before it can count as nobody's: a new one has its session soon. */
const ORPHAN_AGE_MS = DEADLINES.provisioningMs + 60_000;
const MAX_ENDED = 200;

/** Ends sandboxes that no session has: of a server that died between making one and noting it, say. */
export async function endOrphans(): Promise<void> {
  const old = (await listSandboxes(MAX_ENDED)).filter(
    ({ startedAt }) => Date.now() - startedAt > ORPHAN_AGE_MS,
  );
  if (old.length === 0) return;
  const sandboxIds = old.map(({ sandboxId }) => sandboxId);
  for (const sandboxId of await serviceData().query(api.warmSandboxes.orphans, { sandboxIds })) {
    log("warn", "a sandbox that no session has is ended", { sandboxId });
    await endMetered(sandboxId);
  }
}
