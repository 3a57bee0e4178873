import { headingOf, moreWords, pathOf, type Told } from "#domain/deliveries.ts";

/** Where Studio and the place that a notification leads to are reached by browsers. */
export interface Links {
  /** STUDIO_PUBLIC_URL. */
  base: string;
  organization: string;
}

const ACTION: Record<Told["kind"], string> = {
  approval: "Answer in Studio",
  question: "Answer in Studio",
  finished: "Open the session",
  failed: "Open the session",
  budget: "Open the session",
};

/** Controls, line ends of all kinds, and what turns the direction of what follows. */
const UNSHOWN = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** A text as one line of plain characters: it may come from an agent. */
export const plain = (text: string): string => text.toWellFormed().replace(UNSHOWN, " ").trim();

const HTML: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** A text within HTML, in an attribute, too. */
const html = (text: string): string => plain(text).replace(/[&<>"']/g, (char) => HTML[char] ?? "");
/** A text within Slack's, where `<` begins links and mentions. */
const slack = (text: string): string => plain(text).replace(/[&<>]/g, (char) => HTML[char] ?? "");

/** What a delivery says, each part as one plain line. */
function partsOf(told: Told, { base, organization }: Links) {
  const more = moreWords(told);
  return {
    heading: plain(headingOf(told)),
    text: told.isOver ? "" : plain(told.text),
    action: told.isOver ? "Open Studio" : ACTION[told.kind],
    url: new URL(pathOf(told), base).href,
    more,
    organization: plain(organization),
    settings: new URL("/settings/notifications", base).href,
  };
}

/** The e-mail for a delivery: without pictures, scripts, or anything that is fetched. */
export function mailOf(told: Told, links: Links): { subject: string; text: string; html: string } {
  const { heading, text, action, url, more, organization, settings } = partsOf(told, links);
  const why = `You get this since you chose e-mail for it in ${organization}. Change it in Studio’s settings:`;
  return {
    subject: heading,
    text: [
      heading,
      ...(text === "" ? [] : [`> ${text}`]),
      `${action}: ${url}`,
      ...(more === null ? [] : [more]),
      `-- \n${why} ${settings}`,
    ].join("\n\n"),
    html: [
      '<!doctype html><html><head><meta charset="utf-8"></head><body>',
      `<p><strong>${html(heading)}</strong></p>`,
      text === "" ? "" : `<blockquote>${html(text)}</blockquote>`,
      `<p><a href="${html(url)}">${html(action)}</a></p>`,
      more === null ? "" : `<p>${html(more)}</p>`,
      `<p><small>${html(why)} <a href="${html(settings)}">${html(settings)}</a></small></p>`,
      "</body></html>",
    ].join("\n"),
  };
}

/** The same in Slack's JSON. What an agent may have written is plain text there: no mention, and no link of its own. */
export function slackOf(told: Told, links: Links): object {
  const { heading, text, action, url, more, organization } = partsOf(told, links);
  const section = (words: string) => ({
    type: "section",
    text: { type: "plain_text", text: slack(words), emoji: false },
  });
  const link = `<${slack(url)}|${action}> · ${slack(organization)}`;
  return {
    text: slack(heading),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      section(heading),
      ...(text === "" ? [] : [section(text)]),
      ...(more === null ? [] : [section(more)]),
      { type: "context", elements: [{ type: "mrkdwn", text: link }] },
    ],
  };
}
