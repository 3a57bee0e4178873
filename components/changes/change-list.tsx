"use client";

import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { type ProjectChange, type ProjectEffect, summaryOf } from "#client/project-changes.ts";
import { KIND_NAMES, nameKey, nameText } from "#domain/project/kinds.ts";
import { Tag } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { Check } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { ChangeDetail } from "./change-detail.tsx";

const MARKS = {
  created: { sign: "+", word: "New", tone: "text-success" },
  updated: { sign: "~", word: "Changed", tone: "text-warning" },
  deleted: { sign: "−", word: "Deleted", tone: "text-danger" },
};

/** Effects in words. */
export function Effects({ effects }: { effects: readonly ProjectEffect[] }) {
  return (
    <ul className="grid gap-1">
      {effects.map(({ kind, name, message }) => (
        <li
          key={`${kind} ${nameKey(name)} ${message}`}
          className="flex gap-1.5 text-small wrap-anywhere text-warning"
        >
          <Icon as={TriangleAlert} size="xs" className="mt-[3px] flex-none" />
          <span>{message}</span>
        </li>
      ))}
    </ul>
  );
}

/** Changed definitions, each to be chosen and to be opened. */
export function ChangeList({
  label,
  changes,
  effects,
  chosen,
  onToggle,
}: {
  label: string;
  changes: readonly ProjectChange[];
  effects: readonly ProjectEffect[];
  /** By {@link nameKey}. */
  chosen: ReadonlySet<string>;
  onToggle: (key: string) => void;
}) {
  const [open, setOpen] = useState<string>();
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] divide-y divide-line" aria-label={label}>
      {changes.map((change) => {
        const key = nameKey(change);
        const { sign, word, tone } = MARKS[change.change];
        const own = effects.filter(({ name }) => nameKey(name) === key);
        return (
          <li key={key} className="grid grid-cols-[minmax(0,1fr)] gap-1.5 px-3 py-2">
            <span className="flex items-start gap-2.5">
              <Check
                type="checkbox"
                className="mt-1"
                aria-label={`Choose ${nameText(change)}`}
                checked={chosen.has(key)}
                onChange={() => onToggle(key)}
              />
              <button
                type="button"
                className="grid min-h-6 min-w-0 flex-1 grid-cols-[12px_minmax(0,1fr)_auto] gap-x-1.5 text-start max-sm:min-h-11"
                aria-expanded={open === key}
                onClick={() => setOpen(open === key ? undefined : key)}
              >
                <span className={cn("font-mono", tone)} title={word}>
                  <span aria-hidden>{sign}</span>
                  <span className="sr-only">{word}</span>
                </span>
                <span className="fact truncate font-semibold">{change.slug}</span>
                <span className="text-small text-ink-2">{KIND_NAMES[change.kind]}</span>
                <span className="col-start-2 col-end-4 text-small wrap-anywhere text-ink-2">
                  {summaryOf(change)}
                  {change.moved && (
                    <>
                      {" "}
                      <Tag>changed there, too</Tag>
                    </>
                  )}
                </span>
              </button>
            </span>
            {own.length > 0 && (
              <div className="pl-[46px]">
                <Effects effects={own} />
              </div>
            )}
            {open === key && (
              <div className="pl-[46px] max-sm:pl-0">
                <ChangeDetail change={change} />
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
