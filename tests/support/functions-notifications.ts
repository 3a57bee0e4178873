import { DEFAULT_CHANNELS } from "#domain/notifications.ts";
import { type Access, member } from "./function-access.ts";

/** The functions of what people are asked and told: see functions.ts. */
export const NOTIFICATION_FUNCTIONS: Record<string, Access> = {
  "approvals:pending": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "approvals:decide": member("member", "approvals:write", "not_found", ({ runId }) => ({
    runId,
    key: "k",
    decision: "approved",
  })),
  "questions:pending": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId })),
  "questions:get": member("viewer", "sessions:read", "not_found", ({ runId }) => ({ runId, key: "k" })),
  "questions:answer": member("member", "approvals:write", "not_found", ({ runId }) => ({
    within: { runId },
    key: "k",
    answers: null,
  })),
  "notifications:list": member("viewer", "sessions:read", "own", () => ({
    paginationOpts: { numItems: 5, cursor: null },
  })),
  "notifications:counts": member("viewer", "sessions:read", "own"),
  "notifications:forBrowser": member("viewer", "sessions:read", "own"),
  "notifications:settings": member("viewer", "sessions:read", "own"),
  "notifications:read": member("viewer", "sessions:read", "not_found", ({ notificationId }) => ({
    notificationId,
  })),
  "notifications:readAll": member("viewer", "sessions:read", "own"),
  "notifications:setSettings": member("viewer", "sessions:write", "own", () => ({
    channels: DEFAULT_CHANNELS,
    allSessions: false,
  })),
};
