import { kind } from "./kind.ts";

/** Scripts that prepare sandboxes. */
export const setup = {
  setup_not_found: kind("not_found", "There's no set-up script in this place."),
  setup_scope_unknown: kind(
    "invalid_request",
    ({ scope }: { scope: string }) =>
      `scope: “${scope}” is unknown. Use “project”, or a connection and a repository, such as “github/acme/shop”.`,
  ),
  setup_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An organization can have ${limit} set-up scripts. Remove one first.`,
  ),
  setup_changed: kind(
    "invalid_request",
    "Someone else changed this set-up meanwhile. Nothing was saved; reload and try again.",
  ),
  setup_variable_reserved: kind(
    "invalid_request",
    ({ name }: { name: string }) => `requires: “${name}” is set by Studio or the system in every sandbox.`,
  ),
};
