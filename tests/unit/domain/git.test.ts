import { describe, expect, test } from "vitest";
import {
  allowsRepository,
  apiUrlOf,
  branchOf,
  branchPrefix,
  folderOf,
  isAllowEntry,
  isRefName,
  pushFault,
  repositoryOf,
  foldersOf,
  withLinks,
} from "#domain/git.ts";

const BASE = "https://git.example.com/scm";

test.each([
  ["acme/shop", "acme/shop", "acme/shop"],
  [`${BASE}/acme/shop.git`, "acme/shop", "acme/shop.git"],
  [`${BASE}/acme/deep/shop/`, "acme/deep/shop", "acme/deep/shop"],
  ["~sr/shop", "~sr/shop", "~sr/shop"],
])("%s is a repository", (url, repository, remotePath) => {
  expect(repositoryOf(url, BASE, "git")).toEqual({ repository, remotePath });
});

test.each([
  "https://git.example.com/other/shop",
  "https://git.example.com.evil.example/scm/shop",
  "https://user@git.example.com/scm/shop",
  "http://git.example.com/scm/shop",
  "ssh://git.example.com/scm/shop",
  "ext::sh -c touch",
  `${BASE}/acme/shop?x=1`,
  `${BASE}/../etc/shop`,
  "acme/../shop",
  "acme/.git/config",
  "acme/shop.git/x.git",
  "-acme/shop",
  "acme//shop",
  "acme/sh op",
  "acme/%2e%2e",
  "",
  "a/".repeat(9) + "b",
])("%s is none", (url) => {
  expect(repositoryOf(url, BASE, "git")).toBeNull();
});

test("a list of repositories is for what it names", () => {
  expect(allowsRepository(["acme/*"], "acme/shop", "git")).toBe(true);
  expect(allowsRepository(["acme/*"], "acme2/shop", "git")).toBe(false);
  expect(allowsRepository(["acme/shop"], "acme/shop2", "git")).toBe(false);
  expect(allowsRepository(["Acme/Shop"], "acme/shop", "git")).toBe(false);
  expect(allowsRepository(["Acme/Shop"], "acme/shop", "github")).toBe(true);
  expect(allowsRepository(["*"], "a/b", "git")).toBe(true);
  for (const entry of ["", "*/x", "acme/**", "acme/", "../*"])
    expect(isAllowEntry(entry, "git"), entry).toBe(false);
  expect(isAllowEntry("acme/*", "github")).toBe(true);
  // Groups of GitLab's are in groups.
  expect(isAllowEntry("acme/deep/shop", "gitlab")).toBe(true);
  expect(isAllowEntry("shop", "gitlab")).toBe(false);
  for (const kind of ["github", "bitbucket", "gitea"] as const)
    expect(isAllowEntry("acme/deep/shop", kind), kind).toBe(false);
});

test.each(["a", "feature/x", "v1.0", "ünïcode"])("%s is a ref's name", (name) => {
  expect(isRefName(name)).toBe(true);
});
test.each([
  "",
  "-a",
  "a..b",
  "a b",
  "a~1",
  "a^",
  "a:b",
  "a?",
  "a*",
  "a[",
  "a\\b",
  "a@{1}",
  "/a",
  "a/",
  "a//b",
  ".a",
  "a/.b",
  "a.lock",
  "a.lock/b",
  "a.",
  "@",
  "a\nb",
  "x".repeat(201),
])("%j is none", (name) => {
  expect(isRefName(name)).toBe(false);
});

describe("a push", () => {
  const zero = "0".repeat(40);
  const [one, two] = ["1".repeat(40), "2".repeat(40)];
  const own = `refs/heads/${branchOf("k57abc", "Fix: the Login page!")}`;

  test("of the session's own branches may do anything", () => {
    expect(own).toBe("refs/heads/studio/k57abc-fix-the-login-page");
    for (const [before, after] of [
      [zero, one],
      [one, two],
      [one, zero],
    ] as const)
      expect(pushFault("k57abc", [], { before, after, ref: own })).toBeNull();
  });

  test("of what else there is may do nothing", () => {
    for (const ref of [
      "refs/heads/main",
      "refs/tags/v1",
      "refs/for/main",
      "HEAD",
      "refs/heads/",
      "refs/pull/1/head",
      `refs/heads/${branchPrefix("other")}x`,
      "refs/heads/studio/k57abc",
      `${own}..x`,
      `refs/heads/../${own}`,
    ])
      expect(pushFault("k57abc", [], { before: zero, after: one, ref }), ref).not.toBeNull();
  });

  test("of a named branch makes it, and goes on only with one that the session has made", () => {
    const named = [{ name: "topic", made: false }];
    const ref = "refs/heads/topic";
    expect(pushFault("s", named, { before: zero, after: one, ref })).toBeNull();
    expect(pushFault("s", named, { before: one, after: two, ref })).toMatch(/before this session/);
    expect(pushFault("s", named, { before: one, after: zero, ref })).toMatch(/delete/);
    expect(pushFault("s", named, { before: zero, after: zero, ref })).toMatch(/delete/);
    const made = [{ name: "topic", made: true }];
    for (const after of [two, zero]) expect(pushFault("s", made, { before: one, after, ref })).toBeNull();
  });
});

test("a repository's folder is no folder of the project, and hidden from nobody", () => {
  expect(folderOf("acme/shop")).toBe("shop");
  expect(folderOf("acme/Agents")).toBe("Agents-repository");
  expect(folderOf("acme/~x")).toBe("x");
  expect(folderOf("acme/node_modules")).toBe("node_modules-repository");
});

test("a host's API is where it usually is, or has to be said", () => {
  expect(apiUrlOf("github", "https://github.com")).toBe("https://api.github.com");
  expect(apiUrlOf("github", "https://git.example.com")).toBe("https://git.example.com/api/v3");
  expect(apiUrlOf("gitlab", "https://git.example.com/lab")).toBe("https://git.example.com/lab/api/v4");
  expect(apiUrlOf("gitea", "https://git.example.com")).toBe("https://git.example.com/api/v1");
  expect(apiUrlOf("bitbucket", "https://bitbucket.org")).toBe("https://api.bitbucket.org/2.0");
  expect(apiUrlOf("bitbucket", "https://git.example.com")).toBeNull();
});

test("several repositories have a folder each, whatever they are called", () => {
  expect(foldersOf(["acme/shop"])).toEqual(["shop"]);
  expect(foldersOf(["acme/shop", "other/shop", "acme/Shop", "x/agents"])).toEqual([
    "shop",
    "other-shop",
    "acme-Shop",
    "agents-repository",
  ]);
  const many = foldersOf(["shop", "a/shop", "a/b/shop", "a-/shop", "c/../shop"].map((one) => one));
  expect(new Set(many.map((one) => one.toLowerCase())).size).toBe(many.length);
  for (const folder of many) expect(folder).toMatch(/^[A-Za-z0-9_-]+$/);
});

test("a pull request names the others of its session once each", () => {
  const [one, two] = ["https://git.example.com/1", "https://git.example.com/11"];
  expect(withLinks("", [])).toBe("");
  expect(withLinks("Fixed.\n", [one])).toBe(`Fixed.\n\nTogether with:\n- ${one}`);
  const both = withLinks(withLinks("Fixed.", [two]), [one]);
  expect(both).toBe(`Fixed.\n\nTogether with:\n- ${two}\n- ${one}`);
  expect(withLinks(both, [one, two])).toBe(both);
});
