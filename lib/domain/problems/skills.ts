import { kind } from "./kind.ts";

/** An organization's skills, and the folders in which sessions have them. */
export const skills = {
  skill_not_found: kind("not_found", "There's no such skill in this organization."),
  skill_revision_not_found: kind(
    "not_found",
    ({ kept }: { kept: number }) => `There's no such revision of this skill. The last ${kept} are kept.`,
  ),
  skill_offer_not_found: kind("not_found", "There's no such change here, or it was decided on already."),
  skill_exists: kind(
    "already_exists",
    ({ name, root }: { name: string; root: string }) =>
      `There's already a skill “${name}” in ${root}. Choose another name, or change that one.`,
  ),
  skill_changed: kind(
    "file_changed",
    ({ revision }: { revision: number }) =>
      `Someone else has changed this skill: it's at revision ${revision} now. Reload it, then make your change again.`,
  ),
  skill_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An organization can have ${limit} skills. Delete one first.`,
  ),
  skill_too_large: kind(
    "invalid_request",
    ({ maxBytes }: { maxBytes: number }) =>
      `body_markdown: the whole SKILL.md can have ${maxBytes} bytes. Make it shorter.`,
  ),
  skills_too_large: kind(
    "invalid_request",
    ({ maxBytes }: { maxBytes: number }) =>
      `All of an organization's skills can have ${maxBytes} bytes together. Shorten or delete some.`,
  ),
  skill_extra: kind("invalid_request", "extra: must be the text of a JSON object."),
  skill_variable: kind(
    "invalid_request",
    ({ name }: { name: string }) =>
      `dependencies: “${name}” is set by Studio or the system in every sandbox. Leave it out.`,
  ),
  skill_others: kind(
    "forbidden",
    "Members can change the skills that they created. Ask an admin to change this one.",
  ),
  skill_root_invalid: kind(
    "invalid_request",
    ({ root, fault }: { root: string; fault: string }) => `roots: “${root}” ${fault}.`,
  ),
  skill_root_outside: kind(
    "invalid_request",
    ({ root, base }: { root: string; base: string }) =>
      `roots: “${root.slice(0, 200)}” isn't a folder below ${base}. Name one that is.`,
  ),
  archive_unreadable: kind(
    "invalid_request",
    "The archive can't be read. Send a .zip, .tar or .tar.gz file, without a password.",
  ),
  archive_too_large: kind(
    "invalid_request",
    ({ maxBytes }: { maxBytes: number }) =>
      `The archive is larger than the ${maxBytes} bytes that it may have. Leave out what is no SKILL.md.`,
  ),
  archive_entries: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `There are more than ${limit} files in it. Import a part of them.`,
  ),
  archive_path: kind(
    "invalid_request",
    ({ path, fault }: { path: string; fault: string }) =>
      `The path “${path.slice(0, 200)}” ${fault}, so nothing was imported.`,
  ),
  archive_link: kind(
    "invalid_request",
    ({ path }: { path: string }) =>
      `“${path.slice(0, 200)}” is a link or a device, so nothing was imported. Only files and folders can be.`,
  ),
  archive_without_skills: kind("invalid_request", "There's no SKILL.md in it."),
  skill_roots_alike: kind(
    "invalid_request",
    ({ first, second }: { first: string; second: string }) =>
      `roots: “${first}” and “${second}” end in the same name, so mentions couldn't tell them apart. Choose one.`,
  ),
  skill_no_roots: kind(
    "invalid_request",
    "This session has no skill roots, so nothing can be created in it. Set roots first.",
  ),
  skill_root_not_here: kind(
    "invalid_request",
    ({ root }: { root: string }) => `target_root: “${root}” isn't one of this session's skill roots.`,
  ),
};
