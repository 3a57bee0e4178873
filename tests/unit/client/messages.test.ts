import fs from "node:fs";
import path from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { describe, expect, test } from "vitest";
import { fill, form } from "../../../lib/client/messages/text.ts";

const CATALOGUE = "lib/client/messages";
const LETTERS = /\p{L}/u;
/** A sentence, or the beginning of one: no name of a class, a key or an event looks like it. */
const SENTENCE = /^[“"]?\p{Lu}[\p{L}']*[,:]? \p{L}|\p{L} .*\p{L}{2}[.?…]$/u;
/** One word, as it begins a label. Proper names and keys of the keyboard are no words to translate. */
const WORD = /^\p{Lu}\p{Ll}+$/u;
const NAMES = new Set([
  "Anthropic",
  "Google",
  "Alt",
  "Esc",
  "Ctrl",
  "Enter",
  "Escape",
  "Home",
  "End",
  "Infinity",
]);

/** What people see or hear of an element besides its content. */
const SHOWN = new Set([
  "aria-label",
  "aria-valuetext",
  "placeholder",
  "title",
  "alt",
  "label",
  "hint",
  "heading",
]);

function sources(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isDirectory()) return file === "app/api" ? [] : sources(file);
    return /\.tsx?$/.test(entry.name) ? [file] : [];
  });
}

interface Node {
  type: string;
  start: number;
  end: number;
}

/** The literals that an expression can come to: through conditions, `&&`, `||` and `??`, and templates. */
function outcomes(node: unknown): { text: string; at: number }[] {
  const known = node as Node & Record<string, unknown>;
  switch (known.type) {
    case "Literal":
      return typeof known.value === "string" ? [{ text: known.value, at: known.start }] : [];
    case "TemplateLiteral":
      return (known.quasis as (Node & { value: { cooked: string } })[]).map((quasi) => ({
        text: quasi.value.cooked,
        at: known.start,
      }));
    case "ConditionalExpression":
      return [...outcomes(known.consequent), ...outcomes(known.alternate)];
    case "LogicalExpression":
      return [...(known.operator === "&&" ? [] : outcomes(known.left)), ...outcomes(known.right)];
    default:
      return [];
  }
}

/** Words that stand in the code instead of the catalogue. */
function strays(file: string, source = fs.readFileSync(file, "utf8")): string[] {
  const { program, errors } = parseSync(file, source);
  expect(errors, `${file} does not parse`).toEqual([]);
  const found: string[] = [];
  const report = (at: number, text: string) =>
    found.push(`${file}:${source.slice(0, at).split("\n").length} ${text.trim().slice(0, 60)}`);
  const reportWords = (node: unknown) => {
    for (const { text, at } of outcomes(node)) if (LETTERS.test(text)) report(at, text);
  };
  // What goes to the browser's console, and types, nobody reads on the page.
  const unread: Node[] = [];
  new Visitor({
    CallExpression(node) {
      const callee = source.slice(node.callee.start, node.callee.end);
      if (callee.startsWith("console.")) unread.push(node);
    },
    TSLiteralType: (node) => void unread.push(node),
    ImportDeclaration: (node) => void unread.push(node),
  }).visit(program);
  const isUnread = (node: Node) => unread.some(({ start, end }) => start <= node.start && node.end <= end);
  new Visitor({
    JSXText(node) {
      // An entity is a sign, not a word.
      if (LETTERS.test(node.value.replaceAll(/&\w+;/g, ""))) report(node.start, node.value);
    },
    JSXAttribute(node) {
      const name = source.slice(node.name.start, node.name.end);
      if (!SHOWN.has(name) || !node.value) return;
      reportWords(node.value.type === "JSXExpressionContainer" ? node.value.expression : node.value);
    },
    JSXElement(node) {
      for (const child of node.children)
        if (child.type === "JSXExpressionContainer") reportWords(child.expression);
    },
    Literal(node) {
      if (typeof node.value !== "string" || isUnread(node)) return;
      if (SENTENCE.test(node.value) || (WORD.test(node.value) && !NAMES.has(node.value)))
        report(node.start, node.value);
    },
    TemplateLiteral(node) {
      if (isUnread(node)) return;
      for (const { text } of outcomes(node)) if (SENTENCE.test(text)) report(node.start, text);
    },
  }).visit(program);
  return [...new Set(found)];
}

describe("the catalogue of words", () => {
  test("no page and no component has words of its own", () => {
    const files = [...sources("app"), ...sources("components")];
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap((file) => strays(file))).toEqual([]);
  });

  test("what the check calls words it finds in each of their places", () => {
    const source = `
      const a = <p title="Words">{x ? "one" : y ?? "two"} three <b aria-label={\`four \${x}\`} /></p>;
      const b = { cause: "The sandbox is gone", items: [{ name: "Info" }] };
      const fine = <i className="i i-sm" data-testid="a word">{"·"} &gt; {t.words}</i>;
      console.warn("Nobody reads this here");`;
    const texts = strays("made-up.tsx", source).map((line) => line.replace(/^\S+ /, ""));
    expect(texts.toSorted()).toEqual(["Info", "The sandbox is gone", "Words", "four", "one", "three", "two"]);
  });

  test("every text is used, and each that has a number has a form for one", async () => {
    const users = [...sources("app"), ...sources("components"), ...sources("lib/client")].map((file) =>
      fs.readFileSync(file, "utf8"),
    );
    const wrong: string[] = [];
    for (const file of fs.readdirSync(CATALOGUE).filter((name) => name !== "text.ts")) {
      const areas = (await import(path.resolve(CATALOGUE, file))) as Record<string, Record<string, unknown>>;
      const used = users.filter((source) => source.includes(`messages/${file}"`)).join("\n");
      for (const [key, text] of Object.entries(Object.values(areas)[0] ?? {})) {
        if (!new RegExp(`\\bt\\w*\\.${key}\\b`).test(used)) wrong.push(`${file}: nothing uses ${key}`);
        const forms = typeof text === "string" ? [text] : Object.values(text as object);
        if (typeof text !== "string" && Object.keys(text as object).join() !== "one,other")
          wrong.push(`${file}: ${key} has not the forms one and other`);
        for (const each of forms)
          if (typeof each !== "string" || each.trim() === "" || /\{(?!\w+\})/.test(each))
            wrong.push(`${file}: ${key} is no text`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("a text takes its values, and the form that goes with a number", () => {
    expect(fill("{who} denied {what}", { who: "Mara", what: "{who}" })).toBe("Mara denied {who}");
    const files = { one: "{count} file", other: "{count} files" } as const;
    expect([0, 1, 2].map((count) => fill(form(files, count), { count }))).toEqual([
      "0 files",
      "1 file",
      "2 files",
    ]);
  });
});
