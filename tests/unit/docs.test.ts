import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "docs/architecture.md",
  "docs/operating.md",
  ...fs.readdirSync("docs/adr").map((name) => `docs/adr/${name}`),
];
/** Where short names in a document begin. */
const ROOTS = ["", "lib/", "lib/server/", "lib/runtime/"];
/** A path of the repository: it has a folder, and either an extension or only lower-case folders. */
const PATH =
  /`((?:[\w.[\]-]+\/)+[\w.[\]-]*\.(?:ts|tsx|mjs|md|json)|(?:app|components|convex|docs|lib|tests|sandbox-template)\/[\w/-]+)`/g;

test.each(DOCUMENTS)("%s names only files that exist", (document) => {
  const text = fs.readFileSync(document, "utf8");
  const named = [...text.matchAll(PATH)].map(([, name = ""]) => name).filter((name) => !name.startsWith("."));
  const missing = named.filter((name) => !ROOTS.some((root) => fs.existsSync(path.join(root, name))));
  expect(missing).toEqual([]);
});

test.each(DOCUMENTS)("%s links only to files that exist", (document) => {
  const text = fs.readFileSync(document, "utf8");
  const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = ""]) => target);
  const missing = links.filter((target) => !fs.existsSync(path.join(path.dirname(document), target)));
  expect(missing).toEqual([]);
});

test("the README, CONTRIBUTING and the operator's page name only scripts that there are", () => {
  const { scripts } = JSON.parse(fs.readFileSync("package.json", "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = ["README.md", "CONTRIBUTING.md", "docs/operating.md"].flatMap((document) =>
    [...fs.readFileSync(document, "utf8").matchAll(/npm run ([\w:-]+)/g)].map(([, name = ""]) => name),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !(name.replace(/:?$/, "") in scripts))).toEqual([]);
});
