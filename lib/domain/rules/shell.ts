/** What a shell text would run, command by command, as bash reads it (parsed by `unbash`). Pure. */
import { forEachChild, parse, type SyntaxNode, type Word as ParsedWord, type WordPart } from "unbash";
import { isMasked } from "../masked.ts";
import type { Word } from "./pattern.ts";
import {
  ASSIGNMENT,
  baseOf,
  DYNAMIC,
  findCommands,
  isShell,
  shellScript,
  wrappedAt,
  xargsCommand,
} from "./wrappers.ts";

/** Characters of a text that a rule may allow; a longer one asks. */
export const MAX_RULED_CHARS = 10_000;
/** Characters of which a rule that denies still sees what is in them. */
const MAX_READ_CHARS = 131_072;
const MAX_COMMANDS = 100;
const MAX_WORDS = 300;
const MAX_DEPTH = 8;

/** One way to write a command, for a rule to match. */
export interface Form {
  words: readonly Word[];
  /** Where the command's own name stands, behind assignments and wrappers: a rule that allows has to name all up to it. */
  nameAt: number;
}

/** One command that would run. */
export interface ShellCommand {
  /** As people read it. */
  text: string;
  forms: readonly Form[];
  /** What else it amounts to, for rules that hold back. */
  broader: readonly Form[];
  /** True where it only carries others that are judged by themselves, as `bash -c` does. */
  isCarrier: boolean;
}

/** A file that a redirection opens. */
export interface ShellFile {
  access: "read" | "write";
  path: Word;
}

export interface ShellReading {
  commands: ShellCommand[];
  files: ShellFile[];
  /** Why no rule may allow the text, as a sentence; null where one may. */
  unreadable: string | null;
}

/** Control characters, and what looks like nothing, like a space, or turns the reading direction. */
const INVISIBLE =
  /[\p{Cf}\p{Zl}\p{Zp}\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000\u115F\u1160\u3164\uFFA0]|(?![\t\n])\p{Cc}/u;
