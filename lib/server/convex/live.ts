import { ConvexClient } from "convex/browser";
import type { FunctionArgs, FunctionReference, FunctionReturnType } from "convex/server";
import { BROWSER_TOKEN_MS, mintToken } from "../auth/tokens.ts";
import { env } from "../env.ts";
import { log } from "../log.ts";
import { singleton } from "../singleton.ts";

const client = () =>
  singleton("convex-live", () => {
    const made = new ConvexClient(env().CONVEX_URL, { logger: false });
    made.setAuth(async () => await mintToken({ kind: "service" }, BROWSER_TOKEN_MS));
    return made;
  });

/**
 * Follows a query for Studio's own servers over one shared WebSocket, which reconnects by itself.
 * @returns a function that ends it
 */
export function follow<F extends FunctionReference<"query">>(
  fn: F,
  args: FunctionArgs<F>,
  onValue: (value: FunctionReturnType<F>) => void,
): () => void {
  const end = client().onUpdate(fn, args, onValue, (error) =>
    log("warn", "a followed query failed", { error: error.message }),
  );
  return () => end();
}
