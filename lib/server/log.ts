type Fields = Record<string, string | number | boolean | null | undefined>;

/** One JSON line on stderr. Fields are chosen by the caller: never a header, a body or a key. */
export function log(level: "info" | "warn" | "error", message: string, fields: Fields = {}): void {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
}

/** What an unknown throw says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
