/**
 * What a command printed, as a terminal would show it in the end: with colors, and with what it has written over itself
 * only once. xterm does it; it is loaded with the first output that needs it.
 */

/** The colors of the page that stand for those of a terminal: readable in both themes, whatever a program asks for. */
export type Tone = "danger" | "success" | "warning" | "info" | "accent" | "neutral";

/** A piece of a line that looks the same throughout. */
export interface Piece {
  text: string;
  /** Of the letters; without it they are ink. */
  tone?: Tone;
  /** Of the ground; letters on it are ink. */
  ground?: Tone;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
}
export type OutputLine = readonly Piece[];

const COLUMNS = 240;
const ROWS = 50;
/** Beyond these a text is shown without its colors: it would take too long, or too much memory. */
const MAX_LINES = 8_000;
const MAX_CHARS = 1_000_000;

const ESC = "\u001b";
/** Sequences that set colors or titles or move the cursor (ECMA-48), to their end or that of the text. */
const SEQUENCES = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)?|[ -/]*[0-~])|\\u009b[0-?]*[ -/]*[@-~]`,
  "g",
);
const NEEDS = new RegExp(`[${ESC}\\u009b\\b]|\\r(?!\\n)`);

/** Whether a text has anything in it that a terminal does not show as it is. */
export const needsTerminal = (text: string): boolean => NEEDS.test(text);

/** A text without colors, of each line what was written last. */
export function plainOf(text: string): string {
  if (!needsTerminal(text)) return text;
  return text.replaceAll(SEQUENCES, "").replaceAll("\r\n", "\n").split("\n").map(lastWritten).join("\n");
}

/** What of a line was written last. By hand: an expression for the end needs the square of its length. */
function lastWritten(line: string): string {
  let end = line.length;
  while (line[end - 1] === "\r") end--;
  return line.slice(line.lastIndexOf("\r", end - 1) + 1, end);
}

/** What a terminal repeats, by the numbers in its sequences: 2 billion lines to scroll are a few bytes. */
const MAX_REPEATS = 999;
/** Each sequence may clear a whole screen; beyond this many together with their repeats, a text is not drawn. */
const MAX_WORK = 100_000;
const WORK_OF_ONE = 20;
const CONTROLS = new RegExp(`(?:${ESC}\\[|\u009b)([0-?]*)[ -/]*([@-~])|${ESC}|[\u0080-\u009f]`, "g");

/** A text whose sequences repeat nothing without bound; undefined where drawing it would take too long. */
export function boundedSequences(text: string): string | undefined {
  let work = 0;
  const bounded = text.replaceAll(CONTROLS, (sequence: string, parameters?: string, end?: string) => {
    if (end === "m") return sequence;
    const numbers = (parameters ?? "").match(/\d+/g) ?? [];
    work += numbers.reduce((sum, digits) => sum + Math.min(Number(digits), MAX_REPEATS), WORK_OF_ONE);
    return sequence.replaceAll(/\d{4,}/g, String(MAX_REPEATS));
  });
  return work > MAX_WORK ? undefined : bounded;
}

/** The 16 named colors: black, red, green, yellow, blue, magenta, cyan, white, and their bright ones. */
const NAMED: readonly (Tone | undefined)[] = [
  undefined,
  "danger",
  "success",
  "warning",
  "info",
  "danger",
  "accent",
  undefined,
];

/** The page's color that comes next to one of red, green and blue, 0 to 255 each. */
function toneOf(red: number, green: number, blue: number): Tone | undefined {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  // Grays are ink.
  if (most - least < 40) return undefined;
  const middle = (red + green + blue - most - least - least) / (most - least);
  if (most === red) return green > blue ? (middle > 0.5 ? "warning" : "danger") : "danger";
  if (most === green)
    return blue > red ? (middle > 0.6 ? "accent" : "success") : middle > 0.8 ? "warning" : "success";
  return green > red ? (middle > 0.8 ? "accent" : "info") : middle > 0.6 ? "danger" : "info";
}

/** One of the 256 colors: 16 named ones, a cube of 6 by 6 by 6, and grays. */
function paletteTone(index: number): Tone | undefined {
  if (index < 16) return NAMED[index % 8];
  if (index > 231) return undefined;
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  const at = index - 16;
  return toneOf(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
}

/** What a cell of the terminal's buffer says of its look. */
interface Cell {
  getChars: () => string;
  getWidth: () => number;
  getFgColor: () => number;
  getBgColor: () => number;
  isFgPalette: () => boolean;
  isBgPalette: () => boolean;
  isFgRGB: () => boolean;
  isBgRGB: () => boolean;
  isBold: () => number;
  isDim: () => number;
  isItalic: () => number;
  isUnderline: () => number;
  isInverse: () => number;
}

const colorTone = (color: number, isPalette: boolean, isRgb: boolean): Tone | undefined =>
  isPalette
    ? paletteTone(color)
    : isRgb
      ? toneOf((color >> 16) & 255, (color >> 8) & 255, color & 255)
      : undefined;

function lookOf(cell: Cell): Omit<Piece, "text"> {
  const letters = colorTone(cell.getFgColor(), cell.isFgPalette(), cell.isFgRGB());
  const below = colorTone(cell.getBgColor(), cell.isBgPalette(), cell.isBgRGB());
  const hasGround = cell.isBgPalette() || cell.isBgRGB() || cell.isInverse() !== 0;
  const ground = hasGround ? ((cell.isInverse() ? letters : below) ?? "neutral") : undefined;
  return {
    ...(ground ? { ground } : letters && { tone: letters }),
    ...(cell.isBold() && { bold: true }),
    ...(cell.isDim() && { dim: true }),
    ...(cell.isItalic() && { italic: true }),
    ...(cell.isUnderline() && { underline: true }),
  };
}

const sameLook = (a: Omit<Piece, "text">, b: Omit<Piece, "text">): boolean =>
  a.tone === b.tone &&
  a.ground === b.ground &&
  a.bold === b.bold &&
  a.dim === b.dim &&
  a.italic === b.italic &&
  a.underline === b.underline;

/** Spaces at the end of a line that nobody sees. */
function withoutEnd(line: Piece[]): Piece[] {
  for (let last = line.at(-1); last && !last.ground; last = line.at(-1)) {
    const text = last.text.trimEnd();
    line.pop();
    if (text !== "") {
      line.push({ ...last, text });
      break;
    }
  }
  return line;
}

/** The lines of a text as a terminal shows them in the end; undefined where it is too long for that. */
export async function drawOutput(text: string): Promise<OutputLine[] | undefined> {
  if (text.length > MAX_CHARS || text.split("\n").length > MAX_LINES) return undefined;
  const bounded = boundedSequences(text);
  if (bounded === undefined) return undefined;
  const { Terminal } = await import("@xterm/xterm");
  const terminal = new Terminal({
    cols: COLUMNS,
    rows: ROWS,
    scrollback: MAX_LINES * 2,
    convertEol: true,
    allowProposedApi: true,
  });
  try {
    await new Promise<void>((resolve) => terminal.write(bounded, resolve));
    const lines: Piece[][] = [];
    const { active } = terminal.buffer;
    const cell = active.getNullCell();
    for (let y = 0; y < active.length; y++) {
      const row = active.getLine(y);
      if (!row) break;
      const line: Piece[] = (row.isWrapped ? lines.pop() : undefined) ?? [];
      for (let x = 0; x < row.length; x++) {
        if (!row.getCell(x, cell) || cell.getWidth() === 0) continue;
        const look = lookOf(cell);
        const last = line.at(-1);
        const chars = cell.getChars() || " ";
        if (last && sameLook(last, look)) last.text += chars;
        else line.push({ ...look, text: chars });
      }
      lines.push(line);
    }
    const shown = lines.map(withoutEnd);
    while (shown.at(-1)?.length === 0) shown.pop();
    return shown;
  } finally {
    terminal.dispose();
  }
}
