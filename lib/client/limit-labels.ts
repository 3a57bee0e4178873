import type { LimitSubject } from "#domain/monthly-limits.ts";
import type { LimitRow } from "./live-limits.ts";

/** What has a limit, as a kind. */
export const SUBJECT_NAMES: Readonly<Record<LimitSubject, string>> = {
  organization: "Organization",
  member: "Member",
  agent: "Agent",
  api_key: "API key",
};

const GONE: Readonly<Record<LimitSubject, string>> = {
  organization: "the organization",
  member: "a former member",
  agent: "a deleted agent",
  api_key: "a revoked API key",
};

/** Whose limit it is. */
export const subjectName = ({ subject, name }: Pick<LimitRow, "subject" | "name">): string =>
  name === null || name === "" ? GONE[subject] : name;