const PLAIN_NAME = /^(?:[A-Za-z0-9_./+@%-]+|\[|:)$/;

/** They change what later commands mean, or run a text that is not there to be read. */
const REBINDERS: ReadonlySet<string> = new Set([
  "alias",
  "unalias",
  "trap",
  "hash",
  "enable",
  "shopt",
  "bind",
  "complete",
  "compgen",
  "mapfile",
  "readarray",
  "coproc",
  ".",
  "source",
  "fc",
  "history",
  "set",
  "let",
  "function",
]);

const SAFE_DEVICES = /^\/dev\/(?:null|zero|stdin|stdout|stderr|tty|fd\/\d)$/;
const SAFE_VARIABLE = /^[a-z_][a-z0-9_]{0,40}$/;

const WHY = {
  long: `The command has more than ${MAX_RULED_CHARS} characters.`,
  many: "The text has too many commands to judge each of them.",
  empty: "There is no command in it.",
  syntax: "It isn't a shell text that can be read in only one way.",
  masked: "A secret in it is hidden, so that the whole of it can't be read.",
  invisible: "It has characters that can't be seen, or that look like others.",
  dynamic: "Which command it runs is only known when it runs.",
  quoted: "The name of a command is written with quotes, escapes, or unusual characters.",
  ansi: "It has text in $'…' or $\"…\", which is not what it looks like.",
  rebinds: "It changes what later commands mean.",
  functions: "It defines a function.",
  arithmetic: "It has arithmetic or tests that bash evaluates when it runs.",
  expansion: "It has an expansion that can run something else.",
  wrapped: "What one of its commands runs can't be read from its words.",
  script: "A shell in it runs a text that can't be read here.",
  device: "It opens a device, or a network connection of the shell's.",
  deep: "Commands are nested in it too deeply.",
} as const;

/** Whether an expansion does no more than insert a value. */
function isPlainExpansion(part: WordPart): boolean {
  if (part.type === "SimpleExpansion") return true;
  return (
    part.type === "ParameterExpansion" &&
    part.prefix === undefined &&
    part.index === undefined &&
    part.operation === undefined
  );
}

const LITERALS: ReadonlySet<string> = new Set(["Literal", "SingleQuoted", "AnsiCQuoted"]);

/** The pieces of a word, and how certain each is. */
function wordOf(word: ParsedWord): Word {
  const { text, value, parts = [] } = word;
  const isTilde = text.startsWith("~");
  let known = "";
  let isDynamic = isTilde;
  let isSplit = false;
  for (const part of parts) {
    const inside = part.type === "DoubleQuoted" ? part.parts : [part];
    for (const piece of inside) {
      if (LITERALS.has(piece.type)) {
        if (!isDynamic) known += (piece as { value: string }).value;
        continue;
      }
      isDynamic = true;
      if (part.type !== "DoubleQuoted") isSplit = true;
      if (part.type === "DoubleQuoted" && /^\$\{?[@*]/.test(piece.text)) isSplit = true;
    }
  }
  const isQuoted = text !== value || /[\\'"]/.test(text);
  if (!isDynamic) return { value, isDynamic: false, known: value, isSplit: false, isQuoted };
  return { value: text, isDynamic: true, known, isSplit, isQuoted };
}

class Reader {
  readonly commands: ShellCommand[] = [];
  readonly files: ShellFile[] = [];
  unreadable: string | null = null;

  fault(why: string): void {
    this.unreadable ??= why;
  }

  read(text: string, depth: number): void {
    if (depth > MAX_DEPTH) return this.fault(WHY.deep);
    if (INVISIBLE.test(text)) this.fault(WHY.invisible);
    // What is hidden may be more than a word.
    if (isMasked(text)) this.fault(WHY.masked);
    const before = this.commands.length;
    try {
      this.#visit(parse(text), depth);
    } catch {
      return this.fault(WHY.syntax);
    }
    if (this.commands.length === before) this.fault(WHY.empty);
  }

  #visit(node: SyntaxNode, depth: number): void {
    if (this.commands.length > MAX_COMMANDS) return this.fault(WHY.many);
    if (depth > 200) return this.fault(WHY.deep);
    switch (node.type) {
      case "Script":
        if ("errors" in node && node.errors && node.errors.length > 0) this.fault(WHY.syntax);
        break;
      case "Function":
      case "Coproc":
        this.fault(WHY.functions);
        break;
      case "ArithmeticCommand":
      case "ArithmeticFor":
      case "TestCommand":
        this.fault(WHY.arithmetic);
        break;
      case "ArithmeticExpansion":
        if (!/^\$\(\([\d\s+*/%()-]*\)\)$/.test(node.text)) this.fault(WHY.arithmetic);
        break;
      case "ParameterExpansion":
        if (!isPlainExpansion(node)) this.fault(WHY.expansion);
        break;
      case "AnsiCQuoted":
      case "LocaleString":
        this.fault(WHY.ansi);
        break;
      case "CommandExpansion":
      case "ProcessSubstitution":
        if (node.script === undefined) this.fault(WHY.syntax);
        break;
      case "For":
      case "Select":
        if (!SAFE_VARIABLE.test(node.name.text)) this.fault(WHY.rebinds);
        break;
      case "FileDescriptorVariable":
        this.fault(WHY.expansion);
        break;
      case "Redirect":
        this.#redirect(node.operator, node.target);
        break;
      case "Command":
        this.#command(node, depth);
        break;
      default:
    }
    forEachChild(node, (child) => this.#visit(child, depth + 1));
  }

  #redirect(operator: string, target: ParsedWord | undefined): void {
    if (!target) return this.fault(WHY.syntax);
    const path = wordOf(target);
    if (operator.endsWith("&") && /^(?:\d+-?|-)$/.test(path.value)) return;
    if (!path.isDynamic && SAFE_DEVICES.test(path.value)) return;
    if (path.isSplit || (!path.isDynamic && path.value.startsWith("/dev/"))) this.fault(WHY.device);
    this.files.push({ access: operator === "<" ? "read" : "write", path });
    if (operator === "<>") this.files.push({ access: "read", path });
  }

  #command(node: Extract<SyntaxNode, { type: "Command" }>, depth: number): void {
    const words: Word[] = [];
    const assigned = (part: { text: string; value: SyntaxNode }): Word => {
      const { text } = part;
      if (!ASSIGNMENT.test(text)) this.fault(WHY.expansion);
      // An index of an array is arithmetic.
      if (/^[^=]*\[/.test(text) || part.value.type === "ArrayValue") this.fault(WHY.arithmetic);
      const value = part.value.type === "Word" ? wordOf(part.value) : DYNAMIC;
      const name = text.slice(0, text.indexOf("=") + 1);
      return { ...value, value: name + value.value, known: name + value.known, isSplit: false };
    };
    for (const part of node.prefix) if (part.type === "Assignment") words.push(assigned(part));
    if (node.name) words.push(wordOf(node.name));
    for (const part of node.suffix) {
      if (part.type === "Assignment") words.push(assigned(part));
      else if (part.type === "Word") words.push(wordOf(part));
    }
    if (words.length === 0) return;
    const named = node.prefix.filter(({ type }) => type === "Assignment").length;
    this.#judged(words, named, depth);
  }

  /** Takes a command down, and what it runs in its turn. `at`: where its name stands. */
  #judged(all: readonly Word[], at: number, depth: number): void {
    if (this.commands.length > MAX_COMMANDS) return this.fault(WHY.many);
    if (all.length > MAX_WORDS) this.fault(WHY.many);
    const words = all.slice(0, MAX_WORDS);
    const text = words.map((word) => shown(word)).join(" ");
    if (at >= words.length) {
      // Assignments alone: a rule has to name the first of them.
      this.commands.push({
        text,
        forms: [{ words, nameAt: words.length - 1 }],
        broader: [],
        isCarrier: false,
      });
      return;
    }
    /** Where a rule may begin to name it: at the start, and behind each wrapper that changes nothing. */
    const starts = [0];
    const levels = [at];
    let isOpen = at === 0;
    let name = at;
    for (let count = 0; ; count += 1) {
      this.#name(words[name]!);
      const next = count < MAX_DEPTH ? wrappedAt(words, name) : "unknown";
      if (next === "unknown") {
        this.fault(WHY.wrapped);
        break;
      }
      if (!next) break;
      name = next.from;
      levels.push(name);
      isOpen &&= next.isTransparent;
      if (isOpen) starts.push(name);
    }
    const forms = starts.map((start) => ({ words: words.slice(start), nameAt: name - start }));
    const broader = levels.flatMap((level) => broaderForms(words.slice(level)));
    const inner = words.slice(name);
    const isCarrier = this.#runs(inner, depth);
    this.commands.push({ text, forms, broader, isCarrier: isCarrier && isOpen });
  }

  #name(word: Word): void {
    if (word.isDynamic) this.fault(WHY.dynamic);
    else if (word.isQuoted || !PLAIN_NAME.test(word.value)) this.fault(WHY.quoted);
    if (REBINDERS.has(baseOf(word.value))) this.fault(WHY.rebinds);
  }

  /** Judges what a command runs that its words name. @returns whether it does nothing else */
  #runs(words: readonly Word[], depth: number): boolean {
    const name = baseOf(words[0]?.value ?? "");
    if (isShell(name)) {
      const what = shellScript(words);
      if (what === "file") return false;
      if (what === "unknown" || what.script.isDynamic) {
        this.fault(WHY.script);
        return false;
      }
      this.read(what.script.value, depth + 1);
      return words[0]?.value === name;
    }
    if (name === "eval") {
      if (words.some(({ isDynamic }) => isDynamic)) this.fault(WHY.script);
      this.read(
        words
          .slice(1)
          .map(({ value }) => value)
          .join(" "),
        depth + 1,
      );
      return true;
    }
    if (name === "xargs") {
      const inner = xargsCommand(words);
      if (inner === "unknown") this.fault(WHY.wrapped);
      else if (inner.length > 0) this.#judged(inner, 0, depth + 1);
      return words[0]?.value === name && inner !== "unknown" && inner.length > 0;
    }
    if (name === "find") for (const inner of findCommands(words)) this.#found(inner, depth);
    return false;
  }

  #found(words: readonly Word[], depth: number): void {
    if (words.length === 0) this.fault(WHY.wrapped);
    else this.#judged(words, 0, depth + 1);
  }
}

