import { afterEach, expect, test, vi } from "vitest";
import { call } from "#client/api.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A page whose requests are refused until its sign-in was renewed; `getToken` is Clerk's, where it is used. */
function page(status: number, getToken?: () => Promise<string | null>) {
  let isRenewed = false;
  const paths: string[] = [];
  vi.stubGlobal("fetch", async (path: string) => {
    paths.push(path);
    return isRenewed
      ? Response.json({ organizations: [], isCut: false, nextCursor: null })
      : Response.json({ code: "refused", detail: "No." }, { status });
  });
  if (getToken)
    vi.stubGlobal("Clerk", {
      session: {
        getToken: async (options: unknown) => {
          expect(options).toEqual({ skipCache: true });
          const token = await getToken();
          isRenewed = token !== null;
          return token;
        },
      },
    });
  return paths;
}
const organizations = async () => await call("GET /api/operator/organizations", { query: {} });
const settings = async () => await call("GET /api/v1/settings");

test.each([
  [401, settings],
  [404, organizations],
] as const)(
  "with Clerk, a request that is refused with %i for want of a sign-in is made again",
  async (status, ask) => {
    const paths = page(status, async () => "fresh");
    await ask();
    expect(paths).toHaveLength(2);
  },
);

test("it is made again once, and not where there is no new sign-in", async () => {
  const paths = page(401, async () => null);
  await expect(settings()).rejects.toMatchObject({ status: 401 });
  expect(paths).toHaveLength(1);
  const unreachable = page(401, async () => await Promise.reject(new Error("offline")));
  await expect(settings()).rejects.toMatchObject({ status: 401 });
  expect(unreachable).toHaveLength(1);
});

test("a renewal that never ends holds no refusal back for long", async () => {
  vi.useFakeTimers();
  const paths = page(401, async () => await new Promise<never>(() => undefined));
  const refused = expect(settings()).rejects.toMatchObject({ status: 401 });
  await vi.advanceTimersByTimeAsync(10_000);
  await refused;
  expect(paths).toHaveLength(1);
});

test("without Clerk, and for other refusals, nothing is made again", async () => {
  const without = page(401);
  await expect(settings()).rejects.toMatchObject({ status: 401 });
  expect(without).toHaveLength(1);
  const forbidden = page(403, async () => "fresh");
  await expect(settings()).rejects.toMatchObject({ status: 403 });
  expect(forbidden).toHaveLength(1);
  const missing = page(404, async () => "fresh");
  await expect(settings()).rejects.toMatchObject({ status: 404 });
  expect(missing).toHaveLength(1);
});
