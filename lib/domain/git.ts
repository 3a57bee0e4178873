/** What is known of git servers and repositories without asking them: names, and who may do what with which. Pure. */

/** `git`: any server that speaks git over HTTPS. `github_app`: GitHub, as an app that is installed there. `gitea` is Forgejo as well. */
export const GIT_KINDS = ["git", "github", "github_app", "gitlab", "bitbucket", "gitea"] as const;
export type GitKind = (typeof GIT_KINDS)[number];
/** Those whose API is used besides git. */
export type GitHostKind = Exclude<GitKind, "git">;

interface GitHost {
  name: string;
  /** What the host calls a request to merge a branch. */
  request: string;
  /** Its own server; null where everybody has one of theirs. */
  url: string | null;
  /** The API of its own server, and where a server of one's own has it; null where there is none of that kind. */
  apiUrl: string | null;
  apiPath: string | null;
  /** Whom it takes a token from. */
  user: string;
  /** How many parts its repositories' paths may have. */
  segments: number;
  /** It does not tell small letters from capital ones in paths. */
  foldsCase: boolean;
}

const GITHUB: GitHost = {
  name: "GitHub",
  request: "pull request",
  url: "https://github.com",
  apiUrl: "https://api.github.com",
  apiPath: "/api/v3",
  user: "x-access-token",
  segments: 2,
  foldsCase: true,
};

/**
 * What is known of hosts. Their users for tokens: https://docs.github.com/en/authentication,
 * https://docs.gitlab.com/topics/git/clone, https://support.atlassian.com/bitbucket-cloud/docs/using-access-tokens,
 * https://docs.gitea.com/development/api-usage
 */
export const GIT_HOSTS: Record<GitHostKind, GitHost> = {
  github: GITHUB,
  github_app: { ...GITHUB, name: "GitHub App" },
  gitlab: {
    name: "GitLab",
    request: "merge request",
    url: "https://gitlab.com",
    apiUrl: "https://gitlab.com/api/v4",
    apiPath: "/api/v4",
    user: "oauth2",
    segments: 8,
    foldsCase: true,
  },
  bitbucket: {
    name: "Bitbucket Cloud",
    request: "pull request",
    url: "https://bitbucket.org",
    apiUrl: "https://api.bitbucket.org/2.0",
    apiPath: null,
    user: "x-token-auth",
    segments: 2,
    foldsCase: true,
  },
  gitea: {
    name: "Gitea or Forgejo",
    request: "pull request",
    url: null,
    apiUrl: null,
    apiPath: "/api/v1",
    user: "token",
    segments: 2,
    foldsCase: true,
  },
};

/** Where a host's API is, if nobody says otherwise; null where that has to be said. */
export function apiUrlOf(kind: GitHostKind, baseUrl: string): string | null {
  const { url, apiUrl, apiPath } = GIT_HOSTS[kind];
  if (url === baseUrl) return apiUrl;
  return apiPath === null ? null : `${baseUrl}${apiPath}`;
}

export const MAX_GIT_CONNECTIONS = 20;
/** Entries of a connection's list of repositories. */
export const MAX_ALLOWED_REPOSITORIES = 100;
/** Branches that people can name in one session. */
export const MAX_NAMED_BRANCHES = 20;
export const MAX_REPOSITORY_CHARS = 200;
export const MAX_REF_CHARS = 200;
const MAX_SEGMENTS = 8;

/** How a person names a connection; it stands in addresses. */
export const CONNECTION_SLUG = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

const SEGMENT = /^[A-Za-z0-9_~][A-Za-z0-9._~-]*$/;

/** Whether a text is a repository's path on its server, such as `acme/shop`, without `.git`. */
export function isRepositoryPath(text: string, kind: GitKind): boolean {
  const segments = text.split("/");
  if (text.length > MAX_REPOSITORY_CHARS || segments.length > MAX_SEGMENTS) return false;
  if (kind !== "git" && (segments.length < 2 || segments.length > GIT_HOSTS[kind].segments)) return false;
  return segments.every((segment) => SEGMENT.test(segment) && !/\.git$/i.test(segment));
}

/** Whether a list of repositories can have this entry: `*`, `acme/*`, or one repository. */
export function isAllowEntry(text: string, kind: GitKind): boolean {
  if (text === "*") return true;
  if (!text.endsWith("/*")) return isRepositoryPath(text, kind);
  return isRepositoryPath(`${text.slice(0, -2)}${kind === "git" ? "" : "/x"}`, kind);
}

/** A repository's path as its host tells one from another: some take capitals and small letters for the same. */
export const folded = (text: string, kind: GitKind): string =>
  kind !== "git" && GIT_HOSTS[kind].foldsCase ? text.toLowerCase() : text;

/** Whether a connection is for a repository. */
export function allowsRepository(allowed: readonly string[], repository: string, kind: GitKind): boolean {
  const wanted = folded(repository, kind);
  return allowed.some((entry) => {
    const known = folded(entry, kind);
    if (known === "*") return true;
    return known.endsWith("/*") ? wanted.startsWith(known.slice(0, -1)) : wanted === known;
  });
}

/** A repository as somebody names it: its path without `.git`, and the same as its server is asked for it. */
export interface RepositoryName {
  repository: string;
  remotePath: string;
}

/**
 * The repository that an address means: a whole URL below the connection's, or a path such as `acme/shop`.
 * @returns null where it is not below that URL, or is no repository's
 */
