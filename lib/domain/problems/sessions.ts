import { plural } from "../plural.ts";
import { kind } from "./kind.ts";

/** What of a payer's own key is in the way, and what mends it. */
function broken(provider: string, key: "error" | "inactive" | null): string | null {
  if (key === "error") return `Your ${provider} key was rejected: replace it in Settings, Providers.`;
  if (key === "inactive")
    return `Your ${provider} key hasn't been tested yet: test it in Settings, Providers.`;
  return null;
}

const among = (choices: string[]) => (choices.length > 0 ? ` Choose one of: ${choices.join(", ")}.` : "");

/** Sessions, their runs, and what the agent asks in them. */
export const sessions = {
  webhook_race: kind(
    "unavailable",
    "Something else of the organization was encrypted for the first time at the same moment. Try again.",
  ),
  webhook_url: kind("invalid_request", ({ fault }: { fault: string }) => `webhook.url: ${fault}`),
  request_key_reused: kind(
    "already_exists",
    "Idempotency-Key: a run that was asked for differently was started with this key. Use a new key for each run.",
  ),
  offset_too_far: kind(
    "invalid_request",
    "offset: too few sessions of this list match for an offset. Go on page by page with cursor.",
  ),
  session_not_found: kind("not_found", "There's no such session in this organization."),
  run_not_found: kind("not_found", "There's no such run in this organization."),
  approval_not_found: kind("not_found", "There's no such approval in this run."),
  question_not_found: kind("not_found", "There's no such question in this run."),
  notification_not_found: kind("not_found", "You have no such notification in this organization."),
  artifact_not_found: kind("not_found", "There's no such artifact in this session."),
  session_imported: kind(
    "forbidden",
    "This session was imported, so it can only be read. Start a session of your own to work on.",
  ),
  import_not_found: kind("not_found", "There's no such import in this organization."),
  import_lapsed: kind(
    "unavailable",
    "The import was given up, since nothing came of the file for too long. Send the file again.",
  ),
  imports_at_once: kind(
    "session_limit",
    ({ limit }: { limit: number }) =>
      `${limit} files are being imported in this organization already. Try again once one is done.`,
  ),
  imports_full: kind(
    "session_limit",
    ({ limit }: { limit: number }) =>
      `This organization has ${limit} imported sessions, the most that it can. Delete one, then import the file again.`,
  ),
  import_row: kind(
    "invalid_request",
    ({ line, path, message }: { line: number; path: string; message: string }) =>
      `Line ${line}${path === "" ? "" : `, ${path}`}: ${message}`,
  ),
  import_empty: kind(
    "invalid_request",
    "The file has no events. Send a session's export, as JSON or JSON Lines.",
  ),
  import_too_long: kind(
    "too_large",
    ({ events }: { events: number }) =>
      `The file has more than ${events} events, the most that can be imported.`,
  ),
  import_too_large: kind(
    "too_large",
    ({ maxBytes }: { maxBytes: number }) =>
      `The file is larger than ${Math.floor(maxBytes / 1_000_000)} MB, the most that can be imported.`,
  ),
  session_ended: kind("session_stopped", "This session has ended."),
  session_still_saving: kind(
    "session_stopped",
    "The session is still being saved. Try again in a few seconds.",
  ),
  session_log_gone: kind(
    "session_stopped",
    "This session's log and its saved work were removed, as the organization's retention has it. Start a new session.",
  ),
  repeat_differs: kind(
    "repeat_differs",
    ({ differs }: { differs: string[] }) =>
      `The session can't be repeated exactly. ${differs.join(" ")} Look at GET …/repeat again, and send what you accept.`,
  ),
  branch_seq_unknown: kind(
    "invalid_request",
    ({ seq, last }: { seq: number; last: number }) =>
      `from_seq: the session has no event ${seq}. Its last one is ${last}.`,
  ),
  session_archived: kind("session_stopped", "This session is in the archive. Restore it from there first."),
  nothing_saved: kind("session_stopped", "Nothing of this session was saved, so it has no files to show."),
  checkpoint_not_found: kind(
    "not_found",
    "There's no such checkpoint in this session. Older ones are removed as newer ones come.",
  ),
  turn_not_saved: kind(
    "not_ready",
    "Nothing has been saved after this turn yet. Try again once the session says that its work is saved.",
  ),
  checkpoint_unreadable: kind(
    "upstream_failed",
    "What was saved of this session can't be read at the moment. Try again.",
  ),
  save_in_turn: kind(
    "turn_running",
    "A turn is at work. Its end is saved by itself; to save before that, stop the turn first.",
  ),
  rewind_to_one: kind(
    "invalid_request",
    "Say where to go back to with exactly one of runId, beforeRunId, toSeq, checkpointId and undo.",
  ),
  rewind_seq_unknown: kind(
    "invalid_request",
    ({ seq, last }: { seq: number; last: number }) =>
      `toSeq: the session has no event ${seq}. Its last one is ${last}.`,
  ),
  restore_ended: kind("session_stopped", "This session has ended. Continue it first, then restore the file."),
  rewind_nothing_saved: kind(
    "session_stopped",
    "This session has ended, and nothing of it was saved: there's nothing to go back to.",
  ),
  rewind_in_run: kind("turn_running", "A turn is at work. Stop it, or wait for its end, then rewind."),
  rewind_going: kind("turn_running", "The session is already being rewound. Wait until that is done."),
  rewind_not_saved: kind("not_saved", "That turn is no longer saved, or never was. Choose another turn."),
  rewind_no_files: kind(
    "not_saved",
    "No files were saved before the first turn. Rewind the conversation alone.",
  ),
  rewind_in_turn: kind(
    "not_saved",
    "This checkpoint was taken in the middle of a turn. Restore its files alone, or choose a turn's end.",
  ),
  rewind_set_aside: kind(
    "not_saved",
    "That turn was set aside by an earlier rewind. Undo that rewind first.",
  ),
  rewind_nothing_to_undo: kind(
    "not_saved",
    "There's no rewind to undo: it was undone already, or another turn has begun since.",
  ),
  rewind_by_hand: kind(
    "file_changed",
    ({ count, paths }: { count: number; paths: string[] }) =>
      `${count} ${plural(count, "file was", "files were")} changed by hand: ${paths.join(", ")}${count > paths.length ? ", …" : ""}. Name each under “overwrite” or “keep”.`,
  ),
  restore_by_hand: kind(
    "file_changed",
    "The file was changed by hand since the agent's last turn. Say “overwrite” to replace it all the same.",
  ),
  save_failed: kind(
    "upstream_failed",
    "The session couldn't be saved now; its log says why. It's tried again by itself.",
  ),
  checkpoints_full: kind(
    "session_limit",
    ({ gigabytes }: { gigabytes: number }) =>
      `The organization's saved work takes up its limit of ${gigabytes} GB, so nothing more is saved. Archive sessions, or shorten the retention of logs.`,
  ),
  session_sandbox_deleted: kind("session_stopped", "The session has ended and its sandbox was deleted."),
  session_not_ready: kind(
    "not_ready",
    "The session's sandbox is still being created. Try again in a moment.",
  ),
  session_running: kind("invalid_request", "This session is still running. Stop it before you archive it."),
  session_limit: kind(
    "session_limit",
    ({ limit }: { limit: number }) =>
      `This organization allows ${limit} running ${plural(limit, "session", "sessions")} at once. Stop one, or ask an admin to raise the limit in Settings, Sessions.`,
  ),
  queue_full: kind(
    "queue_full",
    ({ limit }: { limit: number }) =>
      `${limit} messages are already waiting. Try again once one has been taken.`,
  ),
  already_decided: kind(
    "already_decided",
    ({ outcome, by }: { outcome: string; by: string }) => `This was already ${outcome}${by && ` by ${by}`}.`,
  ),
  cap_too_low: kind("invalid_request", "The cap must be higher than what the session has already cost."),
  lease_lost: kind("lease_lost", "Another server has taken over this session."),
  no_key: kind(
    "no_key",
    ({ provider, key }: { provider: string; key: "error" | "inactive" | null }) =>
      broken(provider, key) ?? `There's no key for ${provider} yet. Add one in Settings, Providers.`,
  ),
  no_model: kind("no_key", "There's no model that can be used yet. Add a key in Settings, Providers."),
  no_credits: kind(
    "no_credits",
    ({ provider, key }: { provider: string; key: "error" | "inactive" | null }) =>
      `There are no platform credits left. ${broken(provider, key) ?? `Add credits, or a key for ${provider} in Settings, Providers.`}`,
  ),
  model_withdrawn: kind("no_key", "The model is no longer offered."),
  payer_without_way: kind("no_key", "This payer no longer has a way to the model."),
  payer_not_next: kind(
    "not_waiting",
    ({ next, wanted }: { next: string; wanted: string }) =>
      `The next payer is ${next}, not ${wanted}. Reload and check.`,
  ),
  payer_not_wanted: kind(
    "not_waiting",
    "The payer can change only while a run waits because its key was rejected.",
  ),
  provider_unknown: kind(
    "unknown_provider",
    ({ provider, choices }: { provider: string; choices: string[] }) =>
      `There's no provider “${provider}” here.${among(choices)}`,
  ),
  model_unknown: kind(
    "unknown_model",
    ({ provider, model, choices }: { provider: string; model: string; choices: string[] }) =>
      `The provider “${provider}” has no model “${model}” here.${among(choices)}`,
  ),
  terminal_not_found: kind("not_found", "There's no such terminal."),
  terminal_limit: kind(
    "terminal_limit",
    ({ limit }: { limit: number }) => `A session can have at most ${limit} terminals. Close one first.`,
  ),
  port_reserved: kind(
    "invalid_request",
    ({ port }: { port: number }) => `port: the sandbox itself uses ${port}. Choose your app's port.`,
  ),
  previews_off: kind(
    "unavailable",
    "Previews aren't set up here. The operator needs to set STUDIO_PREVIEW_URL.",
  ),
};
