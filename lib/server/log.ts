import pino, { type Logger } from "pino";
import { maskSecrets } from "../domain/mask.ts";
import { logLevel } from "./env.ts";
import { logContext } from "./request-context.ts";
import { singleton } from "./singleton.ts";

type Fields = Record<string, string | number | boolean | null | undefined>;

/** Fields that would hold a secret if somebody logged one by mistake. */
const REDACTED = ["apiKey", "authorization", "cookie", "key", "password", "secret", "token"];

/** The bearer's own word, and the keys of the providers by the forms that they have. */
const FOREIGN = /\b(Bearer\s+|sk-(?:ant-|or-|proj-)?|xai-|AIza|e2b_)[\w.~+/-]{12,}=*/g;

/** A text without what looks like a secret: errors from outside may quote one. */
const masked = (text: string): string => maskSecrets(text).replaceAll(FOREIGN, "$1…");

/**
 * A logger that writes one JSON line each, with the request's id and the trace's where there is one.
 * @param write takes a line, with its newline
 */
export function makeLogger(level: pino.LevelWithSilent, write: (line: string) => void): Logger {
  return pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACTED, censor: "…" },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) =>
          Object.fromEntries(
            Object.entries(fields).map(([name, value]) => [
              name,
              typeof value === "string" ? masked(value) : value,
            ]),
          ),
      },
      mixin: () => logContext(),
    },
    { write },
  );
}

const logger = () =>
  singleton("log", () => makeLogger(logLevel(), (line) => void process.stderr.write(line)));

/**
 * One JSON line on stderr. Fields are chosen by the caller: never a header, a body or a key. A field of the request's
 * context (`requestId`, `traceId`) that is given here wins.
 */
export function log(level: "debug" | "info" | "warn" | "error", message: string, fields: Fields = {}): void {
  logger()[level](fields, message);
}

/** What an unknown throw says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
