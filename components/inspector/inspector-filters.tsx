"use client";

import { useId } from "react";
import { FAMILIES, type Family, type Timeline } from "#domain/inspector.ts";
import { useFormat } from "#client/locale.tsx";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Check, Input } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { FAMILY_LOOKS } from "./families.ts";

/** What a reader has asked to see. */
export interface Wishes {
  hidden: readonly Family[];
  /** As typed: types with `*`, parted by commas or spaces. */
  types: string;
  text: string;
  fromSeq: string;
  toSeq: string;
  isGrouped: boolean;
}
export const NO_WISHES: Wishes = {
  hidden: ["thinking"],
  types: "",
  text: "",
  fromSeq: "",
  toSeq: "",
  isGrouped: true,
};

export const typesOf = (typed: string): string[] => typed.split(/[\s,]+/).filter((type) => type !== "");
const seqOf = (typed: string): number | undefined => (/^\d+$/.test(typed.trim()) ? Number(typed) : undefined);

/** The wishes as the timeline takes them. */
export function filterOf({ hidden, types, text, fromSeq, toSeq, isGrouped }: Wishes) {
  const from = seqOf(fromSeq);
  const to = seqOf(toSeq);
  return {
    hidden,
    types: typesOf(types),
    text,
    isGrouped,
    ...(from !== undefined && { fromSeq: from }),
    ...(to !== undefined && { toSeq: to }),
  };
}

/** What of the log is shown: families, types, words, a span of it, and whether calls and answers are one line. */
export function InspectorFilters({
  timeline,
  wishes,
  onChange,
}: {
  timeline: Timeline;
  wishes: Wishes;
  onChange: (wishes: Wishes) => void;
}) {
  const f = useFormat();
  const id = useId();
  const set = (change: Partial<Wishes>) => onChange({ ...wishes, ...change });
  const there = FAMILIES.filter((family) => timeline.counts[family] > 0);
  return (
    <search className="flex flex-none flex-wrap items-center gap-1.5 border-b border-line px-4 py-2 max-sm:flex-nowrap max-sm:overflow-x-auto max-sm:px-3 max-sm:*:flex-none">
      <fieldset className="contents" aria-label="Families">
        {there.map((family) => {
          const { icon, className } = FAMILY_LOOKS[family];
          const isOn = !wishes.hidden.includes(family);
          return (
            <button
              key={family}
              type="button"
              aria-pressed={isOn}
              className={cn(
                "inline-flex min-h-6 items-center gap-1.5 rounded-sm border px-2 text-small touch:min-h-11",
                isOn ? "border-line-strong bg-selected" : "border-dashed border-line-strong text-ink-3",
              )}
              onClick={() =>
                set({
                  hidden: isOn ? [...wishes.hidden, family] : wishes.hidden.filter((one) => one !== family),
                })
              }
            >
              <Icon as={icon} size="xs" className={className} />
              {family}
              <span className="fact text-ink-3">{f.count(timeline.counts[family])}</span>
            </button>
          );
        })}
      </fieldset>
      <span className="ml-auto max-sm:hidden" />
      <Input
        data-filter
        className="w-44"
        aria-label="Find text in events"
        placeholder="Find text"
        value={wishes.text}
        onChange={(event) => set({ text: event.target.value })}
      />
      <Input
        className="w-36"
        aria-label="Types, such as tool.*"
        placeholder="Types: tool.*"
        value={wishes.types}
        onChange={(event) => set({ types: event.target.value })}
      />
      <Input
        className="w-20"
        inputMode="numeric"
        aria-label="From event"
        placeholder="From"
        value={wishes.fromSeq}
        onChange={(event) => set({ fromSeq: event.target.value })}
      />
      <Input
        className="w-20"
        inputMode="numeric"
        aria-label="To event"
        placeholder="To"
        value={wishes.toSeq}
        onChange={(event) => set({ toSeq: event.target.value })}
      />
      <label
        className="inline-flex min-h-6 items-center gap-1.5 text-small touch:min-h-11"
        htmlFor={`${id}-group`}
      >
        <Check
          id={`${id}-group`}
          type="checkbox"
          checked={wishes.isGrouped}
          onChange={(event) => set({ isGrouped: event.target.checked })}
        />
        Group calls
      </label>
      {JSON.stringify(wishes) !== JSON.stringify(NO_WISHES) && (
        <Button look="quiet" size="sm" onClick={() => onChange(NO_WISHES)}>
          Reset
        </Button>
      )}
    </search>
  );
}
