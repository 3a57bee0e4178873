/** A day, in milliseconds. */
export const DAY_MS = 86_400_000;

/** Numbers, money, dates and durations as people of one locale write them. Units are SI's own signs. */
export type Format = ReturnType<typeof make>;

const known = new Map<string, Format>();

/** The format of a locale, made once. @param locale as BCP 47 has it: `de-DE` */
export function formatFor(locale: string): Format {
  let format = known.get(locale);
  if (!format) known.set(locale, (format = make(locale)));
  return format;
}

/** What stands between the parts of a number: `1,234.5` has `,` and `.`. */
export interface Separators {
  group: string;
  decimal: string;
}

function make(locale: string) {
  const number = (options: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(locale, options);
    return (value: number) => format.format(value);
  };
  const moment = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (at: number) => format.format(at);
  };
  const places = (least: number, most = least) => ({
    minimumFractionDigits: least,
    maximumFractionDigits: most,
  });
  const usd = { style: "currency", currency: "USD" } as const;
  const day = { day: "numeric", month: "short" } as const;

  const count = number(places(0));
  const tenths = number(places(1));
  const wholeDollars = number({ ...usd, ...places(0) });
  const cents = number({ ...usd, ...places(2) });
  const shortDollars = number({ ...usd, notation: "compact", maximumSignificantDigits: 3 });
  const upToFour = number({ ...usd, ...places(2, 4) });
  const four = number({ ...usd, ...places(4) });
  const plainCents = number({ ...places(2), useGrouping: false });
  const share = number({ style: "percent", ...places(0) });
  const date = moment(day);
  const dateOfYear = moment({ ...day, year: "numeric" });
  const dateUtc = moment({ ...day, timeZone: "UTC" });
  const full = moment({ dateStyle: "medium", timeStyle: "medium" });
  const time = moment({ timeStyle: "medium" });
  const clockTime = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const ledgerTime = moment({ ...day, ...clockTime, second: "2-digit" });
  const minuteUtc = moment({ ...day, ...clockTime, year: "numeric", timeZone: "UTC" });
  const parts = new Intl.NumberFormat(locale, places(1)).formatToParts(1_234_567.8);
  const separators: Separators = {
    group: parts.find(({ type }) => type === "group")?.value ?? ",",
    decimal: parts.find(({ type }) => type === "decimal")?.value ?? ".",
  };

  /** How long something took: `96 ms`, `6.2 s`, `2 min 12 s`, `1 h 4 min`. */
  const duration = (ms: number): string => {
    if (ms < 1000) return `${count(Math.max(0, Math.round(ms)))} ms`;
    if (ms < 59_950) return `${tenths(ms / 1000)} s`;
    const seconds = Math.round(ms / 1000);
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    return `${count(Math.floor(seconds / 3600))} h ${Math.floor((seconds % 3600) / 60)} min`;
  };
  /** The day of a moment, with its year where that is not the present one. Both are epoch milliseconds. */
  const dateOf = (at: number, now: number): string =>
    new Date(at).getFullYear() === new Date(now).getFullYear() ? date(at) : dateOfYear(at);

  return {
    locale,
    separators,
    /** A whole number: `18,009`. */
    count,
    /** A share of a hundred. @param percent 0 to 100 */
    percent: (percent: number) => share(percent / 100),
    /** Thousands of something: `200k`. */
    thousands: (value: number) => `${count(Math.round(value / 1000))}k`,
    /** A count of tokens: `940`, `48.2k`, `1.9M`. */
    tokens: (tokens: number): string => {
      if (tokens < 1000) return count(tokens);
      if (tokens < 999_950) return `${tenths(tokens / 1000)}k`;
      return `${tenths(tokens / 1_000_000)}M`;
    },
    /** An amount to the cent: `$0.41`. What is less than a cent and more than nothing says so. */
    dollars: (microUsd: number): string => {
      if (microUsd > 0 && microUsd < 10_000) return `<${cents(0.01)}`;
      return cents(Math.round(microUsd / 10_000) / 100);
    },
    /** An amount in few characters: `$0`, `$4.21`, `$42.1`, `$1.23K`. */
    shortDollars: (microUsd: number) => shortDollars(Math.round(microUsd / 10_000) / 100),
    /** A single call's amount, to four places: `$0.0123`, `−$0.0004`, `$5.00`. */
    amount: (microUsd: number): string => {
      const size = Math.abs(microUsd);
      const sign = microUsd < 0 ? "−" : "";
      if (size > 0 && size < 50) return `${sign}<${four(0.0001)}`;
      const rounded = Math.round(size / 100) / 10_000;
      return `${sign}${size % 10_000 === 0 ? cents(rounded) : four(rounded)}`;
    },
    /** A price for a million tokens: `$3`, `$0.10`, `$0.075`. */
    price: (microUsd: number): string => {
      const dollars = microUsd / 1_000_000;
      return Number.isInteger(dollars) ? wholeDollars(dollars) : upToFour(dollars);
    },
    /** A number with one digit behind the point: `6.2`. */
    tenths,
    /** Dollars as they stand in a field: `2.50`. */
    cap: (microUsd: number) => plainCents(microUsd / 1_000_000),
    /** A size: `812 B`, `4.1 kB`, `1.2 MB`. */
    bytes: (size: number): string => {
      if (size < 1000) return `${count(size)} B`;
      if (size < 999_950) return `${tenths(size / 1000)} kB`;
      if (size < 999_950_000) return `${tenths(size / 1_000_000)} MB`;
      return `${tenths(size / 1_000_000_000)} GB`;
    },
    duration,
    /** The same in whole seconds: `9 s`, `2 min 12 s`. */
    wholeSeconds: (ms: number) =>
      ms < 60_000 ? `${count(Math.floor(ms / 1000))} s` : duration(Math.floor(ms / 1000) * 1000),
    /** A moment seen from `now`: `now`, `2 min ago`, `3 h ago`, then the date. Both are epoch milliseconds. */
    ago: (at: number, now: number): string => {
      const minutes = Math.floor((now - at) / 60_000);
      if (minutes < 1) return "now";
      if (minutes < 60) return `${minutes} min ago`;
      const hours = Math.floor(minutes / 60);
      return hours < 24 ? `${hours} h ago` : dateOf(at, now);
    },
    dateOf,
    /** A moment in full, in the reader's time zone. */
    exact: full,
    /** A time of the day, in the reader's time zone. */
    timeOfDay: time,
    /** A moment as a line of a ledger has it, in the reader's time zone: `Nov 20, 08:02:41`. */
    stamp: ledgerTime,
    /** A moment to the minute, in UTC: `Nov 20, 2026, 08:02`. */
    momentUtc: minuteUtc,
    /** A day: `Nov 6`. @param day `2026-11-06` */
    dayName: (day: string) => dateUtc(Date.parse(`${day}T00:00:00Z`)),
  };
}

const two = (n: number) => String(n).padStart(2, "0");

/** A time on a clock that runs: `1:04`, `1:04:09`; days from the third on. The same in every locale. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest.replace(/^0(?=\d)/, "");
}

/** The letters of a name: `Acme Robotics` → `AR`. */
export function initials(name: string): string {
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const letters = ends.map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 63));
  return letters.join("").toUpperCase();
}
