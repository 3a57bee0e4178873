// @vitest-environment happy-dom
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { Composer } from "#components/common/composer.tsx";
import { MentionedText } from "#components/session/mentioned-text.tsx";

afterEach(cleanup);

const SKILLS = [
  { name: "article-writer", description: "Writes articles.", mention: "$[acme:web].article-writer" },
  { name: "art-critic", description: "Judges.", mention: "$[acme:web].art-critic" },
  { name: "review", description: "Reviews.", mention: "$[acme:web].review" },
];

function Page({ onSubmit }: { onSubmit: () => void }) {
  const [value, setValue] = useState("");
  return (
    <Composer
      value={value}
      onChange={setValue}
      onSubmit={onSubmit}
      action="Send"
      primary
      busy={false}
      placeholder=""
      rows={1}
      skills={SKILLS}
    />
  );
}

function draw() {
  const onSubmit = vi.fn();
  render(<Page onSubmit={onSubmit} />);
  const field = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message to the agent" });
  return { user: userEvent.setup(), field, onSubmit };
}
const options = () => screen.queryAllByRole("option").map(({ id }) => id);
const active = (field: HTMLElement) =>
  document.getElementById(field.getAttribute("aria-activedescendant") ?? "")?.textContent;

test("the list opens at $, the arrows choose, and Enter takes the skill without a new line", async () => {
  const { user, field, onSubmit } = draw();
  await user.type(field, "use $");
  expect(options()).toHaveLength(3);
  await user.type(field, "art");
  expect(options()).toHaveLength(2);
  expect(active(field)).toContain("article-writer");
  await user.keyboard("{ArrowDown}");
  expect(active(field)).toContain("art-critic");
  expect(screen.getByRole("status").textContent).toMatch(/^2 skills/);
  await user.keyboard("{Enter}");
  expect(field.value).toBe("use $[acme:web].art-critic ");
  expect(options()).toEqual([]);
  expect(field.hasAttribute("aria-activedescendant")).toBe(false);
  await user.keyboard("now{Control>}{Enter}{/Control}");
  expect(field.value).toBe("use $[acme:web].art-critic now");
  expect(onSubmit).toHaveBeenCalledOnce();
});

test("Escape closes it until another $ is typed, and Enter is a new line again", async () => {
  const { user, field } = draw();
  await user.type(field, "$re");
  expect(options()).toHaveLength(1);
  await user.keyboard("{Escape}");
  expect(options()).toEqual([]);
  await user.keyboard("v{Enter}$");
  expect(field.value).toBe("$rev\n$");
  expect(options()).toHaveLength(3);
});

test("a press takes a skill, and the field keeps the focus", async () => {
  const { user, field } = draw();
  await user.type(field, "$rev");
  await user.click(screen.getByRole("option", { name: /review/ }));
  expect(field.value).toBe("$[acme:web].review ");
  expect(document.activeElement).toBe(field);
});

test("a sent message shows each skill as a chip, and which was not used", () => {
  const { container } = render(
    <p>
      <MentionedText
        text="Call $[acme:web].review, then $[acme:web].none and $[x].y"
        skills={{ "$[acme:web].review": true, "$[acme:web].none": false }}
      />
    </p>,
  );
  expect(container.textContent).toBe("Call Skill: $review, then Skill, not used: $none and $[x].y");
  expect(screen.getByTitle("$[acme:web].none")).toBeTruthy();
});
