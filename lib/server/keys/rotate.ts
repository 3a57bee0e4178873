import { api } from "#convex/_generated/api.js";
import { serviceData } from "../convex/client.ts";
import { packKeyName } from "../checkpoints/pack-keys.ts";
import { unwrap, wrap, type WrappedKey } from "./envelope.ts";
import { keyring } from "./own-key.ts";

/**
 * Wraps every organization's data keys, and those of its checkpoints, with the operator's newest key; what they encrypt
 * stays as it is. Idempotent: can be cut short and run again. @returns how many were wrapped again
 */
export async function rotateDataKeys(progress: (done: number) => void): Promise<number> {
  const ring = keyring();
  const data = serviceData();
  const of = { kekVersion: ring.current };
  let done = 0;
  const all = async <Id extends string>(
    read: () => Promise<readonly ({ id: Id; organizationId: string } & WrappedKey)[]>,
    nameOf: (organizationId: string) => string,
    put: (next: { id: Id; before: string } & WrappedKey) => Promise<boolean>,
  ) => {
    for (let page = await read(); page.length > 0; page = await read()) {
      for (const { id, organizationId, ...stored } of page) {
        const name = nameOf(organizationId);
        const next = wrap(ring, name, unwrap(ring, name, stored));
        if (await put({ id, before: stored.wrapped, ...next })) done++;
      }
      progress(done);
    }
  };
  await all(
    async () => await data.query(api.providerKeys.dataKeysBefore, of),
    (organizationId) => organizationId,
    async (next) => await data.mutation(api.providerKeys.rewrap, next),
  );
  // One that was wrapped by a key that is lost stays with what it has sealed.
  for (const kekVersion of ring.keys.keys())
    if (kekVersion !== ring.current)
      await all(
        async () => await data.query(api.checkpointKeys.wrappedBy, { kekVersion }),
        packKeyName,
        async (next) => await data.mutation(api.checkpointKeys.rewrap, next),
      );
  return done;
}

if (import.meta.main) {
  const done = await rotateDataKeys((count) =>
    console.log(`${count} data keys are wrapped with the newest key …`),
  );
  console.log(`Done: ${done} data keys. The older keys can leave STUDIO_KEK.`);
}
