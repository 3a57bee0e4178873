import type { GitHostKind, GitKind } from "#domain/git.ts";
import { bitbucketApi } from "./bitbucket.ts";
import { giteaApi } from "./gitea.ts";
import { githubApi } from "./github.ts";
import { gitlabApi } from "./gitlab.ts";
import type { HostApi } from "./host-api.ts";

const APIS: Record<GitHostKind, (apiUrl: string, token: string) => HostApi> = {
  github: githubApi,
  github_app: githubApi,
  gitlab: gitlabApi,
  bitbucket: bitbucketApi,
  gitea: giteaApi,
};

/** What a connection's host offers besides git; null where it is a plain git server. */
export const hostApiOf = (server: { kind: GitKind; apiUrl: string | null; token: string }): HostApi | null =>
  server.kind === "git" || server.apiUrl === null ? null : APIS[server.kind](server.apiUrl, server.token);
