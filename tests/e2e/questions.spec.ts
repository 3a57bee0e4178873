import { expect, expectAccessible, expectLooks, signIn, test } from "./fixtures.ts";

const ASK =
  "```demo\nask Which colour? | Red; Green\nask What shall it be called?\nask Which size? | Small; Large\nsay the end\n```";

test("what the agent asks is answered by keys, in own words, or left to it", async ({ page, stack, api }) => {
  const session = await api.idleSession();
  await signIn(page, stack, `/studio/${session.id}`);
  const runId = await api.send(session.id, ASK);
  const card = page.getByTestId("question-card");
  const transcript = page.getByTestId("transcript");
  await expect(card).toContainText("Which colour?", { timeout: 60_000 });
  await expect(page.getByTestId("session-status")).toContainText("Waiting for you");
  await expect(page.getByTestId("dock").getByRole("tabpanel", { name: "Approvals" })).toContainText(
    "Which colour?",
  );
  await expectLooks(page, "question");
  await page.setViewportSize({ width: 1440, height: 900 });
  // ⌘. goes to it, a digit chooses, Enter answers; nothing is sent before something is chosen.
  await page.keyboard.press("Control+.");
  await expect(card).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(card.getByRole("button", { name: "Answer" })).toHaveAttribute("aria-disabled", "true");
  await page.keyboard.press("2");
  await expect(card.getByRole("radio", { name: /Green/ })).toBeChecked();
  // A card takes an answer once it was in sight for a moment.
  const answer = card.getByRole("button", { name: "Answer" });
  await expect(answer).toHaveAttribute("aria-disabled", "false");
  await page.keyboard.press("Enter");
  await expect(transcript).toContainText("answered “Which colour?”: Green");

  await expect(card).toContainText("What shall it be called?");
  await card.getByRole("textbox").fill("Verdigris");
  await expect(answer).toHaveAttribute("aria-disabled", "false");
  await card.getByRole("textbox").press("Enter");
  await expect(transcript).toContainText("answered “What shall it be called?”: Verdigris");

  await expect(card).toContainText("Which size?");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark" });
  await expectAccessible(page, "a question on a phone");
  await card.getByRole("button", { name: "Let the agent decide" }).click();
  await expect(card).toHaveCount(0);
  await expect(transcript).toContainText("let the agent decide: “Which size?”");
  await expect(transcript).toContainText("the end");
  await expect.poll(async () => (await api.run(runId)).status).toBe("completed");
});
