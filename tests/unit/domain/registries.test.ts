import { expect, test } from "vitest";
import { fileOf, packageRequest } from "#domain/registries.ts";

test.each([
  ["is-number", { what: "package", path: "is-number" }],
  ["is-number/7.0.0", { what: "package", path: "is-number/7.0.0" }],
  ["@acme%2fthing", { what: "package", path: "@acme%2fthing" }],
  ["@acme/thing", { what: "package", path: "@acme%2fthing" }],
  ["@acme/thing/latest", { what: "package", path: "@acme%2fthing/latest" }],
  ["is-number/-/is-number-7.0.0.tgz", { what: "file", path: "is-number/-/is-number-7.0.0.tgz" }],
  ["@acme/thing/-/thing-1.0.0.tgz", { what: "file", path: "@acme/thing/-/thing-1.0.0.tgz" }],
  ["@acme/thing/-/@acme/thing-1.0.0.tgz", { what: "file", path: "@acme/thing/-/@acme/thing-1.0.0.tgz" }],
])("a package manager of npm may read %s", (path, found) => {
  expect(packageRequest("npm", [], path)).toEqual(found);
});

test.each([
  "",
  "-/whoami",
  "-/npm/v1/tokens",
  "-/user/org.couchdb.user:x",
  "-/package/is-number/dist-tags",
  "..",
  "../api/v4/user",
  "%2e%2e%2fapi",
  "is-number/-/../../../secret.tgz",
  "is-number/-/%2e%2e%2f%2e%2e%2fsecret.tgz",
  "is-number/-/secret.json",
  "is-number/-rev/1",
  "@acme",
  "@acme/",
  "@acme/../x",
  "a?b",
  "a%",
  "http://evil.example/x",
  "a".repeat(300),
])("and nothing else, such as %j", (path) => {
  expect(packageRequest("npm", [], path)).toBeNull();
});

test("of a registry for scopes nothing else is read, and of an index its packages' pages", () => {
  expect(packageRequest("npm", ["@acme"], "@acme/thing")).not.toBeNull();
  expect(packageRequest("npm", ["@acme"], "@other/thing")).toBeNull();
  expect(packageRequest("npm", ["@acme"], "thing")).toBeNull();
  expect(packageRequest("pypi", [], "requests")).toEqual({ what: "package", path: "requests/" });
  expect(packageRequest("pypi", [], "requests/")).toEqual({ what: "package", path: "requests/" });
  for (const path of ["", "..", "requests/x", "%2e%2e/api", "../requests/"])
    expect(packageRequest("pypi", [], path)).toBeNull();
});

test("Studio stands for a file of the registry's own host, below its URL or an archive, and for no other", () => {
  const base = "https://git.example/api/v4/packages/npm/";
  const page = `${base}thing`;
  expect(fileOf(`${base}thing/-/thing-1.tgz`, page, base)).toBe("/api/v4/packages/npm/thing/-/thing-1.tgz");
  expect(fileOf("https://git.example/api/v4/projects/1/x-1.tgz?a=b", page, base)).toBe(
    "/api/v4/projects/1/x-1.tgz?a=b",
  );
  expect(fileOf("../../x-1.whl#sha256=0", page, base)).toBe("/api/v4/x-1.whl");
  for (const href of [
    "https://git.example/api/v4/user",
    "https://other.example/x-1.tgz",
    "http://git.example/x-1.tgz",
    "https://user:pw@git.example/x-1.tgz",
    "https://git.example:8443/x-1.tgz",
    "data:text/plain,x",
    "http://[",
  ])
    expect(fileOf(href, page, base), href).toBeNull();
});
