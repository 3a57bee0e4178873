import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { HostStandIn } from "#tests/git-hosts.ts";
import { GitHubStandIn } from "#tests/github.ts";

vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => ({ STUDIO_ALLOW_PRIVATE_URLS: true }),
}));
const { hostApiOf } = await import("#server/git/hosts.ts");

const TOKEN = "a-token-of-the-host";
const WAIT_MS = 10_000;
const NEW = {
  title: "Fix it",
  body: "All of it",
  head: "studio/x",
  base: "main",
  draft: false,
  reviewers: [],
};
const failure = (words: RegExp) => ({ code: "git_failed", message: expect.stringMatching(words) });

const KINDS = [
  {
    kind: "gitlab",
    repository: "acme/deep/shop",
    states: { open: "opened", merged: "merged", closed: "closed" },
    checks: { pending: "running", passed: "success", failed: "failed" },
    exists: /Another open merge request already exists/,
    draft: { title: "Draft: Fix it", source_branch: "studio/x", target_branch: "main" },
    reviewer: "mara",
    reviewers: [5],
    unknown: "nobody",
    nobody: /no user “nobody”/,
  },
  {
    kind: "gitea",
    repository: "acme/shop",
    states: { open: "open", merged: "merged", closed: "closed" },
    checks: { pending: "pending", passed: "success", failed: "failure" },
    exists: /already exists for these targets/,
    draft: { title: "WIP: Fix it", head: "studio/x", base: "main" },
    reviewer: "mara",
    reviewers: ["mara"],
    unknown: "nobody",
    nobody: /user does not exist/,
  },
  {
    kind: "bitbucket",
    repository: "acme/shop",
    states: { open: "OPEN", merged: "MERGED", closed: "DECLINED" },
    checks: { pending: "INPROGRESS", passed: "SUCCESSFUL", failed: "FAILED" },
    exists: /already a pull request/,
    draft: { title: "Fix it", draft: true, source: { branch: { name: "studio/x" } } },
    reviewer: "{5}",
    reviewers: [{ uuid: "{5}" }],
    unknown: "{9}",
    nobody: /not a valid user/,
  },
] as const;