export function repositoryOf(url: string, baseUrl: string, kind: GitKind): RepositoryName | null {
  let path = url.trim();
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) {
    if (!URL.canParse(path) || !URL.canParse(baseUrl)) return null;
    const [wanted, base] = [new URL(path), new URL(baseUrl)];
    const folder = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`;
    if (wanted.origin !== base.origin || wanted.username !== "" || wanted.password !== "") return null;
    if (wanted.search !== "" || wanted.hash !== "" || !wanted.pathname.startsWith(folder)) return null;
    path = wanted.pathname.slice(folder.length);
  }
  const bare = path.replace(/^\/+|\/+$/g, "");
  const repository = bare.replace(/\.git$/i, "");
  if (!isRepositoryPath(repository, kind)) return null;
  return { repository, remotePath: kind === "git" ? bare : `${repository}.git` };
}

const OBJECT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Whether a text is a commit's whole id. */
export const isObjectId = (text: string): boolean => OBJECT_ID.test(text);

// What git forbids in a name: control characters, space, and `~^:?*[\` (git-check-ref-format(1)).
// oxlint-disable-next-line no-control-regex -- it is about them
const FORBIDDEN = /[\0- \x7f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(?:\/|$)|(?:^|\/)\.|[./]$|^[-/]|^@$/;

/** Whether git takes a text as the name of a branch or tag. */
export const isRefName = (text: string): boolean =>
  text.length > 0 && text.length <= MAX_REF_CHARS && !FORBIDDEN.test(text);

/** What the branches of a session begin with, which are its own to push, to replace and to delete. */
export const branchPrefix = (sessionId: string): string =>
  `studio/${sessionId
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, "")
    .slice(0, 12)}-`;

/** The branch that a session works on: by its id and its title. */
export function branchOf(sessionId: string, title: string): string {
  const words = title
    .toLowerCase()
    .normalize("NFKD")
    .replaceAll(/[^a-z0-9]+/g, "-");
  const slug = words.slice(0, 40).replaceAll(/^-+|-+$/g, "");
  return `${branchPrefix(sessionId)}${slug || "work"}`;
}

/** A branch that a person has named for a session; `made` once the session itself has created it on the server. */
export interface NamedBranch {
  name: string;
  made: boolean;
}

/** One change that a push asks of its server. Zeros as `before`: it is to be new; as `after`: it is to go. */
export interface RefUpdate {
  before: string;
  after: string;
  ref: string;
}

const HEADS = "refs/heads/";
const isZero = (id: string) => /^0+$/.test(id);

/**
 * Why a session may not make a change; null where it may. Its own branches are its own in all ways. A branch that a
 * person named is that only from when the session has created it: one that was there before is somebody else's.
 */
export function pushFault(
  sessionId: string,
  named: readonly NamedBranch[],
  { before, after, ref }: RefUpdate,
): string | null {
  if (!ref.startsWith(HEADS)) return `Studio lets a session push branches, and nothing else.`;
  const branch = ref.slice(HEADS.length);
  if (!isRefName(branch)) return "This isn't a branch's name.";
  if (branch.startsWith(branchPrefix(sessionId))) return null;
  const known = named.find(({ name }) => name === branch);
  if (!known)
    return `This session may push to ${branchPrefix(sessionId)}… alone. A person can name another branch on its page.`;
  if (known.made) return null;
  if (isZero(after)) return `${branch} isn't this session's to delete.`;
  return isZero(before) ? null : `${branch} was there before this session. Name a new branch.`;
}

/** Folders that the project's own files take, or that git and tools mean something else by. */
const TAKEN = ["agents", "entity-types", "roles", "triggers", "node_modules"];

/** The folder of the workspace that a repository is cloned to. */
export function folderOf(repository: string): string {
  const name = (repository.split("/").at(-1) ?? "").replace(/^[.~-]+/, "").slice(0, 80);
  if (name === "") return "repository";
  return TAKEN.includes(name.toLowerCase()) ? `${name}-repository` : name;
}

/** Folders of several repositories, in their order: each is one's own, also where two have the same name. */
export function foldersOf(repositories: readonly string[]): string[] {
  const taken = new Set<string>();
  return repositories.map((repository) => {
    const plain = folderOf(repository);
    const owner =
      repository
        .split("/")
        .at(-2)
        ?.replaceAll(/[^A-Za-z0-9_-]/g, "") ?? "";
    const wanted = [plain, ...(owner === "" ? [] : [`${owner}-${plain}`.slice(0, 80)])];
    for (let count = 2; count <= repositories.length + 1; count += 1) wanted.push(`${plain}-${count}`);
    // The workspace's disk may not tell capitals from small letters.
    const folder = wanted.find((one) => !taken.has(one.toLowerCase())) ?? plain;
    taken.add(folder.toLowerCase());
    return folder;
  });
}

/** What a session may do with a repository: `read` fetches, and pushes nothing. */
export const GIT_ACCESS = ["write", "read"] as const;
export type GitAccess = (typeof GIT_ACCESS)[number];
/** Repositories that one session can work on. */
export const MAX_SESSION_REPOSITORIES = 10;

const TOGETHER = "Together with:";

/** What a pull request says of the others of its session, at its end; those that it names already stay once. */
export function withLinks(body: string, addresses: readonly string[]): string {
  const fresh = addresses.filter((address) => !body.split(/\s+/).includes(address));
  if (fresh.length === 0) return body;
  const links = fresh.map((address) => `- ${address}`).join("\n");
  const isThere = body.split("\n").includes(TOGETHER);
  return isThere
    ? `${body.trimEnd()}\n${links}`
    : [body.trimEnd(), `${TOGETHER}\n${links}`].filter(Boolean).join("\n\n");
}

/** Who stands beside the person in what the agent has worked on. */
export const AGENT_IDENTITY = "OpenCode <noreply@opencode.ai>";

/** What people do with a session's repository, as its log says it. */
export const GIT_ACTS = ["branch", "commit", "pull_request", "discard", "update", "abandon"] as const;
