import { expect, test } from "vitest";
import { type Listed, pageOf } from "#sandbox-host/listing.ts";

const item = (id: string, startedAt: number, more: Partial<Listed> = {}): Listed => ({
  id,
  startedAt,
  state: "running",
  spec: { metadata: {}, template: { name: "base" } },
  ...more,
});
const ids = (all: Listed[], query: string) => pageOf(all, new URLSearchParams(query)).items.map((i) => i.id);

test("newest first unless asked otherwise, and pages join without gap or overlap", () => {
  const all = ["a", "b", "c", "d", "e"].map((id, i) => item(id, Math.floor(i / 2)));
  expect(ids(all, "")).toEqual(["e", "d", "c", "b", "a"]);
  expect(ids(all, "order=asc")).toEqual(["a", "b", "c", "d", "e"]);
  const seen: string[] = [];
  let token: string | undefined = "";
  while (token !== undefined) {
    const page: { items: Listed[]; next?: string } = pageOf(
      all,
      new URLSearchParams(`limit=2&nextToken=${token}`),
    );
    seen.push(...page.items.map((i) => i.id));
    token = page.next;
  }
  expect(seen).toEqual(["e", "d", "c", "b", "a"]);
});

test("a page is right even when its last item has gone meanwhile", () => {
  const all = [item("a", 1), item("b", 2), item("c", 3)];
  const { next } = pageOf(all, new URLSearchParams("limit=2"));
  expect(ids([item("a", 1), item("c", 3)], `limit=2&nextToken=${next}`)).toEqual(["a"]);
});

test("filters", () => {
  const all = [
    item("a", 1_000, { state: "paused" }),
    item("b", 2_000, { spec: { metadata: { "k&1": "v=1", x: "y" }, template: { name: "studio" } } }),
  ];
  expect(ids(all, "state=paused")).toEqual(["a"]);
  expect(ids(all, "template=studio")).toEqual(["b"]);
  expect(ids(all, `startedAfter=${new Date(1_500).toISOString()}`)).toEqual(["b"]);
  const metadata = new URLSearchParams({ [encodeURIComponent("k&1")]: encodeURIComponent("v=1") }).toString();
  expect(ids(all, new URLSearchParams({ metadata }).toString())).toEqual(["b"]);
});

test.each([
  "limit=0",
  "limit=x",
  "nextToken=%20",
  "nextToken=eyJhIjoxfQ",
  "startedAfter=never",
  "metadata=%25zz%3D1",
])("%s is refused", (query) => expect(() => pageOf([], new URLSearchParams(query))).toThrow());
