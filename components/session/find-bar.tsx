"use client";

import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { type Entry, seqOf, textOf } from "#client/entries.ts";
import { focusFirst } from "../ui/bring-into-view.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Input } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";

/** The places of the entries that have these words. */
function matches(entries: readonly Entry[], wanted: string): number[] {
  if (wanted === "") return [];
  return entries.flatMap((entry, index) => (textOf(entry).toLowerCase().includes(wanted) ? [index] : []));
}

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
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();
  const found = useMemo(() => matches(entries, wanted), [entries, wanted]);

  const show = (places: readonly number[], next: number) => {
    setAt(next);
    const place = places[next];
    if (place !== undefined) onShow(place);
  };
  const go = (step: number) => {
    if (found.length > 0) show(found, (at + step + found.length) % found.length);
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
    <search className="flex items-center gap-1.5 border-b border-line bg-desk px-3 py-1.5">
      <Input
        ref={focusFirst}
        type="search"
        aria-label="Find in the transcript"
        placeholder="Find in the transcript"
        value={text}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setText(event.target.value);
          // The first place is shown while one types.
          show(matches(entries, event.target.value.trim().toLowerCase()), 0);
        }}
      />
      <output className="fact text-small whitespace-nowrap text-ink-2">
        {wanted !== "" &&
          (found.length === 0 ? "No results" : `${Math.min(at, found.length - 1) + 1} of ${found.length}`)}
      </output>
      <Button look="quiet" size="sm" icon aria-label="Previous result" onClick={() => go(-1)}>
        <Icon as={ChevronUp} size="sm" />
      </Button>
      <Button look="quiet" size="sm" icon aria-label="Next result" onClick={() => go(1)}>
        <Icon as={ChevronDown} size="sm" />
      </Button>
      {seq !== undefined && (
        <CopyButton
          key={seq}
          small
          name="Link"
          label="the link to this result"
          text={`${window.location.href.replace(/#.*/, "")}#e${seq}`}
        />
      )}
      <Button look="quiet" size="sm" icon aria-label="Close search" onClick={onClose}>
        <Icon as={X} size="sm" />
      </Button>
    </search>
  );
}
