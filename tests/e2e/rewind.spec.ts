import { expect, expectAccessible, openSession, signIn, test } from "./fixtures.ts";

const write = (file: string, text: string) =>
  `\`\`\`demo\nwrite ${file} <<EOF\n${text}\nEOF\nsay wrote ${text}\n\`\`\``;

test("one person goes back to an earlier turn and undoes it, while another watches; a message is changed and sent again", async ({
  page,
  stack,
  api,
  browser,
}) => {
  test.slow();
  const { id, sandboxId } = await openSession(page, stack, api);
  const inside = async () => await stack.readSandboxFile(sandboxId ?? "", "/workspace/a.txt");
  await api.finish(await api.send(id, write("a.txt", "one")));
  await api.finish(await api.send(id, write("a.txt", "two")));
  const transcript = page.getByTestId("transcript");
  await expect(transcript).toContainText("wrote two");
  await expect(page.getByTestId("session-status")).toContainText("Idle");
  const other = await browser.newPage();
  await signIn(other, stack, `/studio/${id}`);

  await transcript.getByRole("button", { name: "Rewind to here, the end of turn 1" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("list", { name: "Files that change" })).toContainText("a.txt", {
    timeout: 30_000,
  });
  await expectAccessible(page, "a rewind's preview");
  await dialog.getByRole("button", { name: "Rewind", exact: true }).click();
  for (const each of [page, other]) {
    const shown = each.getByTestId("transcript");
    await expect(shown.getByRole("button", { name: "1 turn set aside" })).toBeVisible({ timeout: 60_000 });
    await expect(shown).not.toContainText("wrote two");
    await expect(shown).toContainText("rewound the session");
  }
  expect(await inside()).toBe("one\n");
  await transcript.getByRole("button", { name: "1 turn set aside" }).click();
  await expect(transcript).toContainText("wrote two");
  await expectAccessible(page, "a rewound session");

  await page.getByRole("button", { name: "Undo", exact: true }).click();
  for (const each of [page, other]) {
    const shown = each.getByTestId("transcript");
    await expect(shown.getByRole("button", { name: /set aside/ })).toHaveCount(0, { timeout: 60_000 });
    await expect(shown).toContainText("wrote two");
  }
  expect(await inside()).toBe("two\n");
  await other.close();

  await expect(page.getByTestId("session-status")).toContainText("Idle");
  await transcript.getByRole("button", { name: "Edit and resend" }).last().click();
  await page.getByRole("dialog").getByRole("button", { name: "Rewind", exact: true }).click();
  const composer = page.getByRole("textbox", { name: /message/i });
  await expect(composer).toHaveValue(/say wrote two/, { timeout: 60_000 });
  await expect(transcript.getByRole("button", { name: "1 turn set aside" })).toBeVisible({ timeout: 60_000 });
  await composer.fill(write("a.txt", "three"));
  await page.getByRole("button", { name: "Send" }).click();
  const card = page.getByTestId("approval-card");
  await card.getByRole("button", { name: /Allow once/ }).click({ timeout: 60_000 });
  // The transcript says "wrote three" before the agent does: the message itself has the words.
  await expect(page.getByTestId("session-status")).toContainText("Idle", { timeout: 60_000 });
  expect(await inside()).toBe("three\n");

  await page.getByRole("tab", { name: "Checkpoints" }).click();
  const list = page.getByRole("list", { name: "Checkpoints, newest first" });
  await expect(list.getByRole("listitem").first()).toContainText("Verified");
  await page.getByRole("button", { name: "Save now" }).click();
  await expectAccessible(page, "the checkpoints");
  await api.stop(id);
});
