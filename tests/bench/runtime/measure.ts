/** How a figure is told: a rate or a time, beside what it should be. */
export interface RuntimeFigure {
  name: string;
  value: number;
  unit: string;
  /** "≥ 0.25 × plain SQLite (12,345/s)" and the like; empty if the figure only informs. */
  aim: string;
  ok: boolean | null;
}

const TURN_MS = 100;

export function figure(name: string, value: number, unit: string): RuntimeFigure {
  return { name, value, unit, aim: "", ok: null };
}

export function atLeast(name: string, value: number, unit: string, factor: number, of: number, what: string) {
  const aim = `≥ ${Number(factor.toPrecision(2))} × ${what} (${shown(of)} ${unit}): ${(value / of).toFixed(2)} ×`;
  return { name, value, unit, aim, ok: value >= factor * of };
}

export function atMost(name: string, value: number, unit: string, limit: number): RuntimeFigure {
  return { name, value, unit, aim: `≤ ${limit} ${unit}`, ok: value <= limit };
}

function shown(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

/** Calls a second: one after the other, for about `ms`. */
export async function rate(ms: number, call: (i: number) => unknown): Promise<number> {
  for (let i = 0; i < 50; i++) await call(-1 - i);
  const startedMs = performance.now();
  let calls = 0;
  while (performance.now() - startedMs < ms) await call(calls++);
  return (calls / (performance.now() - startedMs)) * 1_000;
}

/** Calls a second of two, in turns, so that a busy machine holds up both; for about `ms` together. */
export async function inTurns(
  ms: number,
  ...calls: [(i: number) => unknown, (i: number) => unknown]
): Promise<[number, number]> {
  const done = [0, 0];
  const spentMs = [0, 0];
  let n = 0;
  for (let turn = 0; turn < 4 || (spentMs[0] ?? 0) + (spentMs[1] ?? 0) < ms; turn++) {
    const side = turn % 2;
    const startedMs = performance.now();
    let count = 0;
    while (performance.now() - startedMs < TURN_MS) {
      await calls[side]?.(n++);
      count++;
      // What a call leaves to be done later is a part of its cost.
      if (count % 32 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // The first turns warm up.
    if (turn < 4) continue;
    done[side] = (done[side] ?? 0) + count;
    spentMs[side] = (spentMs[side] ?? 0) + performance.now() - startedMs;
  }
  const rateOf = (side: 0 | 1) => ((done[side] ?? 0) / (spentMs[side] ?? 0)) * 1_000;
  return [rateOf(0), rateOf(1)];
}

/** Calls a second with `ways` of them under way at any time. */
export async function parallelRate(ms: number, ways: number, call: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  let calls = 0;
  const way = async (): Promise<void> => {
    while (performance.now() - startedMs < ms) {
      await call();
      calls++;
    }
  };
  await Promise.all(Array.from({ length: ways }, way));
  return (calls / (performance.now() - startedMs)) * 1_000;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function print(figures: readonly RuntimeFigure[]): string {
  const rows = figures.map(({ name, value, unit, aim, ok }) => {
    const verdict = ok === null ? "" : ok ? "met" : "MISSED";
    return `${name.padEnd(44)}${shown(value).padStart(9)} ${unit.padEnd(5)} ${verdict.padEnd(7)}${aim}`;
  });
  return `${rows.join("\n")}\n`;
}