describe.each(KINDS)("$kind", ({ kind, repository, states, checks, ...wanted }) => {
  let host: HostStandIn;
  const api = (token = TOKEN) => {
    const found = hostApiOf({ kind, apiUrl: host.url, token });
    if (!found) throw new Error("no API");
    return found;
  };
  const now = async () => await api().pullRequestNow(repository, 7, WAIT_MS);
  beforeEach(async () => {
    host = await HostStandIn.start(kind, TOKEN);
    host.state.state = states.open;
  });
  afterEach(async () => await host.stop());

  test("a request to merge is opened, as a draft too, with reviewers", async () => {
    expect(await api().whoAmI()).toBe("studio-bot");
    expect(await api().mainBranch(repository)).toBe("main");
    const made = await api().openPullRequest(repository, {
      ...NEW,
      draft: true,
      reviewers: [wanted.reviewer],
    });
    expect(made).toMatchObject({ pullRequest: { number: 7, state: "draft" }, warning: null });
    expect(made.pullRequest.url).toMatch(/^https:/);
    expect(host.state.opened).toMatchObject(wanted.draft);
    expect(host.state.reviewers).toEqual(wanted.reviewers);
    await expect(api().openPullRequest(repository, NEW)).rejects.toMatchObject(failure(wanted.exists));
  });

  test("reviewers that there aren't leave it open, with a warning", async () => {
    const made = await api().openPullRequest(repository, { ...NEW, reviewers: [wanted.unknown] });
    expect(made.pullRequest.state).toBe("open");
    expect(made.warning).toMatch(wanted.nobody);
  });

  test("what it says is changed", async () => {
    await api().openPullRequest(repository, NEW);
    await api().changeBody(repository, 7, (body) => `${body}, and more`);
    expect(host.state.body).toBe("All of it, and more");
    await api().changeBody(repository, 7, (body) => `${body} again`);
    expect(host.state.body).toBe("All of it, and more again");
  });

  test("its state and its checks are read", async () => {
    await api().openPullRequest(repository, NEW);
    expect(await now()).toMatchObject({
      pullRequest: { state: "open" },
      checks: { state: "none", total: 0 },
    });
    host.state.checks = { lint: checks.passed, test: checks.pending };
    expect((await now()).checks).toEqual({ state: "pending", total: 2, failed: [] });
    host.state.checks = { lint: checks.passed, test: checks.passed };
    expect((await now()).checks.state).toBe("passed");
    host.state.checks = { lint: checks.failed, test: checks.pending };
    expect((await now()).checks).toEqual({ state: "failed", total: 2, failed: ["lint"] });
    for (const state of ["merged", "closed"] as const) {
      host.state.state = states[state];
      expect((await now()).pullRequest.state).toBe(state);
    }
  });

  test("what goes wrong is said: a credential, an unknown repository, a page, too much", async () => {
    await expect(api("another").whoAmI()).rejects.toMatchObject(failure(/doesn't accept the connection's/));
    await expect(api().mainBranch("acme/other")).rejects.toMatchObject(failure(/refused it \(404\)/));
    host.instead = { status: 502, body: "<html>Bad gateway</html>" };
    await expect(api().whoAmI()).rejects.toMatchObject(failure(/refused it \(502\): It sent 502/));
    for (const body of ["<html>", "[]", `"${"x".repeat(5_100_000)}"`]) {
      host.instead = { status: 200, body };
      await expect(api().whoAmI()).rejects.toMatchObject(failure(/no answer that Studio can read/));
    }
  });

  test("a link that is none of the web's is not taken", async () => {
    const body = JSON.stringify({
      iid: 7,
      number: 7,
      id: 7,
      title: "t",
      state: "open",
      head: { sha: "5" },
      source: {},
      web_url: "javascript:x",
      html_url: "javascript:x",
      links: { html: { href: "javascript:x" } },
    });
    host.instead = { status: 200, body };
    await expect(now()).rejects.toMatchObject(failure(/no answer that Studio can read/));
  });
});

test("gitlab: a job that may fail holds nobody up", async () => {
  const host = await HostStandIn.start("gitlab", TOKEN);
  try {
    const api = hostApiOf({ kind: "gitlab", apiUrl: host.url, token: TOKEN });
    await api?.openPullRequest("acme/deep/shop", NEW);
    host.state.checks = { "optional lint": "failed", test: "success" };
    expect((await api?.pullRequestNow("acme/deep/shop", 7, WAIT_MS))?.checks.state).toBe("passed");
  } finally {
    await host.stop();
  }
});

test("github: check runs and statuses count together", async () => {
  const host = await GitHubStandIn.start(TOKEN);
  try {
    const api = hostApiOf({ kind: "github", apiUrl: host.url, token: TOKEN });
    if (!api) throw new Error("no API");
    await api.openPullRequest("acme/shop", NEW);
    const state = async () => (await api.pullRequestNow("acme/shop", 1, WAIT_MS)).checks;
    expect(await state()).toEqual({ state: "none", total: 0, failed: [] });
    host.checkRuns = [
      { name: "build", status: "completed", conclusion: "success" },
      { name: "docs", status: "completed", conclusion: "skipped" },
      { name: "test", status: "in_progress", conclusion: null },
    ];
    host.statuses = [{ context: "deploy", state: "success" }];
    expect(await state()).toEqual({ state: "pending", total: 4, failed: [] });
    host.statuses = [{ context: "deploy", state: "error" }];
    host.checkRuns[2] = { name: "test", status: "completed", conclusion: "timed_out" };
    expect(await state()).toEqual({ state: "failed", total: 4, failed: ["test", "deploy"] });
  } finally {
    await host.stop();
  }
});

test("a plain git server has none", () => {
  expect(hostApiOf({ kind: "git", apiUrl: null, token: TOKEN })).toBeNull();
});
