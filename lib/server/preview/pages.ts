import type http from "node:http";
import { PREVIEW_PROBLEMS, type PreviewProblem } from "#domain/problems/previews.ts";
import { env } from "../env.ts";

/** Why a preview is not shown, in words for the person who looks. */
export class Refusal extends Error {
  readonly status: number;
  readonly next: string;

  /** @param what to do, where it is not always the same */
  constructor(kind: PreviewProblem, what?: string) {
    const { status, title, next } = PREVIEW_PROBLEMS[kind];
    super(title);
    this.status = status;
    this.next = what ?? next;
  }
}

const STYLE =
  "body{margin:0;min-height:100vh;display:grid;place-content:center;gap:6px;text-align:center;padding:24px;" +
  "font:14px/22px system-ui,sans-serif;background:#faf9f6;color:#1c1b17}" +
  "p{margin:0;color:#4f4c43}h1{margin:0;font-size:16px}" +
  "@media(prefers-color-scheme:dark){body{background:#171613;color:#ece8de}p{color:#b9b4a7}}";

function page(res: http.ServerResponse, status: number, title: string, text: string, again: boolean): void {
  if (res.headersSent) return void res.destroy();
  res.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": `default-src 'none'; style-src 'unsafe-inline'; frame-ancestors ${new URL(env().STUDIO_PUBLIC_URL).origin}`,
  });
  const refresh = again ? '<meta http-equiv="refresh" content="2">' : "";
  res.end(
    `<!doctype html><html lang="en"><meta charset="utf-8">${refresh}<title>${title}</title><style>${STYLE}</style>` +
      `<main><h1>${title}</h1><p>${text}</p></main></html>`,
  );
}

/** Says why nothing is shown. */
export function sorry(res: http.ServerResponse, refusal: Refusal): void {
  page(res, refusal.status, refusal.message, refusal.next, false);
}

/** Says that nothing listens there yet; the page looks again by itself. */
export function notThere(res: http.ServerResponse, port: number): void {
  page(
    res,
    502,
    `Nothing listens on port ${port}`,
    "Ask the agent to start the app, or start it in a terminal. This page checks again every two seconds.",
    true,
  );
}
