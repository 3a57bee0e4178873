import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { GitHostKind } from "#domain/git.ts";
import { deliveryKeys, isGenuine, subjectOf } from "#server/git/hook-payload.ts";

const SECRET = "hook_studio_x";
const body = Buffer.from('{"repository":{"full_name":"acme/shop"}}');
const hmac = (secret = SECRET, bytes = body) => createHmac("sha256", secret).update(bytes).digest("hex");
const check = (kind: GitHostKind, headers: Record<string, string>, bytes = body) =>
  isGenuine(kind, { headers: new Headers(headers), body: bytes, secret: SECRET });

test.each<[GitHostKind, string, string]>([
  ["github", "x-hub-signature-256", `sha256=${hmac()}`],
  ["bitbucket", "x-hub-signature", `sha256=${hmac()}`],
  ["gitea", "x-gitea-signature", hmac()],
  ["gitea", "x-forgejo-signature", hmac()],
])("%s: %s proves the body", (kind, header, value) => {
  expect(check(kind, { [header]: value })).toBe(true);
  expect(check(kind, { [header]: value }, Buffer.from(`${body.toString()} `))).toBe(false);
  for (const wrong of [
    "",
    value.slice(0, -2),
    `${value}00`,
    value.replace(/[0-9a-f]{8}$/, "zzzzzzzz"),
    value.replace(hmac(), hmac("other")),
    `sha1=${hmac()}`,
    `sha256=sha256=${hmac()}`,
  ])
    expect(check(kind, { [header]: wrong }), wrong).toBe(false);
  expect(check(kind, {})).toBe(false);
  expect(check(kind, { "x-gitlab-token": SECRET })).toBe(false);
});

test("gitlab sends the secret itself", () => {
  expect(check("gitlab", { "x-gitlab-token": SECRET })).toBe(true);
  for (const wrong of ["", SECRET.slice(1), `${SECRET}x`, hmac()])
    expect(check("gitlab", { "x-gitlab-token": wrong })).toBe(false);
  expect(check("gitlab", {})).toBe(false);
});

test("gitlab signs name, moment and body, where the secret is its signing token", () => {
  const key = Buffer.alloc(32, 7);
  const secret = `whsec_${key.toString("base64")}`;
  const now = Math.floor(Date.now() / 1_000);
  const sign = (id: string, at: number, bytes = body, by: Buffer | string = key) =>
    `v1,${createHmac("sha256", by).update(`${id}.${at}.`).update(bytes).digest("base64")}`;
  const isTaken = (signature: string, { id = "m1", at = String(now), bytes = body, by = secret } = {}) =>
    isGenuine("gitlab", {
      headers: new Headers({ "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signature }),
      body: bytes,
      secret: by,
    });
  const good = sign("m1", now);
  expect(isTaken(good)).toBe(true);
  // While its key is changed, a sender signs with both.
  expect(isTaken(`v1,AAAA ${good} v2,${good.slice(3)}`)).toBe(true);
  // A secret that was made before is the key as it stands.
  expect(isTaken(sign("m1", now, body, SECRET), { by: SECRET })).toBe(true);
  for (const [signature, more] of [
    [good, { id: "m2" }],
    [good, { at: String(now - 1) }],
    [good, { bytes: Buffer.from(`${body.toString()} `) }],
    [sign("m1", now - 600), { at: String(now - 600) }],
    [sign("m1", now + 600), { at: String(now + 600) }],
    [sign("m1", now, body, "other"), {}],
    [sign("", now), { id: "" }],
    [good.slice(3), {}],
    [good.replace("v1,", "v2,"), {}],
    ["v1,", {}],
    ["", {}],
    [good, { at: "now" }],
  ] as const)
    expect(isTaken(signature, more), JSON.stringify([signature, more])).toBe(false);
  // No other host takes these headers.
  const headers = new Headers({
    "webhook-id": "m1",
    "webhook-timestamp": String(now),
    "webhook-signature": good,
  });
  expect(isGenuine("gitea", { headers, body, secret })).toBe(false);
});

test.each<[string, object, number[], string[]]>([
  ["github pull_request", { pull_request: { number: 7 } }, [7], []],
  ["github issue_comment", { issue: { number: 7 } }, [7], []],
  ["github check_run", { check_run: { pull_requests: [{ number: 7 }, { number: 8 }] } }, [7, 8], []],
  ["github status", { branches: [{ name: "studio/x" }] }, [], ["studio/x"]],
  ["push", { ref: "refs/heads/studio/x" }, [], ["studio/x"]],
  ["bitbucket pull request", { pullrequest: { id: 7 } }, [7], []],
  ["bitbucket status", { commit_status: { refname: "studio/x" } }, [], ["studio/x"]],
  ["a ping", {}, [], []],
  ["odd values", { pull_request: "x", issue: { number: -1 }, ref: 5, branches: [{}] }, [], []],
])("%s names what it is about", (_, said, numbers, branches) => {
  const bytes = Buffer.from(JSON.stringify({ repository: { full_name: "acme/shop" }, ...said }));
  expect(subjectOf(bytes)).toEqual({ repository: "acme/shop", numbers, branches });
});

test("gitlab names a project, and its requests by their own numbers", () => {
  const project = { path_with_namespace: "acme/deep/shop" };
  const of = (said: object) => subjectOf(Buffer.from(JSON.stringify({ project, ...said })));
  expect(of({ object_kind: "merge_request", object_attributes: { iid: 7 } })?.numbers).toEqual([7]);
  // Of another thing, the number is another thing's.
  expect(of({ object_kind: "issue", object_attributes: { iid: 7 } })?.numbers).toEqual([]);
  expect(of({ object_kind: "note", merge_request: { iid: 7 } })?.numbers).toEqual([7]);
  expect(of({ object_kind: "pipeline", object_attributes: { ref: "studio/x" } })?.branches).toEqual([
    "studio/x",
  ]);
});

test("what is no webhook's body is passed over", () => {
  for (const text of ["", "{", "[]", "null", "{}", '{"repository":{"full_name":5}}'])
    expect(subjectOf(Buffer.from(text)), text).toBeNull();
});

test("a delivery is known by its name, and by what it says", () => {
  const keys = deliveryKeys("github", new Headers({ "x-github-delivery": "d".repeat(500) }), body);
  expect(keys).toEqual([`id:${"d".repeat(200)}`, expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
  expect(deliveryKeys("gitlab", new Headers(), body)).toHaveLength(1);
  // What one event brings about has one name at GitLab; each delivery has another, and keeps it when it is sent again.
  const event = { "x-gitlab-event-uuid": "same" };
  expect(deliveryKeys("gitlab", new Headers(event), body)).toHaveLength(1);
  expect(deliveryKeys("gitlab", new Headers({ ...event, "idempotency-key": "one" }), body)[0]).toBe("id:one");
  expect(
    deliveryKeys("gitlab", new Headers({ "webhook-id": "two", "idempotency-key": "one" }), body)[0],
  ).toBe("id:two");
});
