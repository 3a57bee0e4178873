import { Fragment, type ReactNode } from "react";
import type { Values } from "../../lib/client/messages/text.ts";

/** A text of the catalogue with parts of the page in the places of its `{names}`. */
export function Rich<Text extends string>({ text, parts }: { text: Text; parts: Values<Text, ReactNode> }) {
  const known: Partial<Record<string, ReactNode>> = parts;
  // Split by a group: every second piece is a name.
  return text.split(/\{(\w+)\}/).map((piece, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- a text's pieces keep their places
    <Fragment key={index}>{index % 2 === 1 ? known[piece] : piece}</Fragment>
  ));
}