/** A word as a person would write it. */
function shown({ value, isDynamic }: Word): string {
  if (isDynamic || /^[\w@%+=:,./{}^~#-]+$/.test(value)) return value;
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

/** Options of git's own, before its command. */
const GIT_VALUED = /^(?:-c|-C|--git-dir|--work-tree|--namespace|--exec-path|--config-env)$/;

/** The same command by its plain name, and without what git takes before its own commands. */
function broaderForms(words: readonly Word[]): Form[] {
  const [name, ...rest] = words;
  if (!name) return [];
  const base = { ...name, value: baseOf(name.value) };
  const forms: Form[] = [{ words: [base, ...rest], nameAt: 0 }];
  if (base.value === "git") {
    let at = 0;
    while (rest[at]?.value.startsWith("-")) at += GIT_VALUED.test(rest[at]!.value) ? 2 : 1;
    if (at > 0) forms.push({ words: [base, ...rest.slice(at)], nameAt: 0 });
  }
  return forms;
}

/** Reads a shell text. Each command of it is there, however it is wrapped; what is not understood is said. */
export function readShell(text: string): ShellReading {
  const reader = new Reader();
  if (text.length > MAX_RULED_CHARS) reader.fault(WHY.long);
  reader.read(text.slice(0, MAX_READ_CHARS), 0);
  const { commands, files, unreadable } = reader;
  return { commands, files, unreadable };
}
