import type { NotificationKind } from "#domain/notifications.ts";

/** What a person or a destination can be told of, as it's chosen in the settings. */
export const NEWS_KINDS: Record<NotificationKind, { name: string; text: string }> = {
  approval: { name: "Needs approval", text: "An agent asks for leave, and you may give it." },
  question: { name: "Questions", text: "An agent asks something that you may answer." },
  finished: { name: "Finished", text: "A run that you started is done." },
  failed: { name: "Failed", text: "A run that you started has failed." },
  budget: { name: "Budget", text: "Half, 80 %, or all of a limit that concerns you is spent." },
};
