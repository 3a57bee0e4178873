"use client";

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useEffectEvent, useRef } from "react";

/** Ink for what is said, pigments for what it is made of; the same in both themes, by their variables. */
const HIGHLIGHTS = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--info)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--success)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--warning)" },
  { tag: [tags.comment, tags.meta], color: "var(--ink-3)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.typeName, tags.className], color: "var(--accent)" },
  { tag: [tags.heading, tags.strong], fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: tags.link, color: "var(--accent)" },
]);

const LOOK = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--sunken)", color: "var(--ink)", fontSize: "12px" },
  // The ring is the box's, above the gutter.
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": {
    fontFamily: "var(--font-mono)",
    lineHeight: "18px",
    letterSpacing: "-0.01em",
    wordSpacing: "0",
    fontVariantLigatures: "none",
  },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--sunken)", color: "var(--ink-3)", border: "none" },
  ".cm-activeLineGutter, .cm-activeLine": { backgroundColor: "var(--hover)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--warning-soft)" },
  ".cm-panels": { backgroundColor: "var(--desk)", color: "var(--ink)" },
  ".cm-panels input, .cm-panels button": {
    border: "1px solid var(--line-control)",
    borderRadius: "4px",
    background: "var(--raised)",
    color: "var(--ink)",
  },
});

/** The grammar of a file, by its name; loaded when it is needed. */
async function grammarOf(path: string): Promise<Extension> {
  const ending = /\.(\w+)$/.exec(path)?.[1] ?? "";
  if (/^[cm]?[jt]sx?$/.test(ending))
    return (await import("@codemirror/lang-javascript")).javascript({
      typescript: ending.includes("t"),
      jsx: ending.endsWith("x"),
    });
  if (ending === "json") return (await import("@codemirror/lang-json")).json();
  if (ending === "md") return (await import("@codemirror/lang-markdown")).markdown();
  return [];
}

/** A text with line numbers, syntax colors, and search, editable unless `readOnly`. `text` sets what it shows. */
export function Editor({
  path,
  text,
  readOnly,
  onChange,
  onSave,
}: {
  path: string;
  text: string;
  readOnly: boolean;
  onChange: (text: string) => void;
  onSave: () => void;
}) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const changed = useEffectEvent(onChange);
  const save = useEffectEvent(onSave);
  const first = useEffectEvent(() => text);
  useEffect(() => {
    const shown = view.current;
    if (!shown || shown.state.doc.toString() === text) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    if (!place.current) return;
    const grammar = new Compartment();
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: first(),
        extensions: [
          lineNumbers(),
          highlightActiveLineGutter(),
          highlightActiveLine(),
          drawSelection(),
          history(),
          search({ top: true }),
          highlightSelectionMatches(),
          syntaxHighlighting(HIGHLIGHTS),
          indentUnit.of("  "),
          EditorState.readOnly.of(readOnly),
          EditorView.contentAttributes.of({ "aria-label": path, spellcheck: "false", tabindex: "0" }),
          LOOK,
          grammar.of([]),
          keymap.of([
            {
              key: "Mod-s",
              preventDefault: true,
              run: () => {
                save();
                return true;
              },
            },
            ...searchKeymap,
            ...historyKeymap,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) changed(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    let gone = false;
    grammarOf(path).then(
      (extension) => !gone && made.dispatch({ effects: grammar.reconfigure(extension) }),
      (error: unknown) => console.warn("The file is shown without colors", error),
    );
    return () => {
      gone = true;
      view.current = null;
      made.destroy();
    };
  }, [path, readOnly]);

  return (
    <div
      ref={place}
      className="relative min-h-0 flex-1 overflow-hidden bg-sunken focus-within:after:pointer-events-none focus-within:after:absolute focus-within:after:inset-0 focus-within:after:z-10 focus-within:after:border-2 focus-within:after:border-(--focus)"
      data-testid="editor"
    />
  );
}
