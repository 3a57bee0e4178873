/** Why a preview is not shown: the status, what happened, and what to do. */
export const PREVIEW_PROBLEMS = {
  preview_unreadable: {
    status: 502,
    title: "The preview couldn't be loaded.",
    next: "Try again in a moment.",
  },
  preview_unknown: {
    status: 404,
    title: "There's no preview at this URL.",
    next: "Open it from its session.",
  },
  preview_malformed: {
    status: 400,
    title: "This URL can't be read.",
    next: "Open the preview from its session.",
  },
  preview_link_used: {
    status: 403,
    title: "This link is no longer valid.",
    next: "Open the preview again from its session.",
  },
  preview_not_open: {
    status: 401,
    title: "This preview isn't open in your browser.",
    next: "Open it from its session in Studio.",
  },
  preview_forbidden: {
    status: 403,
    title: "You can't see this preview.",
    next: "Ask someone in the organization.",
  },
  preview_session_ended: {
    status: 410,
    title: "The session has ended and its sandbox was deleted.",
    next: "Start a new session.",
  },
  preview_full: { status: 429, title: "Too much of the preview is open.", next: "Try again in a moment." },
} as const satisfies Record<string, { status: number; title: string; next: string }>;
export type PreviewProblem = keyof typeof PREVIEW_PROBLEMS;
