/** What a guarded route is called with in every-route.test.ts, and what another organization gets of it. */
export interface Probe {
  body?: unknown;
  /** Its own (empty) things, or a refusal. */
  foreign: keyof typeof REFUSED;
}

/** How another organization's API key is refused; null where it isn't. */
export const REFUSED = {
  own: null,
  not_found: { status: 404, body: { code: "not_found" } },
  people_only: { status: 403, body: { code: "forbidden" } },
};
