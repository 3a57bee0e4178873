// @vitest-environment happy-dom
import { act, render, screen } from "@testing-library/react";
import { Suspense, use } from "react";
import { afterEach, expect, test, vi } from "vitest";
import { LiveData } from "#client/live.tsx";

afterEach(() => vi.unstubAllGlobals());

test("a page whose code comes late asks for one token, however often it is rendered meanwhile", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: string) => {
    asked.push(url);
    return await new Promise(() => undefined);
  });
  let arrive: () => void = () => undefined;
  const code = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  function Late() {
    use(code);
    return <p>The page</p>;
  }
  const page = () => (
    <Suspense fallback={<p>Loading</p>}>
      <LiveData url="http://127.0.0.1:9" build="b1">
        <Late />
      </LiveData>
    </Suspense>
  );
  const { rerender } = await act(async () => render(page()));
  screen.getByText("Loading");
  for (let round = 0; round < 3; round++) await act(async () => rerender(page()));
  await act(async () => arrive());
  await screen.findByText("The page");
  expect(asked).toEqual(["/api/auth/token"]);
});
