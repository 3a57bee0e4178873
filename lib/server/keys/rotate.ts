import { api } from "#convex/_generated/api.js";
import { serviceData } from "../convex/client.ts";
import { unwrap, wrap } from "./envelope.ts";
import { keyring } from "./own-key.ts";

/**
 * Wraps every organization's data key with the operator's newest key; the secrets themselves stay as they are.
 * Idempotent: can be cut short and run again. @returns how many were wrapped again
 */
export async function rotateDataKeys(progress: (done: number) => void): Promise<number> {
  const ring = keyring();
  const data = serviceData();
  for (let done = 0; ;) {
    const page = await data.query(api.providerKeys.dataKeysBefore, { kekVersion: ring.current });
    if (page.length === 0) return done;
    for (const { id, organizationId, ...stored } of page) {
      const next = wrap(ring, organizationId, unwrap(ring, organizationId, stored));
      if (await data.mutation(api.providerKeys.rewrap, { id, before: stored.wrapped, ...next })) done++;
    }
    progress(done);
  }
}

if (import.meta.main) {
  const done = await rotateDataKeys((count) =>
    console.log(`${count} data keys are wrapped with the newest key …`),
  );
  console.log(`Done: ${done} data keys. The older keys can leave STUDIO_KEK.`);
}
