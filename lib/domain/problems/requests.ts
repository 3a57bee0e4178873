import { kind } from "./kind.ts";

/** What can be open at once, in words, and what makes room. */
const SEATS = {
  stream: { what: "live streams", next: "Close a tab, or wait a moment." },
  preview: { what: "preview requests", next: "Try again in a moment." },
  previewSocket: { what: "preview sockets", next: "Close a preview." },
};

/** What is wrong with a request itself, and how many there may be. */
export const requests = {
  json_expected: kind(
    "unsupported_media_type",
    "Send the body as JSON, with `Content-Type: application/json`.",
  ),
  upload_media: kind(
    "unsupported_media_type",
    ({ media }: { media: string[] }) => `Send the file with a content type of ${media.join(" or ")}.`,
  ),
  upload_stalled: kind(
    "invalid_request",
    ({ seconds }: { seconds: number }) =>
      `Nothing of the file came for ${seconds} s. Send it again, over a faster connection.`,
  ),
  json_invalid: kind("invalid_request", "The body isn't valid JSON."),
  json_too_deep: kind(
    "invalid_request",
    ({ limit }: { limit: number }) => `The body's lists and objects are nested more than ${limit} deep.`,
  ),
  parameter_unknown: kind(
    "invalid_request",
    ({ name, known }: { name: string; known: string[] }) =>
      `There's no parameter “${name.slice(0, 100)}” here. ${known.length > 0 ? `Those that there are: ${known.join(", ")}.` : "This route takes none."}`,
  ),
  address_invalid: kind("invalid_request", "The address has a % that doesn't begin an escape of UTF-8."),
  method_unknown: kind(
    "method_not_allowed",
    ({ method, allowed }: { method: string; allowed: string[] }) =>
      `${method} isn't possible here. Use ${allowed.join(" or ")}.`,
  ),
  address_unknown: kind("not_found", "The API has no such address."),
  field_invalid: kind("invalid_request", ({ fault }: { fault: string }) => fault),
  row_not_found: kind("not_found", ({ name }: { name: string }) => `There's no such ${name}.`),
  cursor_invalid: kind("invalid_request", "cursor: this isn't a cursor of this list."),
  after_not_seq: kind(
    "invalid_request",
    ({ given }: { given: string }) => `after: “${given}” isn't a sequence number.`,
  ),
  after_not_place: kind(
    "invalid_request",
    ({ given }: { given: string }) => `after: “${given}” isn't a position in this stream.`,
  ),
  body_too_large: kind(
    "too_large",
    ({ maxBytes }: { maxBytes: number }) => `A request can have at most ${maxBytes} bytes here.`,
  ),
  body_incomplete: kind("invalid_request", "The body is incomplete."),
  rate_limited: kind(
    "rate_limited",
    ({ limit, seconds }: { limit: number; seconds: number }) =>
      `More than ${limit} requests in a minute. Try again in ${seconds} s.`,
  ),
  requests_at_once: kind(
    "rate_limited",
    ({ limit }: { limit: number }) =>
      `More than ${limit} requests were in progress at once. Wait for some of them, then try again.`,
  ),
  seats_taken: kind(
    "rate_limited",
    ({ seat, who, limit }: { seat: keyof typeof SEATS; who: "person" | "organization"; limit: number }) =>
      `${who === "person" ? "You have" : "Your organization has"} ${limit} ${SEATS[seat].what} open, which is the limit. ${SEATS[seat].next}`,
  ),
  database_unreachable: kind(
    "unavailable",
    "Studio can't reach its database right now. Nothing was lost. Try again in a moment.",
  ),
  disk_full: kind(
    "unavailable",
    "The disk of this Studio is full, so nothing can be saved. Its operator has to make room; then everything goes on.",
  ),
  internal: kind(
    "internal",
    ({ requestId }: { requestId: string }) =>
      `Something went wrong on our side. The log has the details under ${requestId}.`,
  ),
};
