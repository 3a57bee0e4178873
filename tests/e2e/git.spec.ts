import { commitOf, git, GIT_PASSWORD, GIT_USER, GitServer } from "#tests/git-server.ts";
import { memorySearch } from "#tests/sandbox-memory.ts";
import { ask, choose, expect, expectAccessible, expectLooks, signIn, test } from "./fixtures.ts";

test("work that leaves: connect a server, start from its repository, edit, commit and push", async ({
  page,
  stack,
  api,
}) => {
  test.slow();
  const server = await GitServer.start();
  try {
    server.make("acme/shop", commitOf({ "README.md": "# Shop\n" }));
    await signIn(page, stack, "/settings/git");
    const form = page.getByRole("form", { name: "New connection" });
    await form.getByLabel("Name", { exact: true }).fill("house");
    await form.getByLabel("Server").fill(server.url);
    await form.getByLabel("User name").fill(GIT_USER);
    await form.getByLabel("Token or password").fill(GIT_PASSWORD);
    await form.getByLabel("Repositories").fill("acme/shop");
    await form.getByRole("button", { name: "Test and add" }).click();
    await expect(page.getByText("can read and push to acme/shop")).toBeVisible();
    // The list is live, and may know of it before the form does.
    await expect(form.getByLabel("Token or password")).toHaveValue("");
    expect(await page.content()).not.toContain(GIT_PASSWORD);

    await page.goto(`${stack.url}/studio`);
    await choose(page.getByRole("combobox", { name: "Repository from" }), "house");
    await expect(page.getByLabel("Repository", { exact: true })).toHaveValue("acme/shop");
    await expectAccessible(page, "a start from a repository");
    await ask(page, "create a file shop/hello.txt containing hi there");
    const card = page.getByTestId("approval-card");
    await expect(card).toContainText("shop/hello.txt", { timeout: 90_000 });
    await card.getByRole("button", { name: /Allow once/ }).click();
    await expect(page.getByTestId("session-status")).toContainText("Idle", { timeout: 30_000 });
    const sessionId = page.url().split("/").at(-1) ?? "";

    await page.getByRole("tab", { name: /^Git/ }).click();
    await expect(page.getByRole("checkbox", { name: "Commit hello.txt" })).toBeChecked();
    await page
      .getByRole("list", { name: "Changed files" })
      .getByRole("button", { name: "hello.txt", exact: true })
      .click();
    await expect(page.getByRole("group", { name: "Changes of hello.txt", exact: true })).toContainText(
      "hi there",
    );
    await expectLooks(page, "session-git");
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByLabel("Message", { exact: true }).fill("Say hello");
    await page.getByRole("button", { name: "Commit all" }).click();
    await expect(page.getByRole("list", { name: "Commits" })).toContainText("Say hello");
    const branch = await page.getByLabel("Branch", { exact: true }).inputValue();
    // What the session has done since its start, with a comment for the agent.
    await page.getByRole("button", { name: "Review", exact: true }).click();
    await page.getByRole("button", { name: "Comment on hello.txt, change 1" }).click();
    await page.getByLabel("Comment", { exact: true }).fill("Say it in German");
    await expectAccessible(page, "a review");
    await page.getByRole("button", { name: "Add comment" }).click();
    await page.getByRole("button", { name: "Send the comment" }).click();
    await expect(page.getByTestId("transcript")).toContainText("shop/hello.txt, line 1");
    await expect(page.getByTestId("session-status")).toContainText("Idle", { timeout: 60_000 });
    await page.getByRole("button", { name: "Commit", exact: true }).click();
    await page.getByRole("button", { name: "Push", exact: true }).click();
    await expect(page.getByText("there's no pull request to open here")).toBeVisible({ timeout: 30_000 });
    await expect(page.getByTestId("transcript")).toContainText("A branch was pushed");

    const pushed = git(server.at("acme/shop"), ["log", "-1", "--format=%B", branch, "--", "hello.txt"]);
    expect(pushed).toContain("Say hello");
    expect(pushed).toContain("Co-authored-by: OpenCode");
    const session = await api.session(sessionId);
    const inside = await stack.runInSandbox(
      session.sandboxId ?? "",
      "env; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'; grep -rIs '' /workspace /home/user /tmp 2>/dev/null | head -c 5000000; true",
    );
    expect(inside).toContain("/api/git/house/acme/shop");
    expect(inside).not.toContain(GIT_PASSWORD);
    // Nor in the memory of whatever a program there can read; what is there is found.
    const known = "a-word-of-the-test";
    const looked = await stack.runInSandbox(
      session.sandboxId ?? "",
      `env WORD=${known} sleep 60 & ${memorySearch([known, GIT_PASSWORD])}; kill $!`,
    );
    const memory = JSON.parse(looked) as { processes: number; bytes: number; found: [number, number] };
    expect(memory.processes).toBeGreaterThan(1);
    expect(memory.found[0]).toBeGreaterThan(0);
    expect(memory.found[1]).toBe(0);
    await api.stop(sessionId);
  } finally {
    await server.stop();
  }
});
