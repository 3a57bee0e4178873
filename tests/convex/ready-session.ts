import { beforeEach } from "vitest";
import type { Id } from "#convex/_generated/dataModel.js";
import { readySession } from "./support.ts";
import { ada, db } from "./world.ts";

/** Before each test of the file that imports it, a session of Ada's that is ready; the test holds its lease. */
export let sessionId: Id<"sandboxSessions">;
export let generation: number;

beforeEach(async () => {
  ({ sessionId, generation } = await readySession(db, ada));
});
