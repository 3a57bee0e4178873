/** The role of a color; each sets `--c`, and its soft, line and fill forms. */
export const TONES = {
  accent: "is-accent",
  success: "is-success",
  warning: "is-warning",
  danger: "is-danger",
  info: "is-info",
  neutral: "is-neutral",
} as const;
export type ColorRole = keyof typeof TONES;
