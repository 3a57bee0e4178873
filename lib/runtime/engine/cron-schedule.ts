/** A schedule as `crons.export()` writes it. */
export type Schedule =
  | { type: "interval"; seconds?: number; minutes?: number; hours?: number }
  | { type: "hourly"; minuteUTC?: number }
  | { type: "daily"; hourUTC: number; minuteUTC?: number }
  | { type: "weekly"; dayOfWeek: string; hourUTC: number; minuteUTC?: number }
  | { type: "monthly"; day: number; hourUTC: number; minuteUTC?: number }
  | { type: "cron"; cron: string };

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A leap day that falls on a given weekday comes back after 40 years at the latest. */
const SEARCH_DAYS = 366 * 41;

interface CronFields {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** Both day fields are restricted: either may match, as cron has it. */
  eitherDay: boolean;
}

function parseField(text: string, min: number, max: number, names: readonly string[] = []): Set<number> {
  const values = new Set<number>();
  const number = (part: string): number => {
    const named = names.indexOf(part.slice(0, 3).toLowerCase());
    const value = named >= 0 ? named + (max === 12 ? 1 : 0) : Number(part);
    if (!Number.isInteger(value) || value < min || value > max || part === "") {
      throw new Error(`"${part}" is not a number from ${min} to ${max}`);
    }
    return value;
  };
  for (const item of text.split(",")) {
    const [range = "", stepText] = item.split("/");
    const step = stepText === undefined ? 1 : Number(stepText);
    if (!Number.isInteger(step) || step < 1) throw new Error(`"${item}" has no valid step`);
    const [first = "", last] = range.split("-");
    const from = range === "*" ? min : number(first);
    const single = stepText === undefined ? from : max;
    const to = range === "*" ? max : last === undefined ? single : number(last);
    if (to < from) throw new Error(`"${item}" ends before it begins`);
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

/** @throws Error naming the expression and what is wrong with it */
export function parseCron(expression: string): CronFields {
  const parts = expression.trim().split(/\s+/);
  const [minutes = "", hours = "", days = "", months = "", weekdays = ""] = parts;
  if (parts.length !== 5) throw new Error(`The cron expression "${expression}" must have five fields.`);
  try {
    const week = parseField(
      weekdays,
      0,
      7,
      DAYS.map((day) => day.slice(0, 3)),
    );
    if (week.delete(7)) week.add(0);
    return {
      minutes: parseField(minutes, 0, 59),
      hours: parseField(hours, 0, 23),
      days: parseField(days, 1, 31),
      months: parseField(months, 1, 12, MONTHS),
      weekdays: week,
      eitherDay: !days.startsWith("*") && !weekdays.startsWith("*"),
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The cron expression "${expression}" is not valid: ${reason}.`, { cause: error });
  }
}

function nextCron(fields: CronFields, afterMs: number): number {
  const start = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const firstDay = Math.floor(start / DAY_MS) * DAY_MS;
  for (let i = 0; i < SEARCH_DAYS; i++) {
    const day = firstDay + i * DAY_MS;
    const date = new Date(day);
    if (!fields.months.has(date.getUTCMonth() + 1)) continue;
    const inMonth = fields.days.has(date.getUTCDate());
    const inWeek = fields.weekdays.has(date.getUTCDay());
    if (fields.eitherDay ? !inMonth && !inWeek : !inMonth || !inWeek) continue;
    for (let minute = 0; minute < 1440; minute++) {
      const at = day + minute * MINUTE_MS;
      if (at < start || !fields.hours.has(Math.floor(minute / 60)) || !fields.minutes.has(minute % 60))
        continue;
      return at;
    }
  }
  throw new Error("The cron expression names a day that never comes.");
}

/**
 * The first time after `afterMs` that a schedule is due (both in milliseconds since the epoch, UTC).
 * @param spread 0 to 1, where in the hour a schedule without a minute falls
 * @throws Error for a schedule that is not valid
 */
export function nextRun(schedule: Schedule, afterMs: number, spread: number): number {
  const minute = (given: number | undefined): number => given ?? Math.floor(spread * 60);
  switch (schedule.type) {
    case "interval": {
      const { hours = 0, minutes = 0, seconds = 0 } = schedule;
      const periodMs = hours * HOUR_MS + minutes * MINUTE_MS + seconds * 1000;
      if (!(periodMs > 0)) throw new Error("An interval must be longer than nothing.");
      return afterMs + periodMs;
    }
    case "hourly":
      return nextCron(parseCron(`${minute(schedule.minuteUTC)} * * * *`), afterMs);
    case "daily":
      return nextCron(parseCron(`${minute(schedule.minuteUTC)} ${schedule.hourUTC} * * *`), afterMs);
    case "weekly": {
      const day = DAYS.indexOf(schedule.dayOfWeek);
      return nextCron(parseCron(`${minute(schedule.minuteUTC)} ${schedule.hourUTC} * * ${day}`), afterMs);
    }
    case "monthly":
      return nextCron(
        parseCron(`${minute(schedule.minuteUTC)} ${schedule.hourUTC} ${schedule.day} * *`),
        afterMs,
      );
    case "cron":
      return nextCron(parseCron(schedule.cron), afterMs);
  }
}
