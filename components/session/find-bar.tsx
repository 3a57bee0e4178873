"use client";

import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { CopyButton } from "../common/copy-button.tsx";
import { type Entry, seqOf, textOf } from "./entries.ts";

/** Finds words in the whole transcript, drawn or not, and brings each place into view. */
export function FindBar({
  entries,
  onShow,
  onClose,
}: {
  entries: readonly Entry[];
  onShow: (index: number) => void;
  onClose: () => void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();
  const found = useMemo(
    () =>
      wanted === ""
        ? []
        : entries.flatMap((entry, index) => (textOf(entry).toLowerCase().includes(wanted) ? [index] : [])),
    [entries, wanted],
  );
  useEffect(() => field.current?.focus(), []);

  const go = (step: number, matches = found) => {
    if (matches.length === 0) return;
    const next = (at + step + matches.length) % matches.length;
    setAt(next);
    onShow(matches[next] ?? 0);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const here = entries[found[at] ?? -1];
  const seq = here && seqOf(here);
  return (
    <search className="find-bar">
      <input
        ref={field}
        className="input"
        type="search"
        aria-label="Find in the transcript"
        placeholder="Find in the transcript"
        value={text}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setText(event.target.value);
          setAt(-1);
        }}
      />
      <output className="fact text-small whitespace-nowrap text-ink-2">
        {wanted !== "" &&
          (found.length === 0 ? "No results" : `${Math.max(0, at) + (at < 0 ? 0 : 1)} of ${found.length}`)}
      </output>
      <button
        type="button"
        className="btn btn-quiet btn-sm btn-icon"
        aria-label="Previous result"
        onClick={() => go(-1)}
      >
        <ChevronUp className="i i-sm" aria-hidden="true" />
      </button>
      <button
        type="button"
        className="btn btn-quiet btn-sm btn-icon"
        aria-label="Next result"
        onClick={() => go(1)}
      >
        <ChevronDown className="i i-sm" aria-hidden="true" />
      </button>
      {seq !== undefined && (
        <CopyButton
          key={seq}
          small
          name="Link"
          label="the link to this result"
          text={`${window.location.href.replace(/#.*/, "")}#e${seq}`}
        />
      )}
      <button
        type="button"
        className="btn btn-quiet btn-sm btn-icon"
        aria-label="Close search"
        onClick={onClose}
      >
        <X className="i i-sm" aria-hidden="true" />
      </button>
    </search>
  );
}
