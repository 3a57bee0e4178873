/** What somebody may send who has not signed in, or has not been looked at yet: a form, a signed message. */
export const MAX_UNKNOWN_BODY_BYTES = 64_000;
/** What a member, or a key, may send to the API. */
export const MAX_BODY_BYTES = 1_000_000;
