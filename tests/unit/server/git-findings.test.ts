import { expect, test, vi } from "vitest";
import { HostStandIn } from "#tests/git-hosts.ts";
import { GitHubStandIn } from "#tests/github.ts";

vi.mock("../../../lib/server/env.ts", async (original) => ({
  ...(await original<object>()),
  env: () => ({ STUDIO_ALLOW_PRIVATE_URLS: true }),
}));
const { hostApiOf } = await import("#server/git/hosts.ts");

const TOKEN = "a-token-of-the-host";
const NEW = { title: "Fix it", body: "", head: "studio/x", base: "main", draft: false, reviewers: [] };

/** What each host sends of two reviewers: one comment that is open, and what asks for nothing. */
const KINDS = [
  {
    kind: "gitlab",
    repository: "acme/deep/shop",
    checks: { failed: "failed", running: "running" },
    comments: [
      {
        notes: [
          {
            id: 1,
            body: "Why so?",
            author: { username: "mara" },
            resolvable: true,
            resolved: false,
            position: { new_path: "a.ts", new_line: 3 },
          },
          { id: 2, body: "I agree", author: { username: "ada" }, resolvable: true, resolved: false },
        ],
      },
      { notes: [{ id: 3, body: "Done", author: { username: "x" }, resolvable: true, resolved: true }] },
      { notes: [{ id: 4, body: "approved this", author: { username: "x" }, system: true }] },
    ],
    said: [{ key: "comment:1", name: "mara", path: "a.ts", line: 3, text: "Why so?\n\nada: I agree" }],
  },
  {
    kind: "gitea",
    repository: "acme/shop",
    checks: { failed: "failure", running: "pending" },
    comments: [
      {
        id: 11,
        state: "REQUEST_CHANGES",
        body: "Not yet",
        user: { login: "mara" },
        comments_count: 2,
        its: [
          { id: 1, body: "Why so?", path: "a.ts", position: 3, user: { login: "mara" } },
          {
            id: 2,
            body: "Done",
            path: "a.ts",
            position: 4,
            user: { login: "mara" },
            resolver: { login: "x" },
          },
        ],
      },
      { id: 12, state: "APPROVED", body: "Good", user: { login: "ada" }, comments_count: 0 },
      { id: 13, state: "COMMENT", body: "Old", user: { login: "ada" }, comments_count: 0, dismissed: true },
    ],
    said: [
      { key: "review:11", name: "mara", path: null, line: null, text: "Not yet" },
      { key: "comment:1", name: "mara", path: "a.ts", line: 3, text: "Why so?" },
    ],
  },
  {
    kind: "bitbucket",
    repository: "acme/shop",
    checks: { failed: "FAILED", running: "INPROGRESS" },
    comments: [
      {
        id: 1,
        content: { raw: "Why so?" },
        user: { display_name: "Mara" },
        inline: { path: "a.ts", to: 3, from: null },
      },
      { id: 2, content: { raw: "I agree" }, user: { display_name: "Ada" }, parent: { id: 1 } },
      { id: 3, content: { raw: "Done" }, user: null, resolution: { type: "x" } },
      { id: 4, content: { raw: "" }, deleted: true },
    ],
    said: [{ key: "comment:1", name: "Mara", path: "a.ts", line: 3, text: "Why so?\n\nAda: I agree" }],
  },
] as const;

test.each(KINDS)("$kind: failed checks and open comments are found", async (given) => {
  const { kind, repository, checks, comments, said } = given;
  const host = await HostStandIn.start(kind, TOKEN);
  try {
    host.state.state = kind === "bitbucket" ? "OPEN" : "open";
    host.state.logs = { build: "\u001b[31merror\u001b[0m: no such file" };
    const api = hostApiOf({ kind, apiUrl: host.url, token: TOKEN })!;
    await api.openPullRequest(repository, NEW);
    const look = async () => await api.findings(repository, 7, 10_000);
    expect(await look()).toMatchObject({ running: false, findings: [], checks: { state: "none" } });
    host.state.checks = { build: checks.failed, test: checks.running };
    host.state.comments = [...comments];
    const found = await look();
    expect(found).toMatchObject({ running: true, checks: { state: "failed" } });
    const [check, ...others] = found.findings;
    expect(check).toMatchObject({ key: "check:build", kind: "check", name: "build" });
    expect(check?.text).toMatch(/error: no such file$/);
    expect(others).toEqual(said.map((one) => expect.objectContaining({ ...one, kind: "comment" })));
    host.instead = { status: 200, body: '{"values":[{"id":"x"}]}' };
    await expect(look()).rejects.toMatchObject({ code: "git_failed" });
  } finally {
    await host.stop();
  }
});

