import { expect, test } from "vitest";
import { coverOf } from "#domain/approval-rules.ts";
import { patchDiffs, patchedFiles } from "#domain/patch.ts";

const PATCH = `*** Begin Patch
*** Add File: hello.txt
+Hello
+
*** Update File: src/app.py
*** Move to: src/main.py
@@ def greet():
 def greet():
-print("Hi")
+print("Hello, world!")
@@
 last
*** Delete File: obsolete.txt
*** End Patch
*** Add File: not-any-more.txt`;

test("a patch names its files, and what changes in each", () => {
  expect(patchedFiles(PATCH)).toEqual([
    { action: "add", path: "hello.txt", before: "", after: "Hello\n\n" },
    {
      action: "update",
      path: "src/app.py",
      movedTo: "src/main.py",
      before: 'def greet():\nprint("Hi")\nlast\n',
      after: 'def greet():\nprint("Hello, world!")\nlast\n',
    },
    { action: "delete", path: "obsolete.txt", before: "", after: "" },
  ]);
  expect(patchDiffs(PATCH).map(({ path, old_text }) => [path, old_text === null])).toEqual([
    ["hello.txt", true],
    ["src/main.py", false],
    ["obsolete.txt", false],
  ]);
  expect(patchedFiles("no patch\n+at all")).toEqual([]);
});

test("leave for the session covers the very same files, and not one of them with others", () => {
  const asked = (...paths: string[]) =>
    coverOf({
      tool: "apply_patch",
      kind: "edit",
      request: {},
      diff: { path: paths[0] ?? "" },
      ...(paths.length > 1 && { diffs: paths.map((path) => ({ path })) }),
    }).subject;
  expect(asked("/a", "/b")).toBe(asked("/b", "/a"));
  expect(new Set([asked("/a"), asked("/a", "/b"), asked("/a", "/b", "/c")]).size).toBe(3);
});
