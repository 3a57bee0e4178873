"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useEffectEvent, useId, useRef } from "react";
import type { MentionableSkill } from "#client/live-skills.ts";
import { useCommandKey } from "#client/use-browser.ts";
import { Button } from "../ui/button.tsx";
import { cn } from "../ui/cn.ts";
import { Kbd } from "../ui/kbd.tsx";
import { useSkillCompletion } from "./skill-completion.tsx";

const NO_SKILLS: readonly MentionableSkill[] = [];

/** Where a message is written. ⌘ or Ctrl with Enter sends it; plain Enter starts a new line. */
export function Composer({
  value,
  onChange,
  onSubmit,
  action,
  primary,
  busy,
  placeholder,
  rows,
  blocked,
  className = "",
  note,
  skills = NO_SKILLS,
  children,
}: {
  value: string;
  onChange: (value: string) => void;
  onSubmit: () => void;
  /** The button's verb. */
  action: string;
  primary: boolean;
  busy: boolean;
  placeholder: string;
  rows: number;
  /** Why nothing can be sent; undefined where it can. */
  blocked?: string | undefined;
  className?: string;
  /** What to know before pressing the button. */
  note?: string;
  /** What a message can name: `$` offers them. */
  skills?: readonly MentionableSkill[];
  /** Stands at the start of the foot. */
  children?: ReactNode;
}) {
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const takeOver = useEffectEvent(() => {
    // What was typed before hydration is only in the field.
    const typed = field.current?.value;
    if (typed !== undefined && typed !== value) onChange(typed);
  });
  useEffect(() => takeOver(), []);
  const command = useCommandKey();
  const idle = !busy && !blocked && value.trim() !== "";
  const why = blocked ?? (value.trim() === "" ? "Write a message first" : undefined);
  const completion = useSkillCompletion({ field, value, onChange, skills });
  const onKeyDown = (event: KeyboardEvent) => {
    if (completion.onKey(event)) return;
    if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey) || event.nativeEvent.isComposing) return;
    event.preventDefault();
    if (idle) onSubmit();
  };
  return (
    <form
      className={cn(
        "relative rounded-md border border-line-control bg-raised has-[textarea:focus]:border-(--focus) has-[textarea:focus]:outline-2 has-[textarea:focus]:outline-(--focus)",
        className,
      )}
      onSubmit={(event) => {
        event.preventDefault();
        if (idle) onSubmit();
      }}
    >
      <label className="sr-only" htmlFor={id}>
        Message to the agent
      </label>
      <textarea
        ref={field}
        id={id}
        data-composer
        className="block field-sizing-content max-h-[40dvh] w-full resize-none bg-transparent px-3 pt-2.5 pb-1 text-read text-ink outline-0"
        rows={rows}
        style={{ minHeight: `${rows * 22 + 14}px` }}
        value={value}
        placeholder={placeholder}
        disabled={blocked !== undefined}
        onChange={(event) => {
          onChange(event.target.value);
          completion.look();
        }}
        onSelect={completion.look}
        onBlur={completion.close}
        onKeyDown={onKeyDown}
        {...completion.fieldProps}
      />
      {completion.list}
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 px-1.5 pt-1 pb-1.5">
        {blocked && <span className="px-1.5 text-small text-ink-3">{blocked}</span>}
        {children}
        <span className="flex-1" />
        {note && <span className="px-1 text-small text-ink-3 max-sm:hidden">{note}</span>}
        <Button type="submit" look={primary ? "primary" : "plain"} off={!idle} title={busy ? undefined : why}>
          {busy && <span className="sr-only">Sending</span>}
          {action}
          <Kbd className="max-sm:hidden">{command}</Kbd>
          <Kbd className="max-sm:hidden">⏎</Kbd>
        </Button>
      </div>
    </form>
  );
}
