// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { Loaded } from "#components/ui/loaded.tsx";
import { ApiError } from "#client/api.ts";
import { useResource } from "#client/resource.ts";
import { draw } from "./render.tsx";

function Usage({ read }: { read: () => Promise<string> }) {
  const usage = useResource(["usage"], read);
  return (
    <Loaded resource={usage} loading={<p>Loading usage</p>} failed="Couldn't load usage">
      {(text) => <p>{text}</p>}
    </Loaded>
  );
}

test("it says that it is loading until it is there", async () => {
  let answer = (_text: string) => undefined as void;
  draw(<Usage read={async () => await new Promise<string>((resolve) => (answer = resolve))} />);
  await screen.findByText("Loading usage");
  answer("12 tokens");
  await screen.findByText("12 tokens");
  expect(screen.queryByText("Loading usage")).toBeNull();
});

test("a failed read says why, and is read again when a person wants it", async () => {
  let reads = 0;
  const user = draw(
    <Usage
      read={async () => {
        reads += 1;
        if (reads === 1) throw new ApiError("Can't reach Studio.", { code: "network", status: 0 });
        return "12 tokens";
      }}
    />,
  );
  expect((await screen.findByRole("alert")).textContent).toContain("Can't reach Studio.");
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await screen.findByText("12 tokens");
  expect(screen.queryByRole("alert")).toBeNull();
  expect(reads).toBe(2);
});
