const LOCALE = "en";

const compact = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });

/** A count of tokens: `940`, `48.2k`, `1.9M`. */
export function tokens(count: number): string {
  if (count < 1000) return compact.format(count);
  if (count < 999_950) return `${(count / 1000).toFixed(1)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** An amount to the cent: `$0.41`. What is less than a cent and more than nothing says so. */
export function dollars(microUsd: number): string {
  if (microUsd > 0 && microUsd < 10_000) return "<$0.01";
  return `$${(Math.round(microUsd / 10_000) / 100).toLocaleString(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** A single call's amount, to four places: `$0.0123`, `−$0.0004`, `$5.00`. */
export function amount(microUsd: number): string {
  const size = Math.abs(microUsd);
  const sign = microUsd < 0 ? "−" : "";
  if (size > 0 && size < 50) return `${sign}<$0.0001`;
  const places = { minimumFractionDigits: size % 10_000 === 0 ? 2 : 4, maximumFractionDigits: 4 };
  return `${sign}$${(Math.round(size / 100) / 10_000).toLocaleString(LOCALE, places)}`;
}

/** A price for a million tokens: `$3`, `$0.10`, `$0.075`. */
export function price(microUsd: number): string {
  const amount = microUsd / 1_000_000;
  return Number.isInteger(amount)
    ? `$${amount}`
    : `$${amount.toLocaleString(LOCALE, { minimumFractionDigits: 2, maximumFractionDigits: 4 })}`;
}

/** A size: `812 B`, `4.1 kB`, `1.2 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${count} B`;
  if (count < 999_950) return `${(count / 1000).toFixed(1)} kB`;
  if (count < 999_950_000) return `${(count / 1_000_000).toFixed(1)} MB`;
  return `${(count / 1_000_000_000).toFixed(1)} GB`;
}

/** How long something took: `96 ms`, `6.2 s`, `2 min 12 s`, `1 h 4 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

const two = (n: number) => String(n).padStart(2, "0");

/** A time on a clock that runs: `1:04`, `1:04:09`; days from the third on. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} d`;
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest.replace(/^0(?=\d)/, "");
}

/** A moment seen from `now`: `now`, `2 min ago`, `3 h ago`, then the date. Both are epoch milliseconds. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ago` : dateOf(at, now);
}

/** The day of a moment, with its year where that is not the present one. Both are epoch milliseconds. */
export function dateOf(at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return new Date(at).toLocaleDateString(LOCALE, {
    day: "numeric",
    month: "short",
    ...(!sameYear && { year: "numeric" }),
  });
}

/** A moment in full, in the reader's time zone. */
export function exact(at: number): string {
  return new Date(at).toLocaleString(LOCALE, { dateStyle: "medium", timeStyle: "medium" });
}

/** A moment as a line of a ledger has it, in the reader's time zone: `Nov 20 08:02:41`. */
export function stamp(at: number): string {
  const date = new Date(at);
  const day = date.toLocaleDateString(LOCALE, { day: "numeric", month: "short" });
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A day: `Nov 6`. @param day `2026-11-06` */
export function dayName(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString(LOCALE, {
    day: "numeric",
    month: "short",
    timeZone: "UTC",
  });
}

/** The letters of a name: `Acme Robotics` → `AR`. */
export function initials(name: string): string {
  const words = name.split(/[\s_-]+/).filter(Boolean);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  const letters = ends.map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 63));
  return letters.join("").toUpperCase();
}

/** A session's title, made of its first message: its first line of words, cut at one of them. */
export function titleOf(message: string): string {
  const lines = message.split("\n").map((text) => text.trim());
  const line = lines.find((text) => text !== "" && !text.startsWith("```")) ?? message.trim().slice(0, 80);
  if (line.length <= 80) return line;
  return `${line.slice(0, 79).replace(/\s+\S*$/, "")}…`;
}
