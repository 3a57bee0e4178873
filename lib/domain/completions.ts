/** Why a person has Studio call a model for them, without an agent. */
export const CALL_PURPOSES = ["chat", "commit_message"] as const;
export type CallPurpose = (typeof CALL_PURPOSES)[number];

/** Bounds of such a call. */
export const COMPLETION_LIMITS = {
  /** Bytes of everything that the model is sent, in UTF-8. */
  maxPromptBytes: 1_000_000,
  /** Characters of what it writes; past them the call is cut off. */
  maxTextChars: 2_000_000,
  /** From the request to the last word. */
  deadlineMs: 300_000,
  maxOutputTokens: 64_000,
} as const;
