import { kind } from "./kind.ts";

/** A session's files, and the sandbox that holds them. */
export const files = {
  file_not_found: kind("not_found", "There's no such file in the workspace."),
  path_outside: kind("invalid_request", "path: name a file in the workspace, such as agents/support.ts."),
  path_leads_out: kind("invalid_request", "path: this link leads out of the workspace."),
  path_unusable: kind("invalid_request", "path: this isn't a file or folder that can be used this way."),
  path_of_neither: kind("invalid_request", "path: this is neither a file nor a folder."),
  path_of_folder: kind("invalid_request", "path: this is a folder."),
  env_file_hidden: kind("forbidden", ".env holds the keys of the sandbox's tools, so it isn't shown here."),
  file_too_large: kind(
    "too_large",
    ({ maxBytes }: { maxBytes: number }) =>
      `This file has more than ${maxBytes} bytes, so it can't be shown.`,
  ),
  path_of_no_folder: kind("invalid_request", "path: this is no folder."),
  archive_failed: kind(
    "upstream_failed",
    ({ words }: { words: string }) => `The archive couldn't be made: ${words}`,
  ),
  folder_unreadable: kind("invalid_request", "path: the sandbox's user may not read this folder."),
  file_not_text: kind(
    "invalid_request",
    "This file isn't UTF-8 text. Saving text over it would lose its bytes, so nothing was saved.",
  ),
  file_masked: kind(
    "forbidden",
    "This file isn't text, so keys in it can't be hidden. Ask a member of the organization for it.",
  ),
  file_changed: kind("file_changed", "The file has changed since you opened it. Nothing was saved."),
  browser_later: kind(
    "not_implemented",
    "Sessions have no browser that can be driven yet. Run one with a command, or use the preview.",
  ),
  file_gone: kind("file_changed", "The file no longer exists. Nothing was saved."),
  process_lives: kind("upstream_failed", "The process didn't end. Try again, or end it in a terminal."),
  sandbox_gone: kind("session_stopped", "The session's sandbox no longer exists."),
  sandbox_silent: kind("upstream_failed", "The sandbox didn't respond. Nothing was changed. Try again."),
  sandbox_endless: kind("upstream_failed", "The sandbox sent an answer without an end."),
};
