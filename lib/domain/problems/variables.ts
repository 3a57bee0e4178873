import { kind, unreadable } from "./kind.ts";

/** Variables and secrets that an organization gives its sandboxes. */
export const variables = {
  variable_not_found: kind(
    "not_found",
    ({ name }: { name: string }) => `There's no variable “${name}” in this place.`,
  ),
  variable_reserved: kind(
    "invalid_request",
    ({ name }: { name: string }) =>
      `name: “${name}” is set by Studio or the system in every sandbox. Choose another name.`,
  ),
  variable_without_value: kind("invalid_request", "value: a new variable needs one."),
  variable_with_nul: kind("invalid_request", "value: must not contain NUL."),
  variable_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `There can be ${limit} variables in each place. Remove one first.`,
  ),
  variables_too_large: kind(
    "invalid_request",
    ({ maxBytes }: { maxBytes: number }) =>
      `All values of one place can have ${maxBytes} bytes together. Make one smaller, or remove one.`,
  ),
  variable_race: kind(
    "invalid_request",
    "Someone else saved this variable at the same moment. Nothing was saved; try again.",
  ),
  variables_unreadable: unreadable("variables"),
};
