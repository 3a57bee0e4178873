"use client";

import { useEffect, useState } from "react";
import { drawOutput, needsTerminal, type OutputLine, type Piece, plainOf } from "#client/terminal-output.ts";
import { cn } from "../ui/cn.ts";

const TONES = {
  danger: "text-danger",
  success: "text-success",
  warning: "text-warning",
  info: "text-info",
  accent: "text-accent",
  neutral: "text-neutral",
};
const GROUNDS = {
  danger: "bg-danger-soft text-ink",
  success: "bg-success-soft text-ink",
  warning: "bg-warning-soft text-ink",
  info: "bg-info-soft text-ink",
  accent: "bg-accent-soft text-ink",
  neutral: "bg-neutral-soft text-ink",
};

const lookClass = ({ tone, ground, bold, dim, italic, underline }: Piece): string =>
  cn(
    dim && "text-ink-2",
    tone && TONES[tone],
    ground && GROUNDS[ground],
    bold && "font-semibold",
    italic && "italic",
    underline && "underline",
  );

/** A text as a terminal shows it; until that is known, and where it is too long for it, without colors. */
export function CommandOutput({ text }: { text: string }) {
  const [drawn, setDrawn] = useState<{ text: string; lines: OutputLine[] | undefined }>();
  const needs = needsTerminal(text);
  useEffect(() => {
    if (!needs) return;
    let old = false;
    drawOutput(text).then(
      (lines) => !old && setDrawn({ text, lines }),
      (error: unknown) => console.warn("The output is shown without colors", error),
    );
    return () => {
      old = true;
    };
  }, [needs, text]);
  if (!needs) return text;
  // While it grows, what was drawn last stays until the rest is.
  const lines = drawn && text.startsWith(drawn.text) ? drawn.lines : undefined;
  if (!lines) return plainOf(text);
  return lines.map((line, row) => (
    // oxlint-disable-next-line react/no-array-index-key -- a line is its place
    <span key={row}>
      {line.map((piece, at) => {
        const look = lookClass(piece);
        return look === "" ? (
          piece.text
        ) : (
          // oxlint-disable-next-line react/no-array-index-key -- a piece is its place
          <span key={at} className={look}>
            {piece.text}
          </span>
        );
      })}
      {row < lines.length - 1 && "\n"}
    </span>
  ));
}
