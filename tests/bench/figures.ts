import os from "node:os";

/** One line of the result. */
export interface Figure {
  name: string;
  unit: "ms" | "MB" | "kB" | "s" | "frames";
  measured: number;
  /** What it is compared with, in the same unit. */
  baseline?: number;
  /** `ratio`: measured ÷ baseline; `added`: measured − baseline; else the measured value itself. */
  against?: "ratio" | "added";
  /** The most that the value named by `against` may be; without it the figure only informs. */
  aim?: number;
  note?: string;
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)];
  if (value === undefined) throw new Error("There is no percentile of nothing.");
  return value;
}

export const median = (values: readonly number[]) => percentile(values, 0.5);

/** The value that the aim is about. */
function judged({ measured, baseline, against }: Figure): number {
  if (against === undefined || baseline === undefined) return measured;
  return against === "ratio" ? measured / baseline : measured - baseline;
}

/** Undefined where the figure has no aim. */
export function isMet(figure: Figure): boolean | undefined {
  return figure.aim === undefined ? undefined : judged(figure) <= figure.aim;
}

const amount = (value: number, unit: Figure["unit"]) =>
  `${value.toFixed(unit !== "frames" && (unit === "s" || value < 10) ? 1 : 0)} ${unit}`;

function judgement(figure: Figure): string {
  if (figure.against === "ratio") return `${judged(figure).toFixed(2)} ×`;
  if (figure.against === "added") return `${judged(figure).toFixed(1)} ${figure.unit} more`;
  return "";
}

function aimOf({ aim, against, unit }: Figure): string {
  if (aim === undefined) return "";
  return against === "ratio" ? `≤ ${aim} ×` : `≤ ${aim} ${unit}`;
}

/** The figures as text in columns. */
export function table(figures: readonly Figure[]): string {
  const rows = [
    ["", "measured", "baseline", "beside it", "aim", "", ""],
    ...figures.map((figure) => [
      figure.name,
      amount(figure.measured, figure.unit),
      figure.baseline === undefined ? "" : amount(figure.baseline, figure.unit),
      judgement(figure),
      aimOf(figure),
      { true: "met", false: "MISSED", undefined: "" }[String(isMet(figure))] ?? "",
      figure.note ?? "",
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The figures and the machine that they come from. */
export function report(figures: readonly Figure[]): object {
  return {
    at: new Date().toISOString(),
    machine: {
      cpus: os.cpus().length,
      memoryMb: Math.round(os.totalmem() / 1e6),
      load: os.loadavg().map((value) => Number(value.toFixed(2))),
      node: process.version,
    },
    figures: figures.map((figure) => ({ ...figure, judged: judged(figure), met: isMet(figure) ?? null })),
  };
}
