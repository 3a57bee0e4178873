// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GitPane } from "#components/git/git-pane.tsx";
import type { SessionGit } from "#contracts/git.ts";
import { drawSession, stubBackend } from "./session.tsx";

const REPOSITORY: SessionGit = {
  connection: "house",
  kind: "git",
  repository: "acme/shop",
  folder: "shop",
  base: { ref: "refs/heads/main", commit: "a".repeat(40) },
  full: false,
  access: "write",
  branch: "studio/x-fix",
  pushedAt: null,
  pullRequest: null,
  green: null,
  work: {
    branch: "studio/x-fix",
    head: "a".repeat(40),
    ahead: 0,
    commits: [],
    files: [
      { path: "a.txt", staged: ".", unstaged: "M" },
      { path: "after.txt", from: "before.txt", staged: "R", unstaged: "." },
      { path: "new.txt", staged: ".", unstaged: "?" },
    ],
    merging: false,
    truncated: false,
  },
  problem: null,
  connectionProblem: null,
  proposedMessage: "Fix the login page",
};
const PATCH = [
  "diff --git a/a.txt b/a.txt",
  "--- a/a.txt",
  "+++ b/a.txt",
  "@@ -1,2 +1,2 @@",
  "-one",
  "+two",
  " same",
  "@@ -20,2 +20,3 @@",
  " far",
  "+new",
  " end",
  "",
].join("\n");
let repositories: SessionGit[];
let answer: () => Response;
let backend: ReturnType<typeof stubBackend>;