test("github: check runs with their annotations, statuses, comments that still apply, and reviews", async () => {
  const host = await GitHubStandIn.start(TOKEN);
  try {
    const api = hostApiOf({ kind: "github", apiUrl: host.url, token: TOKEN })!;
    await api.openPullRequest("acme/shop", NEW);
    host.checkRuns = [
      {
        id: 5,
        name: "build",
        status: "completed",
        conclusion: "failure",
        html_url: "https://github.com/acme/shop/runs/5",
        output: { title: "2 errors", summary: "It broke", text: null, annotations_count: 1 },
      },
      { name: "slow", status: "in_progress", conclusion: null },
      { name: "build", status: "completed", conclusion: "failure" },
    ];
    host.annotations = { 5: [{ path: "a.ts", start_line: 3, message: "missing ;" }] };
    host.statuses = [{ context: "deploy", state: "failure", description: "no room" }];
    const mara = { login: "mara" };
    host.comments = [
      { id: 1, body: "Why so?", path: "a.ts", line: 3, position: 1, user: mara },
      {
        id: 2,
        body: "I agree",
        path: "a.ts",
        line: 3,
        position: 1,
        user: { login: "ada" },
        in_reply_to_id: 1,
      },
      { id: 3, body: "Gone", path: "a.ts", line: null, position: null, user: mara },
    ];
    host.reviews = [
      { id: 4, state: "CHANGES_REQUESTED", body: "Not yet", user: mara },
      { id: 5, state: "CHANGES_REQUESTED", body: "Nor this", user: { login: "ada" } },
      { id: 6, state: "APPROVED", body: "Fine now", user: { login: "ada" } },
    ];
    const { findings, running, head } = await api.findings("acme/shop", 1, 10_000);
    expect({ running, head }).toEqual({ running: true, head: "5".repeat(40) });
    expect(findings.map(({ key, text }) => [key, text])).toEqual([
      ["check:build", "2 errors\n\nIt broke\na.ts:3: missing ;"],
      ["check:build (2)", ""],
      ["check:deploy", "no room"],
      ["review:4", "Not yet"],
      ["comment:1", "Why so?\n\nada: I agree"],
    ]);
  } finally {
    await host.stop();
  }
});

test("github: the end of a failed job's log, without its moments and colors, from where GitHub leads", async () => {
  const host = await GitHubStandIn.start(TOKEN);
  try {
    const api = hostApiOf({ kind: "github", apiUrl: host.url, token: TOKEN })!;
    await api.openPullRequest("acme/shop", NEW);
    const job = (id: number, name: string, slug = "github-actions") => ({
      id,
      name,
      status: "completed",
      conclusion: "failure",
      app: { slug },
      output: { title: null, summary: null, text: null, annotations_count: 0 },
    });
    host.checkRuns = [job(1, "short"), job(2, "long"), job(3, "closed"), job(4, "another", "other-ci")];
    const line = (text: string) => `2026-11-29T20:00:00.1234567Z ${text}\n`;
    host.logs = {
      1: `\uFEFF${line("npm test")}${line("\u001b[31mERROR\u001b[0m: no such file")}`,
      2: line("x".repeat(99)).repeat(60_000) + line("the very end ü"),
      3: null,
      4: line("not asked for"),
    };
    const { findings } = await api.findings("acme/shop", 1, 20_000);
    const said = new Map(findings.map(({ name, text }) => [name, text]));
    expect(said.get("short")).toBe("The end of its log:\nnpm test\nERROR: no such file");
    expect(said.get("long")).toMatch(/^The end of its log:\n[^]*\nthe very end ü$/);
    expect(said.get("long")?.length).toBeLessThanOrEqual(4_100);
    expect([said.get("closed"), said.get("another")]).toEqual(["", ""]);
    expect(host.logCredentials).toBe(0);
  } finally {
    await host.stop();
  }
});
