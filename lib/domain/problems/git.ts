import { kind, unreadable } from "./kind.ts";

/** Connections to git servers, and the repositories that sessions work on. */
export const git = {
  git_connection_not_found: kind(
    "not_found",
    ({ connection }: { connection: string }) => `There's no git connection “${connection}”.`,
  ),
  git_connection_race: kind(
    "invalid_request",
    "Someone else saved this connection at the same moment. Nothing was saved; try again.",
  ),
  git_connection_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `An organization can have ${limit} git connections. Remove one first.`,
  ),
  git_credentials_unreadable: unreadable("git credentials"),
  git_token_missing: kind(
    "invalid_request",
    "token: a new connection needs one, and so does one whose server or user changes.",
  ),
  git_token_malformed: kind("invalid_request", "token: must be one line without spaces."),
  git_username_malformed: kind("invalid_request", "username: must be one line without a colon."),
  git_url_missing: kind("invalid_request", "base_url: enter the address that the repositories are below."),
  git_api_url_missing: kind(
    "invalid_request",
    ({ host }: { host: string }) => `api_url: enter where the API of this ${host} is.`,
  ),
  git_url_forbidden: kind("invalid_request", ({ fault }: { fault: string }) => `base_url: ${fault}`),
  git_api_url_forbidden: kind("invalid_request", ({ fault }: { fault: string }) => `api_url: ${fault}`),
  git_entry_malformed: kind(
    "invalid_request",
    ({ entry }: { entry: string }) =>
      `repositories: “${entry}” is neither a repository, such as acme/shop, nor all of an owner, such as acme/*.`,
  ),
  git_url_unknown: kind(
    "invalid_request",
    ({ url, baseUrl }: { url: string; baseUrl: string }) =>
      `repository.url: “${url}” isn't a repository below ${baseUrl}. Enter its URL, or its path, such as acme/shop.`,
  ),
  git_repository_not_allowed: kind(
    "forbidden",
    ({ repository, connection }: { repository: string; connection: string }) =>
      `The git connection “${connection}” isn't for ${repository}. An admin can add it under Settings, Git.`,
  ),
  git_ref_malformed: kind(
    "invalid_request",
    ({ ref }: { ref: string }) => `“${ref}” isn't the name of a branch or tag, nor a commit's whole id.`,
  ),
  git_ref_missing: kind(
    "invalid_request",
    ({ ref, repository }: { ref: string; repository: string }) =>
      `repository.ref: ${repository} has no branch or tag “${ref}”.`,
  ),
  git_empty: kind(
    "invalid_request",
    ({ repository }: { repository: string }) =>
      `${repository} has no commit yet. Push one to it first, then start the session.`,
  ),
  git_refused: kind(
    "git_failed",
    ({ host, connection }: { host: string; connection: string }) =>
      `${host} doesn't accept the credential of the connection “${connection}”. An admin can enter another one under Settings, Git.`,
  ),
  git_no_access: kind(
    "git_failed",
    ({ host, repository }: { host: string; repository: string }) =>
      `${host} has no ${repository}, or its credential may not read it.`,
  ),
  git_no_write: kind(
    "git_failed",
    ({ host, repository }: { host: string; repository: string }) =>
      `${host} doesn't let this connection's credential push to ${repository}.`,
  ),
  git_too_old: kind(
    "git_failed",
    ({ host }: { host: string }) =>
      `${host} speaks no version 2 of git's protocol, which reading single files needs. Send an archive instead.`,
  ),
  git_import_too_large: kind(
    "invalid_request",
    ({ repository, maxBytes }: { repository: string; maxBytes: number }) =>
      `${repository} is larger than the ${maxBytes} bytes that are read of one. Send an archive of the folder instead.`,
  ),
  git_pack_unreadable: kind(
    "git_failed",
    ({ host, repository }: { host: string; repository: string }) =>
      `What ${host} sent of ${repository} can't be read. Check the branch or commit, and try again.`,
  ),
  git_unreachable: kind("git_failed", ({ host }: { host: string }) => `${host} can't be reached. Try again.`),
  git_silent: kind(
    "git_failed",
    ({ host, seconds }: { host: string; seconds: number }) =>
      `${host} sent nothing for ${seconds} s, so the request was ended. Try again.`,
  ),
  git_not_git: kind(
    "git_failed",
    ({ host, status }: { host: string; status: number }) =>
      `${host} returned ${status} and no answer of git's. Check the repository's URL.`,
  ),
  git_address_forbidden: kind("git_failed", ({ fault }: { fault: string }) => fault),
  git_api_credential: kind(
    "git_failed",
    ({ host }: { host: string }) => `${host} doesn't accept the connection's credential.`,
  ),
  git_api_refused: kind(
    "git_failed",
    ({ host, status, words }: { host: string; status: number; words: string }) =>
      `${host} refused it (${status}): ${words}`,
  ),
  git_api_strange: kind(
    "git_failed",
    ({ host }: { host: string }) =>
      `${host} sent no answer that Studio can read. Check the connection's API URL.`,
  ),
  git_branch_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `A session can have ${limit} named branches.`,
  ),
  git_branch_malformed: kind(
    "invalid_request",
    ({ branch }: { branch: string }) => `branch: “${branch}” isn't a name that git takes for a branch.`,
  ),
  git_branch_taken: kind(
    "invalid_request",
    ({ branch }: { branch: string }) => `branch: the session began from ${branch}. Name a new branch.`,
  ),
  git_token: kind(
    "unauthenticated",
    "This token isn't valid here, or its session or the membership of its person has ended.",
  ),
  git_not_of_session: kind(
    "forbidden",
    ({ repository }: { repository: string }) => `${repository} isn't one of this session's repositories.`,
  ),
  git_address: kind("not_found", "Studio's git endpoint has no such address."),
  git_busy: kind(
    "rate_limited",
    "Too many git requests of this session are under way. Try again in a moment.",
  ),
  git_push_malformed: kind(
    "invalid_request",
    "This isn't a push that Studio can read, so nothing was changed.",
  ),
  git_none: kind("not_found", "This session has no repository."),
  git_failed_inside: kind("git_failed", ({ words }: { words: string }) => words),
  git_paths_too_long: kind(
    "invalid_request",
    "paths, patch: these are too many at once. Choose fewer, or all that has changed.",
  ),
  git_no_base: kind(
    "invalid_request",
    "This session began from a commit or a tag, so there's no base branch to update from.",
  ),
  git_nothing_to_commit: kind("invalid_request", "There's nothing to commit."),
  git_no_message: kind(
    "upstream_failed",
    ({ model }: { model: string }) => `${model} wrote no message. Try again, or write your own.`,
  ),
  git_no_pull_requests: kind(
    "invalid_request",
    ({ connection }: { connection: string }) =>
      `The server of “${connection}” has no pull requests that Studio can open. The branch is there: open one on its own pages.`,
  ),
  git_read_only: kind(
    "forbidden",
    ({ repository }: { repository: string }) =>
      `This session may only read ${repository}. Start one with write access to it to push.`,
  ),
  git_repository_twice: kind(
    "invalid_request",
    ({ repository }: { repository: string }) => `repositories: ${repository} is named twice.`,
  ),
  git_repository_limit: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `repositories: a session can work on ${limit} at most.`,
  ),
  git_app_missing: kind(
    "invalid_request",
    "app_id, installation_id, private_key: a GitHub App needs all three. A key that is stored stays for the same app and installation.",
  ),
  git_app_key_malformed: kind(
    "invalid_request",
    "private_key: this isn't an RSA key in PEM. Paste the whole file that GitHub gave you, with its first and last line.",
  ),
  git_app_key: kind(
    "git_failed",
    ({ host, appId }: { host: string; appId: string }) =>
      `${host} doesn't accept this private key for the app ${appId}. Generate a new one on the app's page.`,
  ),
  git_app_not_installed: kind(
    "git_failed",
    ({ host, appId, installationId }: { host: string; appId: string; installationId: string }) =>
      `${host} has no installation ${installationId} of the app ${appId}. Install the app, and enter the number at the end of the installation's address.`,
  ),
  git_app_suspended: kind(
    "git_failed",
    ({ host, installationId }: { host: string; installationId: string }) =>
      `The installation ${installationId} is suspended on ${host}. Its owner can unsuspend it there.`,
  ),
  git_hook_signature: kind(
    "unauthenticated",
    "The webhook's signature isn't this connection's. Enter its secret at the git host again, or make a new one under Settings, Git.",
  ),
  git_no_webhooks: kind(
    "invalid_request",
    ({ connection }: { connection: string }) =>
      `“${connection}” is a connection to a plain git server, which sends no webhooks that Studio can read.`,
  ),
  git_no_pull_request: kind("not_found", "This repository has no pull request yet. Open one first."),
  git_finding_gone: kind(
    "invalid_request",
    "findings: the git host no longer has one of these. Look again, then choose.",
  ),
  green_no_pull_request: kind(
    "invalid_request",
    "There's no open pull request to bring to green. Open one first.",
  ),
  green_going: kind(
    "invalid_request",
    "Studio is already bringing this pull request to green. Stop that first to set other bounds.",
  ),
  green_none: kind("not_found", "Studio isn't bringing a pull request of this repository to green."),
  git_not_pushed: kind("invalid_request", "Push the branch first, then open the pull request."),
};
