"use client";

import { useState } from "react";
import type { DiffLine } from "#client/line-diff.ts";
import { placeOf } from "#client/review.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";

const nameOf = (line: DiffLine) => `${placeOf(line)}: ${line.text.trim().slice(0, 60)}`;

/** Writes a comment on one of a hunk's lines. */
export function LineCommentForm({
  lines,
  onAdd,
  onCancel,
}: {
  lines: readonly DiffLine[];
  onAdd: (line: DiffLine, text: string) => void;
  onCancel: () => void;
}) {
  const first = Math.max(
    0,
    lines.findIndex(({ op }) => op !== "same"),
  );
  const [at, setAt] = useState(String(first));
  const [text, setText] = useState("");
  const line = lines[Number(at)];
  return (
    <div className="grid gap-2 border-y border-line bg-paper p-3 font-sans whitespace-normal">
      <Choice
        label="Line"
        value={at}
        onChange={setAt}
        options={lines.map((one, index) => ({ value: String(index), name: nameOf(one) }))}
      />
      <TextField
        label="Comment"
        value={text}
        onChange={({ target }) => setText(target.value)}
        rows={2}
        maxLength={4_000}
      />
      <span className="flex gap-2">
        <Button
          size="sm"
          look="primary"
          off={text.trim() === "" || !line}
          title={text.trim() === "" ? "Write a comment first." : undefined}
          onClick={() => line && onAdd(line, text)}
        >
          Add comment
        </Button>
        <Button size="sm" onClick={onCancel}>
          Cancel
        </Button>
      </span>
    </div>
  );
}
