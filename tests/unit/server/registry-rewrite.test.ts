import { expect, test } from "vitest";
import { changingFiles } from "#server/registries/rewrite.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function changed(kind: "npm" | "pypi", text: string, size: number): Promise<string> {
  const whole = bytes(text);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < whole.length; at += size) controller.enqueue(whole.slice(at, at + size));
      controller.close();
    },
  });
  const way = changingFiles(kind, (url) =>
    url.startsWith("https://r.example/") ? url.replace("https://r.example/", "http://studio/&") : null,
  );
  return await new Response(stream.pipeThrough(way)).text();
}

/** The same words within a text, where they name no file. */
const filler = `"readme":${JSON.stringify('🙂 "tarball":"https://r.example/no" '.repeat(2_000))}`;

test.each([1, 7, 4_499, 100_000])(
  "files of npm's are changed, cut anywhere: every %i bytes",
  async (size) => {
    const text = `{"versions":{"1":{"dist":{"tarball" : "https://r.example/a-1.tgz"}},${filler},"2":{"dist":{"tarball":"https:\\/\\/r.example\\/a-2.tgz"}},"3":{"dist":{"tarball":"https://else.example/a-3.tgz"}}}}`;
    const got = await changed("npm", text, size);
    expect(got).toBe(
      text
        .replace('"tarball" : "https://r.example/a-1.tgz"', '"tarball":"http://studio/&a-1.tgz"')
        .replace('"https:\\/\\/r.example\\/a-2.tgz"', '"http://studio/&a-2.tgz"'),
    );
    expect(JSON.parse(got)).toBeTruthy();
  },
);

test.each([1, 1_000])("files of an index are changed, cut anywhere: every %i bytes", async (size) => {
  const text = `<a href="https://r.example/a-1.whl?x=1&amp;y=2#sha256=0" data-x="1">a</a>${"é".repeat(6_000)}<a HREF='https://r.example/b'>b</a><a href="https://else.example/c">`;
  expect(await changed("pypi", text, size)).toBe(
    text
      .replace("https://r.example/a-1.whl?x=1&amp;y=2", "http://studio/&amp;a-1.whl?x=1&amp;y=2")
      .replace("HREF='https://r.example/b'", 'href="http://studio/&amp;b"'),
  );
});

// A reader that began again at each byte would take hours.
test("what is endless without a file passes", async () => {
  const text = `"tarball":"${"\\\\".repeat(500_000)}`;
  expect(await changed("npm", text, 65_536)).toBe(text);
});
