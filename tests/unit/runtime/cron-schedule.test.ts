import { describe, expect, test } from "vitest";
import { nextRun, type Schedule } from "#runtime/engine/cron-schedule.ts";

const at = (iso: string) => Date.parse(`${iso}Z`);
const CASES: [Schedule, string, string][] = [
  [{ type: "interval", seconds: 90 }, "2026-01-01T00:00:00", "2026-01-01T00:01:30"],
  [{ type: "interval", hours: 2 }, "2026-01-01T23:00:00", "2026-01-02T01:00:00"],
  [{ type: "hourly", minuteUTC: 15 }, "2026-01-01T10:15:00", "2026-01-01T11:15:00"],
  [{ type: "hourly" }, "2026-01-01T10:15:00", "2026-01-01T10:30:00"],
  [{ type: "daily", hourUTC: 3, minuteUTC: 0 }, "2026-02-28T03:00:00", "2026-03-01T03:00:00"],
  [
    { type: "weekly", dayOfWeek: "monday", hourUTC: 9, minuteUTC: 5 },
    "2026-11-20T09:00:00",
    "2026-11-23T09:05:00",
  ],
  [{ type: "monthly", day: 31, hourUTC: 0, minuteUTC: 0 }, "2026-01-31T00:00:00", "2026-03-31T00:00:00"],
  [{ type: "cron", cron: "*/15 9-17 * * mon-fri" }, "2026-11-20T17:45:00", "2026-11-23T09:00:00"],
  [{ type: "cron", cron: "0 0 29 2 *" }, "2026-01-01T00:00:00", "2028-02-29T00:00:00"],
  [{ type: "cron", cron: "0 12 13 * 5" }, "2026-11-20T12:00:00", "2026-11-27T12:00:00"],
  [{ type: "cron", cron: "5,10 0 1 jan 7" }, "2026-01-01T00:05:00", "2026-01-01T00:10:00"],
  [{ type: "cron", cron: "30 * * * *" }, "2026-01-01T00:29:59.999", "2026-01-01T00:30:00"],
];

describe("cron schedules", () => {
  test.each(CASES)("%j after %s is %s", (schedule, after, expected) => {
    expect(new Date(nextRun(schedule, at(after), 0.5)).toISOString()).toBe(
      new Date(at(expected)).toISOString(),
    );
  });

  test.each(["* * * *", "60 * * * *", "* * 0 * *", "a * * * *", "*/0 * * * *", "5-1 * * * *", "0 0 31 2 *"])(
    "the expression %j is refused",
    (cron) => {
      expect(() => nextRun({ type: "cron", cron }, 0, 0)).toThrow(/cron expression/);
    },
  );
});
