"use client";

import { type KeyboardEvent, type Ref, useEffect, useId, useImperativeHandle, useRef } from "react";
import { clock } from "#client/format.ts";
import { useFormat } from "#client/locale.tsx";
import type { Timeline } from "#domain/inspector.ts";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { FAMILY_LOOKS } from "./families.ts";
import { useRows } from "./use-rows.ts";

const ROW_PX = 30;
const columnsClass =
  "grid grid-cols-[56px_64px_116px_minmax(0,1fr)_64px_72px] items-center gap-2 px-3 max-sm:grid-cols-[48px_24px_minmax(0,1fr)_56px]";

export interface EventListHandle {
  /** Brings a row of the list into view. */
  reveal: (index: number) => void;
  focus: () => void;
}

/** The events that are shown, each in a line: any number of them, of which those in sight are drawn. */
export function EventList({
  timeline,
  shown,
  chosen,
  isGrouped,
  onChoose,
  onKeyDown,
  ref,
}: {
  timeline: Timeline;
  /** Places of rows in the timeline. */
  shown: readonly number[];
  /** Which of `shown` is chosen; -1 for none. */
  chosen: number;
  isGrouped: boolean;
  onChoose: (index: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
  ref: Ref<EventListHandle>;
}) {
  const id = useId();
  const f = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const { first, last, topPx, block, heightPx, reveal } = useRows(shown.length, ROW_PX, box);
  useImperativeHandle(ref, () => ({ reveal, focus: () => box.current?.focus() }), [reveal]);
  const shownAt = useRef(chosen);
  useEffect(() => {
    if (chosen >= 0 && chosen !== shownAt.current) reveal(chosen);
    shownAt.current = chosen;
  }, [chosen, reveal]);
  const begin = timeline.rows[0]?.at ?? 0;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div
        aria-hidden="true"
        className={cn(
          columnsClass,
          "h-[30px] flex-none border-b border-line bg-sunken text-small text-ink-3",
        )}
      >
        <span className="text-end">Seq</span>
        <span className="text-end max-sm:hidden">At</span>
        <span className="max-sm:sr-only">Type</span>
        <span>What</span>
        <span className="text-end">Took</span>
        <span className="text-end max-sm:hidden">Cost</span>
      </div>
      <div
        ref={box}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select draws every option of any number
        role="listbox"
        tabIndex={0}
        aria-label="Events"
        aria-activedescendant={chosen >= first && chosen < last ? `${id}-${chosen}` : undefined}
        className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
        data-testid="events"
        onKeyDown={onKeyDown}
      >
        <div className="relative" style={{ height: heightPx }}>
          <div aria-hidden="true" style={{ height: topPx }} />
          <div style={block}>
            {shown.slice(first, last).map((place, offset) => {
              const index = first + offset;
              const row = timeline.rows[place]!;
              const group = isGrouped && row.group !== null ? timeline.groups.get(row.group) : undefined;
              const isFailed = group?.isFailed ?? false;
              const { icon, className } = FAMILY_LOOKS[isFailed ? "error" : row.family];
              const took = group ? group.tookMs : row.tookMs;
              const cost = group ? group.costMicroUsd : row.costMicroUsd;
              return (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the list has the focus, and its keys choose
                <div
                  key={row.seq}
                  id={`${id}-${index}`}
                  // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- of that listbox
                  role="option"
                  aria-selected={index === chosen}
                  aria-posinset={index + 1}
                  aria-setsize={shown.length}
                  data-seq={row.seq}
                  style={{ height: ROW_PX }}
                  className={cn(
                    columnsClass,
                    "cursor-default border-b border-line hover:bg-hover/55 aria-selected:bg-selected",
                  )}
                  onClick={() => onChoose(index)}
                >
                  <span className="fact text-end text-ink-3">{row.seq}</span>
                  <span className="fact text-end text-ink-3 max-sm:hidden">{clock(row.at - begin)}</span>
                  <span className="flex min-w-0 items-center gap-1.5">
                    <Icon as={icon} size="sm" className={cn("flex-none", className)} />
                    <span className="truncate text-small max-sm:sr-only">{row.type}</span>
                  </span>
                  <span className="truncate text-small">
                    {group?.what || row.what}
                    {group && group.count > 1 && (
                      <span className="text-ink-3">
                        {" "}
                        · {f.count(group.count)} events{isFailed && ", failed"}
                      </span>
                    )}
                  </span>
                  <span className="fact truncate text-end">{took === null ? "" : f.duration(took)}</span>
                  <span className="fact truncate text-end max-sm:hidden">
                    {cost === null ? "" : f.dollars(cost)}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}
