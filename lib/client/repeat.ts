import type { JsonOf, SentBody } from "#contracts/routes.ts";
import { call } from "./api.ts";
import { staying } from "./leave.ts";

export type RepeatPlan = JsonOf<"GET /api/v1/sessions/{id}/repeat">;

/** What a repeat of a session can't have as it was. */
export const readRepeat = async (id: string): Promise<RepeatPlan> =>
  await call("GET /api/v1/sessions/{id}/repeat", { params: { id } });

/**
 * Begins a session with what another one began with, and goes there.
 * @returns a promise that never settles: what started it stays pending until the page is gone
 */
export async function repeatWith(
  id: string,
  body: SentBody<"POST /api/v1/sessions/{id}/repeat">,
  go: (path: string) => void,
): Promise<never> {
  const { session_id: made } = await call("POST /api/v1/sessions/{id}/repeat", { params: { id }, body });
  go(`/studio/${made}`);
  return await staying();
}
