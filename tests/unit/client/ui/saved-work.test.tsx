// @vitest-environment happy-dom
import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { SavedWorkCard } from "#components/settings/saved-work-card.tsx";
import { draw } from "./render.tsx";

vi.mock("next/navigation", () => ({ useRouter: () => ({ refresh: () => undefined }) }));
afterEach(() => vi.unstubAllGlobals());

const WORK = {
  used_bytes: 0,
  limit_bytes: 50e9,
  max_file_bytes: 100e6,
  max_workspace_bytes: 1e9,
  max_files: 200_000,
  not_saved: ["node_modules", ".venv"],
};

/** What was sent, by the setting. */
function sent(): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  vi.stubGlobal("fetch", async (url: string, { body }: { body: string }) => {
    const key = url.split("/").at(-1)!;
    const { value } = JSON.parse(body) as { value: unknown };
    values[key] = value;
    return Response.json({ key, value });
  });
  return values;
}
const names = () => screen.getByLabelText<HTMLTextAreaElement>(/^Not saved/);
const save = () => screen.getByRole("button", { name: "Save" });

test("what has changed is sent alone, each name once", async () => {
  const values = sent();
  const user = draw(<SavedWorkCard work={WORK} off={false} />);
  await user.type(names(), "\n dist \n\ndist");
  await user.click(save());
  await waitFor(() => expect(values).toEqual({ not_saved: ["node_modules", ".venv", "dist"] }));
});

test.each([
  ["a/b", /“a\/b” isn't the name/],
  [".git", /always saved/],
])("%s is no name to leave out", async (name, problem) => {
  const values = sent();
  const user = draw(<SavedWorkCard work={WORK} off={false} />);
  await user.type(names(), `\n${name}`);
  await user.click(save());
  await screen.findByText(problem);
  expect(values).toEqual({});
});

test.each([
  [39e9, false],
  [40e9, true],
])("a limit is said before it is reached: at %i bytes of 50 GB", (used, isSaid) => {
  draw(<SavedWorkCard work={{ ...WORK, used_bytes: used }} off={false} />);
  expect(screen.queryByText("Room for saved work is running out") !== null).toBe(isSaid);
  expect(screen.getByRole("meter", { name: "Room for saved work" })).toBeDefined();
});

test("a limit that is reached is said", () => {
  draw(<SavedWorkCard work={{ ...WORK, used_bytes: 50e9 }} off />);
  expect(screen.getByText("Nothing more is saved")).toBeDefined();
  expect(names().disabled).toBe(true);
});
