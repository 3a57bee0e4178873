import { plural } from "../plural.ts";
import { kind } from "./kind.ts";

/** The project: its definitions, and what the struere command does with them. */
export const project = {
  project_too_large: kind(
    "too_large",
    ({ maxChars }: { maxChars: number }) =>
      `This project has more than ${maxChars} characters, more than one pull can carry.`,
  ),
  project_moved: kind(
    "project_moved",
    ({ base, revision }: { base: number; revision: number }) =>
      `The project has changed since revision ${base}; it's at ${revision} now. Nothing was changed: pull, and push again.`,
  ),
  project_full: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An environment holds ${limit} definitions and files at most.`,
  ),
  project_push_too_large: kind(
    "too_large",
    ({ bytes, limit }: { bytes: number; limit: number }) =>
      `The environment would have ${bytes} bytes; ${limit} is the most.`,
  ),
  project_named_twice: kind("invalid_request", ({ name }: { name: string }) => `${name} is named twice.`),
  project_invalid: kind(
    "invalid_request",
    ({ problems }: { problems: number }) =>
      `Nothing was changed: ${problems} ${plural(problems, "problem", "problems")} in the definitions.`,
  ),
  project_nothing_named: kind("invalid_request", "slug: name what to delete."),
  project_deletion_unasked: kind(
    "invalid_request",
    ({ names }: { names: string[] }) =>
      `Nothing was changed: this would delete ${names.join(", ")}. Send allow_deletions (struere push --delete) if that's meant.`,
  ),
  project_sandbox_reads: kind(
    "forbidden",
    "A session's own key can read the project, but not change it. A person pushes it.",
  ),
  project_changes_unknown: kind(
    "not_found",
    "This session's workspace hasn't been compared with the project yet. Refresh, then try again.",
  ),
  project_change_outdated: kind(
    "file_changed",
    ({ name }: { name: string }) =>
      `Nothing was pushed: ${name} has changed in the workspace since you looked. Look at it again.`,
  ),
  project_deletion_unticked: kind(
    "invalid_request",
    ({ names }: { names: string[] }) =>
      `Nothing was pushed: this would delete ${names.join(", ")}. Confirm the deletion if that's meant.`,
  ),
  project_production_unconfirmed: kind("invalid_request", "Type production to change production."),
  project_nothing_chosen: kind("invalid_request", "Choose at least one change."),
  project_change_not_found: kind(
    "not_found",
    ({ name }: { name: string }) => `The workspace doesn't change ${name}.`,
  ),
  project_push_not_last: kind(
    "project_moved",
    "The project has changed since this session's last push, so it can't be taken back here.",
  ),
  project_pull_conflict: kind(
    "file_changed",
    ({ files }: { files: string[] }) =>
      `Nothing was pulled: ${files.join(", ")} changed here and in the project. Have the agent merge them, or compare with the latest revision.`,
  ),
  project_body_too_large: kind(
    "too_large",
    ({ maxBytes }: { maxBytes: number }) => `Send at most ${maxBytes} bytes at once.`,
  ),
  project_body_not_json: kind("invalid_request", "Send JSON."),
  project_body_invalid: kind("invalid_request", ({ path, fault }: { path: string; fault: string }) =>
    path === "" ? fault : `${path}: ${fault}`,
  ),
  project_version_not_found: kind(
    "not_found",
    ({ kept }: { kept: number }) => `There's no such version; the last ${kept} of each definition are kept.`,
  ),
  project_deletion_not_restorable: kind(
    "invalid_request",
    "This version is a deletion. Delete the definition instead of restoring it.",
  ),
  project_definition_moved: kind(
    "project_moved",
    ({ names, base }: { names: string[]; base: number }) =>
      `Nothing was changed: ${names.join(", ")} changed after revision ${base}. Look at the difference, then try again.`,
  ),
  project_definition_invalid: kind(
    "invalid_request",
    ({ faults }: { faults: string[] }) => `Nothing was changed. ${faults.join(" ")}`,
  ),
  project_definition_not_found: kind(
    "not_found",
    ({ name }: { name: string }) => `This environment has no ${name}.`,
  ),
  project_definition_exists: kind(
    "already_exists",
    ({ name }: { name: string }) => `This environment already has the ${name}.`,
  ),
  project_push_not_found: kind(
    "not_found",
    ({ revision }: { revision: number }) => `This environment has no change ${revision}.`,
  ),
  project_start_not_undoable: kind(
    "invalid_request",
    "This is what the environment started with, so it can't be taken back.",
  ),
  project_same_environment: kind("invalid_request", "Choose two different environments."),
  project_undo_moved: kind(
    "project_moved",
    ({ revision, names }: { revision: number; names: string[] }) =>
      `Nothing was taken back: ${names.join(", ")} changed again after change ${revision}. Restore single versions instead.`,
  ),
  project_undo_too_large: kind(
    "too_large",
    ({ revision }: { revision: number }) =>
      `Change ${revision} is too large to be taken back at once. Restore single versions instead.`,
  ),
  project_undo_lost: kind(
    "not_found",
    ({ name }: { name: string }) => `What ${name} was before is no longer kept, so nothing was taken back.`,
  ),
};
