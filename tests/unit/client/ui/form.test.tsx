// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { Field } from "#components/ui/field.tsx";
import { FormCard } from "#components/ui/form-card.tsx";
import { ApiError } from "#client/api.ts";
import { useForm } from "#client/form.ts";
import { draw, request } from "./render.tsx";

function KeyForm({ send }: { send: (values: { name: string }) => Promise<void> }) {
  const form = useForm({
    initial: { name: "" },
    check: ({ name }) => ({ name: name === "" && "Enter a name." }),
    send,
    failed: "Couldn't create the key",
  });
  return (
    <FormCard title="New key" form={form} submit={{ label: "Create", busy: "Creating" }}>
      <Field label="Name" {...form.field("name")} />
    </FormCard>
  );
}

const field = () => screen.getByLabelText<HTMLInputElement>("Name");

test("what is wrong stands at its field, which has the focus; nothing is sent", async () => {
  const { send, calls } = request<[{ name: string }]>();
  const user = draw(<KeyForm send={send} />);
  await user.click(screen.getByRole("button", { name: "Create" }));
  const note = await screen.findByText("Enter a name.");
  expect(field().getAttribute("aria-describedby")).toBe(note.id);
  expect(field().getAttribute("aria-invalid")).toBe("true");
  await waitFor(() => expect(document.activeElement).toBe(field()));
  expect(calls).toEqual([]);
});

test("Enter sends what is typed, once", async () => {
  const { send, calls } = request<[{ name: string }]>();
  const user = draw(<KeyForm send={send} />);
  await user.type(field(), "ci{Enter}");
  await screen.findByRole("button", { name: "Creating" });
  await user.type(field(), "{Enter}");
  expect(calls.map(([values]) => values)).toEqual([{ name: "ci" }]);
});

test("a refusal about a field stands there, and any other one below", async () => {
  const { send, fail } = request<[{ name: string }]>();
  const user = draw(<KeyForm send={send} />);
  await user.type(field(), "ci{Enter}");
  fail(
    new ApiError("Invalid", {
      code: "invalid",
      status: 400,
      errors: [{ path: "name", message: "It is taken." }],
    }),
  );
  await screen.findByText("It is taken.");
  expect(screen.queryByRole("alert")).toBeNull();
  await user.type(field(), "{Enter}");
  fail(new ApiError("There are too many keys.", { code: "limit", status: 409 }));
  expect((await screen.findByRole("alert")).textContent).toContain("There are too many keys.");
  expect(screen.queryByText("It is taken.")).toBeNull();
});
