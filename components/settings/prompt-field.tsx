"use client";

import { useRef, useState } from "react";
import { LIMITS } from "#domain/limits.ts";
import { filledPrompt, type PromptVariable, unknownNames } from "#domain/prompt-variables.ts";
import { Button } from "../ui/button.tsx";
import { TextField } from "../ui/field.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

/** An agent's instructions: with the variables that they can name, those that nobody knows, and how they read filled in. */
export function PromptField({
  value,
  onChange,
  problem,
  variables,
  examples,
}: {
  value: string;
  onChange: (value: string) => void;
  problem: string | undefined;
  variables: readonly PromptVariable[];
  /** What each variable stands for in the preview. */
  examples: Readonly<Record<string, string>>;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [isShown, setShown] = useState(false);
  const unknown = unknownNames(value, variables);
  const insert = (name: string) => {
    const area = frame.current?.querySelector("textarea");
    const from = area?.selectionStart ?? value.length;
    const to = area?.selectionEnd ?? value.length;
    const named = `{{${name}}}`;
    onChange(value.slice(0, from) + named + value.slice(to));
    // Once the new text is there, typing goes on behind it.
    requestAnimationFrame(() => {
      area?.focus();
      area?.setSelectionRange(from + named.length, from + named.length);
    });
  };
  return (
    <div ref={frame} className="grid gap-2">
      <TextField
        label="Instructions"
        name="system_prompt"
        rows={8}
        maxLength={LIMITS.systemPrompt.max}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        problem={problem}
        hint="Replaces OpenCode's own instructions. Leave it empty to keep those."
      />
      {unknown.length > 0 && (
        <output className="block text-small wrap-anywhere text-warning">
          No such variable: <span className="fact">{unknown.map((name) => `{{${name}}}`).join(", ")}</span>.
          The model gets it as it is written.
        </output>
      )}
      <details>
        <summary className="min-h-6 w-fit cursor-pointer text-small text-ink-2 touch:min-h-11">
          Variables
        </summary>
        <ul className="mt-1 grid gap-1">
          {variables.map(({ name, about }) => (
            <li key={name} className="flex flex-wrap items-center gap-2 text-small">
              <Button size="sm" aria-label={`Insert ${name}`} onClick={() => insert(name)}>
                <span className="fact">{`{{${name}}}`}</span>
              </Button>
              <span className="text-ink-2">{about}</span>
            </li>
          ))}
        </ul>
      </details>
      <details onToggle={(event) => setShown(event.currentTarget.open)}>
        <summary className="min-h-6 w-fit cursor-pointer text-small text-ink-2 touch:min-h-11">
          Preview
        </summary>
        {isShown && (
          <ScrollRegion
            className="mt-1 max-h-80 overflow-auto rounded-sm border border-line p-2"
            landmark={false}
            label="Instructions, filled in"
          >
            <pre className="fact text-small wrap-anywhere whitespace-pre-wrap">
              {value.trim() === "" ? "OpenCode's own instructions." : filledPrompt(value, examples)}
            </pre>
          </ScrollRegion>
        )}
      </details>
    </div>
  );
}