beforeEach(() => {
  repositories = [REPOSITORY];
  answer = () => Response.json({ commit: "b".repeat(40), branch: "studio/x-fix" });
  backend = stubBackend((path) => {
    if (path.endsWith("/git")) return Response.json({ repositories });
    if (path.endsWith("/git/diff")) return Response.json({ patch: PATCH });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const draw = () => drawSession([["session.status", { status: "idle", waiting_for: null }]], <GitPane />);
const sent = (tail: string) =>
  backend.requests.filter(({ path }) => path.endsWith(tail)).map(({ body }) => body);

test("all that has changed is committed, or what is chosen; a renamed file with its name before", async () => {
  const user = draw();
  const files = within(await screen.findByRole("list", { name: "Changed files" }));
  expect(files.getByText("renamed")).toBeTruthy();
  const message = screen.getByLabelText<HTMLTextAreaElement>("Message");
  expect(message.value).toBe("Fix the login page");
  await user.click(files.getByRole("button", { name: "a.txt" }));
  expect(await screen.findByText("two")).toBeTruthy();
  await user.click(screen.getByRole("checkbox", { name: "Commit a.txt" }));
  await user.clear(message);
  const commit = screen.getByRole("button", { name: "Commit 2 of 3" });
  expect(commit.getAttribute("aria-disabled")).toBe("true");
  await user.type(message, "Rename it");
  await user.click(commit);
  await waitFor(() =>
    expect(sent("/git/commit")).toEqual([
      { folder: "shop", message: "Rename it", paths: ["before.txt", "after.txt", "new.txt"] },
    ]),
  );
});

test("a push that is refused says why; one of another name names it", async () => {
  repositories = [
    {
      ...REPOSITORY,
      work: { ...REPOSITORY.work!, files: [], commits: [{ commit: "c".repeat(40), subject: "One" }] },
    },
  ];
  answer = () =>
    Response.json({ code: "git_failed", detail: "theirs was there before this session." }, { status: 502 });
  const user = draw();
  const branch = await screen.findByLabelText("Branch");
  await user.clear(branch);
  await user.type(branch, "theirs");
  await user.click(screen.getByRole("button", { name: "Push" }));
  expect(await screen.findByText(/was there before this session/)).toBeTruthy();
  expect(sent("/git/push")).toEqual([{ folder: "shop", branch: "theirs" }]);
});

test("a plain server has no pull request to open, GitHub has, and one that is open is shown with its state", async () => {
  const pushed = { ...REPOSITORY, pushedAt: 1, work: { ...REPOSITORY.work!, files: [] } };
  repositories = [pushed];
  draw();
  expect(await screen.findByText(/no pull request to open here/)).toBeTruthy();
});

test("on GitHub a pull request is opened, with a body from the commits", async () => {
  repositories = [
    {
      ...REPOSITORY,
      kind: "github",
      pushedAt: 1,
      work: { ...REPOSITORY.work!, files: [], commits: [{ commit: "c".repeat(40), subject: "Fix it" }] },
    },
  ];
  const user = drawSession(
    [
      ["session.status", { status: "idle", waiting_for: null }],
      ["llm.response.chunk", { message_id: "m1", delta: "I've mended the login." }],
    ],
    <GitPane />,
  );
  await user.type(await screen.findByLabelText("Reviewers"), "mara, ada");
  await user.click(screen.getByRole("checkbox", { name: "As a draft" }));
  await user.click(screen.getByRole("button", { name: "Open pull request" }));
  await waitFor(() =>
    expect(sent("/git/pull-request")).toMatchObject([
      {
        folder: "shop",
        title: "Fix it",
        draft: true,
        reviewers: ["mara", "ada"],
        body: expect.stringMatching(/^I've mended the login\.\n\n- Fix it\n\nFrom a session/),
      },
    ]),
  );
});

test("a session without a repository says so, and its workspace can be downloaded", async () => {
  repositories = [];
  draw();
  expect(await screen.findByText("No repository")).toBeTruthy();
  expect(screen.getByRole("link", { name: "Download workspace" }).getAttribute("href")).toBe(
    "/api/studio/sessions/s1/archive",
  );
});

test("one change of a file is committed without the other; a file is discarded after a question", async () => {
  const user = draw();
  const files = within(await screen.findByRole("list", { name: "Changed files" }));
  await user.click(files.getByRole("button", { name: "a.txt" }));
  await user.click(await screen.findByRole("checkbox", { name: "Commit change 2 of a.txt" }));
  await user.click(screen.getByRole("button", { name: "Commit parts of 3 of 3" }));
  await waitFor(() =>
    expect(sent("/git/commit")).toMatchObject([
      {
        paths: ["before.txt", "after.txt", "new.txt"],
        patch: "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,2 @@\n-one\n+two\n same\n",
      },
    ]),
  );
  await user.click(screen.getByRole("button", { name: "Discard the changes of new.txt" }));
  expect(await screen.findByText(/so it's deleted/)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Discard" }));
  await waitFor(() => expect(sent("/git/discard")).toEqual([{ folder: "shop", paths: ["new.txt"] }]));
});

test("a change is commented on and taken back in the review", async () => {
  const user = draw();
  await user.click(await screen.findByRole("button", { name: "Review" }));
  await user.click(await screen.findByRole("button", { name: "Comment on a.txt, change 2" }));
  await user.type(screen.getByLabelText("Comment"), "Why?");
  await user.click(screen.getByRole("button", { name: "Add comment" }));
  answer = () => Response.json({ runId: "r1", queued: false }, { status: 202 });
  await user.click(screen.getByRole("button", { name: "Send the comment" }));
  await waitFor(() =>
    expect(sent("/message")).toMatchObject([
      { message: expect.stringContaining("1. shop/a.txt, line 21:\n> new\n\nWhy?") },
    ]),
  );
  await user.click(screen.getByRole("button", { name: "Take back a.txt, change 2" }));
  await user.click(screen.getByRole("button", { name: "Take back" }));
  await waitFor(() =>
    expect(sent("/git/discard")).toMatchObject([
      { folder: "shop", patch: expect.stringContaining("@@ -20,2 +20,3 @@\n far\n+new\n end\n") },
    ]),
  );
});

test("an update with conflicts says which, and they can be handed to the agent", async () => {
  const conflict = { path: "a.txt", staged: "U", unstaged: "U" };
  repositories = [{ ...REPOSITORY, work: { ...REPOSITORY.work!, merging: true, files: [conflict] } }];
  answer = () => Response.json({ runId: "r1", queued: false }, { status: 202 });
  const user = draw();
  expect(within(await screen.findByRole("list", { name: "Conflicts" })).getByText("a.txt")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Have the agent resolve them" }));
  await waitFor(() =>
    expect(sent("/message")).toMatchObject([{ message: expect.stringContaining("- shop/a.txt") }]),
  );
});

const PULL = {
  number: 7,
  url: "https://github.com/acme/shop/pull/7",
  title: "Fix it",
  state: "open" as const,
  checks: { state: "failed" as const, total: 2, failed: ["test (24)"] },
};
const GREEN = {
  maxAttempts: 3,
  maxCostMicroUsd: 2_000_000,
  attempts: 1,
  costMicroUsd: 120_000,
  phase: "working" as const,
  reason: null,
  detail: null,
  startedAt: 1,
  endedAt: null,
};
const CHECK = {
  key: "check:test (24)",
  kind: "check",
  name: "test (24)",
  path: null,
  line: null,
  text: "<img src=x onerror=alert(1)> expected 1",
  url: "https://github.com/acme/shop/runs/1",
  handed: false,
};
const COMMENT = {
  ...CHECK,
  key: "comment:1",
  kind: "comment",
  name: "mara",
  path: "a.ts",
  line: 3,
  text: "Why?",
};

test("failed checks and comments are given to the agent, one by one or all", async () => {
  repositories = [{ ...REPOSITORY, kind: "github", pushedAt: 1, pullRequest: PULL }];
  answer = () =>
    Response.json({
      checks: PULL.checks,
      running: false,
      findings: [CHECK, COMMENT, { ...COMMENT, key: "c2", name: "ada", handed: true }],
    });
  const user = draw();
  expect(await screen.findByText("Checks failed")).toBeTruthy();
  const list = within(await screen.findByRole("list", { name: "Failed checks and comments" }));
  expect(list.getByText("<img src=x onerror=alert(1)> expected 1")).toBeTruthy();
  await user.click(list.getByRole("button", { name: "Give mara on a.ts, line 3 to the agent" }));
  await waitFor(() =>
    expect(sent("/git/findings").filter(Boolean)).toEqual([{ folder: "shop", findings: ["comment:1"] }]),
  );
  await user.click(await screen.findByRole("button", { name: "Give all 2 to the agent" }));
  await waitFor(() =>
    expect(sent("/git/findings").filter(Boolean)).toContainEqual({
      folder: "shop",
      findings: ["check:test (24)", "comment:1"],
    }),
  );
});

test("Studio keeps going until green within the bounds that a person sets, and says where it is", async () => {
  repositories = [{ ...REPOSITORY, kind: "github", pushedAt: 1, pullRequest: PULL }];
  answer = () => Response.json({ checks: PULL.checks, running: false, findings: [], green: GREEN });
  const user = draw();
  const attempts = await screen.findByLabelText<HTMLInputElement>("Attempts at most");
  await user.clear(attempts);
  await user.type(attempts, "50");
  const start = screen.getByRole("button", { name: "Keep going until green" });
  expect(start.getAttribute("aria-disabled")).toBe("true");
  await user.clear(attempts);
  await user.type(attempts, "5");
  await user.clear(screen.getByLabelText("Cost at most, in dollars"));
  await user.type(screen.getByLabelText("Cost at most, in dollars"), "1.50");
  repositories = [{ ...REPOSITORY, kind: "github", pushedAt: 1, pullRequest: PULL, green: GREEN }];
  await user.click(start);
  await waitFor(() =>
    expect(sent("/git/green")).toEqual([{ folder: "shop", maxAttempts: 5, maxCostMicroUsd: 1_500_000 }]),
  );
  expect(await screen.findByText("The agent is working on it…")).toBeTruthy();
  repositories = [
    {
      ...REPOSITORY,
      kind: "github",
      pushedAt: 1,
      pullRequest: PULL,
      green: { ...GREEN, reason: "no_change", endedAt: 2 },
    },
  ];
  answer = () => new Response(null, { status: 204 });
  await user.click(screen.getByRole("button", { name: "Stop" }));
  expect(await screen.findByText(/Two attempts in a row changed nothing/)).toBeTruthy();
});

test("a message is proposed for what is chosen, says what it cost, and can be taken back", async () => {
  answer = () =>
    Response.json({ message: "Rename before.txt", provider: "demo", model: "demo", costMicroUsd: 20_000 });
  const user = draw();
  await user.click(await screen.findByRole("checkbox", { name: "Commit a.txt" }));
  await user.click(screen.getByRole("checkbox", { name: "Commit new.txt" }));
  await user.click(screen.getByRole("button", { name: "Propose message" }));
  const message = screen.getByRole("textbox", { name: "Message" });
  await waitFor(() => expect(message).toHaveProperty("value", "Rename before.txt"));
  expect(screen.getByRole("status").textContent).toBe("Proposed by demo for $0.02");
  expect(sent("/git/message")).toEqual([{ folder: "shop", paths: ["before.txt", "after.txt"] }]);
  await user.click(screen.getByRole("button", { name: "Undo" }));
  expect(message).toHaveProperty("value", "Fix the login page");
});
