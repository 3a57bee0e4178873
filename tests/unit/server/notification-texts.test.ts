import { describe, expect, test } from "vitest";
import { inboxPath, namedIn, pathOf, type Told } from "#domain/deliveries.ts";
import { mailOf, plain, slackOf } from "#server/notifications/texts.ts";

const LINKS = { base: "https://studio.example.com", organization: "Acme" };
const TOLD: Told = {
  kind: "approval",
  sessionId: "s1",
  runId: "r1",
  key: "k1",
  title: "Deploy",
  text: "Run npm test",
  more: 0,
  isOver: false,
};

/** What an agent may have written, and what must be nowhere in what leaves. */
const HOSTILE: [what: string, text: string, nowhere: RegExp][] = [
  ["a header of its own", "x\r\nBcc: victim@example.com", /[\r\n]Bcc/],
  [
    "line ends of other kinds",
    "a\u2028Bcc: b\u2029c\u0085d\u000be",
    /[\p{Zl}\p{Zp}\p{Cc}]Bcc|\p{Zl}|\p{Zp}|\u0085/u,
  ],
  ["NUL and controls", "a\0b\u001b[31m", /\p{Cc}\[31m|a\p{Cc}b/u],
  ["a text that turns its direction", "\u202egpj.exe\u2066", /[\u202e\u2066]/],
  ["a script", "<script>alert(1)</script>", /<script/i],
  ["a picture", '<img src="https://evil.example/p.png">', /<img/i],
  ["a link in HTML", '"><a href="https://evil.example">Answer</a>', /<a href="https:\/\/evil/],
  ["a mention of a channel", "<!channel> <!here> <@U1>", /<!(?:channel|here)|<@/],
  ["a link of Slack's", "<https://evil.example|Answer in Studio>", /<https:\/\/evil/],
  ["half a character", "a\ud800b", /[\ud800-\udfff](?![\udc00-\udfff])/],
];

describe.each(HOSTILE)("%s", (_, text, nowhere) => {
  const told = { ...TOLD, title: text, text };

  test("is in no part of an e-mail", () => {
    const { subject, text: body, html } = mailOf(told, { ...LINKS, organization: text });
    expect(subject).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(html).not.toMatch(nowhere);
    // As plain text, marks are only themselves.
    if (!/[<>]/.test(text)) for (const part of [subject, body]) expect(part).not.toMatch(nowhere);
  });

  test("is nowhere in Slack's JSON", () => {
    const strings: string[] = [];
    JSON.stringify(slackOf(told, { ...LINKS, organization: text }), (_key, value: unknown) => {
      if (typeof value === "string") strings.push(value);
      return value;
    });
    expect(strings.length).toBeGreaterThan(5);
    for (const string of strings) expect(string).not.toMatch(nowhere);
  });
});

test("an e-mail says what happened, and leads to the request", () => {
  const { subject, text, html } = mailOf({ ...TOLD, more: 12, title: "Fix <b> & co" }, LINKS);
  expect(subject).toBe("Needs approval: Fix <b> & co");
  const url = "https://studio.example.com/approvals?kind=approval&run=r1&key=k1";
  expect(text).toContain(`> Run npm test\n\nAnswer in Studio: ${url}\n\nAnd 12 more in Studio.`);
  expect(html).toContain("<strong>Needs approval: Fix &lt;b&gt; &amp; co</strong>");
  expect(html).toContain(`<a href="${url.replaceAll("&", "&amp;")}">Answer in Studio</a>`);
  expect(html).not.toMatch(/src=|url\(|<link|<style/i);
});

test("one that is over itself tells of the others alone", () => {
  const { subject, text } = mailOf({ ...TOLD, isOver: true, more: 3 }, LINKS);
  expect(subject).toBe("3 notifications");
  expect(text).not.toContain(TOLD.text);
  expect(text).toContain("Open Studio: https://studio.example.com/approvals\n");
});

test("what an agent wrote is plain text to Slack, and nothing is fetched for it", () => {
  const body = slackOf({ ...TOLD, text: "*bold* @channel" }, LINKS);
  expect(body).toMatchObject({ unfurl_links: false, unfurl_media: false, mrkdwn: false });
  const { blocks } = body as { blocks: { type: string; text?: { type: string } }[] };
  expect(blocks.slice(0, 2).map(({ text }) => text?.type)).toEqual(["plain_text", "plain_text"]);
});

test("a text stays what it is where it is harmless", () => {
  expect(plain("Größe 👩‍💻 — 日本語")).toBe("Größe 👩‍💻 — 日本語");
});

test("a link names its request, whatever its key is, and nothing else does", () => {
  const named = { kind: "question" as const, runId: "r&x=1", key: "a b/#?é" };
  const { searchParams } = new URL(inboxPath(named), LINKS.base);
  expect(namedIn(Object.fromEntries(searchParams))).toEqual(named);
  for (const query of [
    {},
    { kind: "failed", run: "r", key: "k" },
    { kind: "approval", run: ["r"], key: "k" },
  ])
    expect(namedIn(query)).toBeUndefined();
  expect(pathOf({ ...TOLD, kind: "failed", sessionId: "../x" })).toBe("/studio/..%2Fx");
});
