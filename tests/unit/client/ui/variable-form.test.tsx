// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { VariableForm } from "#components/settings/variable-form.tsx";
import { draw } from "./render.tsx";

afterEach(() => vi.unstubAllGlobals());

/** What was sent to the variables' route. */
function sent(): { url: string; body: unknown }[] {
  const all: { url: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (url: string, { body }: { body: string }) => {
    all.push({ url, body: JSON.parse(body) as unknown });
    const variable = { name: "A", environment: null, description: "", reach: "agent", updated_at: "" };
    return Response.json({ variable });
  });
  return all;
}
const field = (name: string) => screen.getByLabelText<HTMLInputElement>(name);

test("a new variable is checked before it is sent, and its value is nowhere on the page afterwards", async () => {
  const all = sent();
  const user = draw(<VariableForm editing={undefined} onDone={() => undefined} />);
  const add = screen.getByRole("button", { name: "Add variable" });
  await user.type(field("Name"), "PATH");
  await user.click(add);
  await screen.findByText(/sets this one in every sandbox/);
  await screen.findByText("Enter its value.");
  await user.clear(field("Name"));
  await user.type(field("Name"), "2ND");
  await user.click(add);
  await screen.findByText(/don't begin with a digit/);
  expect(all).toEqual([]);
  await user.clear(field("Name"));
  await user.type(field("Name"), "SIGNING_KEY");
  await user.type(field("Value"), "first line{Enter}second line");
  await user.click(add);
  await waitFor(() => expect(field("Value").value).toBe(""));
  expect(all).toEqual([
    {
      url: "/api/v1/variables/SIGNING_KEY",
      body: { value: "first line\nsecond line", description: "", environment: null, reach: "agent" },
    },
  ]);
});

test("a change without a value keeps the one that is there", async () => {
  const all = sent();
  const onDone = vi.fn<() => void>();
  const row = {
    name: "TOKEN",
    environment: "production" as const,
    description: "old",
    reach: "agent" as const,
    updatedAt: 1,
  };
  const user = draw(<VariableForm editing={row} onDone={onDone} />);
  expect(field("Name").readOnly).toBe(true);
  expect(field("Environment").value).toBe("production");
  await user.clear(field("Description"));
  await user.type(field("Description"), "new");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(onDone).toHaveBeenCalledOnce());
  expect(all).toEqual([
    {
      url: "/api/v1/variables/TOKEN",
      body: { description: "new", environment: "production", reach: "agent" },
    },
  ]);
});
