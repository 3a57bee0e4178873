"use client";

import { Bot, KeyRound, Table2, Zap } from "lucide-react";
import type { Suggestion } from "#domain/suggestions.ts";
import { Icon } from "../ui/icon.tsx";

const ICONS = { agent: Bot, entityType: Table2, role: KeyRound, trigger: Zap };

/** What could be asked of this project; a click puts the words into the message. */
export function Suggestions({
  suggestions,
  onChoose,
}: {
  suggestions: readonly Suggestion[];
  onChoose: (text: string) => void;
}) {
  if (suggestions.length === 0) return null;
  return (
    <section className="mt-4" aria-labelledby="suggestions">
      <h2 id="suggestions" className="label mb-1 px-3">
        From this project
      </h2>
      <ul className="grid sm:grid-cols-2">
        {suggestions.map(({ kind, title, file, text }) => {
          return (
            <li key={file}>
              <button
                type="button"
                className="flex w-full gap-3 rounded-sm px-3 py-2.5 text-start hover:bg-hover"
                onClick={() => onChoose(text)}
              >
                <Icon as={ICONS[kind]} className="mt-0.5 text-accent" />
                <span className="min-w-0">
                  <span className="block truncate font-medium">{title}</span>
                  <span className="fact block truncate text-small text-ink-3">{file}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
