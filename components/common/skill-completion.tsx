"use client";

import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useEffectEvent,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { type MentionableSkill, useMentionable } from "#client/live-skills.ts";
import { plural } from "#domain/plural.ts";
import { mentionAt, suggestionsFor, withMention } from "#domain/mention-query.ts";
import { cn } from "../ui/cn.ts";
import { ErrorBoundary } from "../ui/error-boundary.tsx";

/**
 * Follows what messages can name: in a session, or before one. Without an answer nothing is suggested, and a mention that
 * is typed works all the same.
 */
export function SkillSource(props: {
  sessionId?: string;
  onSkills: (skills: readonly MentionableSkill[]) => void;
}) {
  return (
    <ErrorBoundary fallback={null}>
      <Source {...props} />
    </ErrorBoundary>
  );
}

function Source({ sessionId, onSkills }: Parameters<typeof SkillSource>[0]) {
  const skills = useMentionable(sessionId);
  const told = useEffectEvent(onSkills);
  const text = JSON.stringify(
    skills.map(({ name, description, mention }) => ({ name, description, mention })),
  );
  useEffect(() => told(JSON.parse(text) as MentionableSkill[]), [text]);
  return null;
}

/** Completes mentions of skills at `$` in a text field: the arrows choose, Enter or Tab takes, Escape closes. */
export function useSkillCompletion({
  field,
  value,
  onChange,
  skills,
}: {
  field: RefObject<HTMLTextAreaElement | null>;
  value: string;
  onChange: (value: string) => void;
  skills: readonly MentionableSkill[];
}) {
  const id = useId();
  const [caret, setCaret] = useState<number>();
  const [active, setActive] = useState(0);
  /** Where a list was closed that is not to open again by itself. */
  const [closedAt, setClosedAt] = useState<number>();
  const wanted = useRef<number>(undefined);
  const at = caret === undefined || skills.length === 0 ? null : mentionAt(value, caret);
  const found = at && at.start !== closedAt ? suggestionsFor(skills, at.typed) : [];
  const isOpen = found.length > 0;
  const chosen = Math.min(active, found.length - 1);

  useLayoutEffect(() => {
    if (wanted.current === undefined || !field.current) return;
    field.current.setSelectionRange(wanted.current, wanted.current);
    wanted.current = undefined;
  });

  const look = () => {
    const element = field.current;
    const now =
      element && element.selectionStart === element.selectionEnd ? element.selectionStart : undefined;
    if (now === caret) return;
    setCaret(now);
    setActive(0);
    if (now === undefined || mentionAt(element?.value ?? "", now)?.start !== closedAt) setClosedAt(undefined);
  };
  const take = (skill: MentionableSkill) => {
    if (!at || caret === undefined) return;
    const next = withMention(value, { start: at.start, caret, mention: skill.mention });
    wanted.current = next.caret;
    onChange(next.text);
    setCaret(next.caret);
    field.current?.focus();
  };
  /** @returns whether the key was the list's */
  const onKey = (event: KeyboardEvent): boolean => {
    if (!isOpen || event.nativeEvent.isComposing || event.metaKey || event.ctrlKey || event.altKey)
      return false;
    const steps: Partial<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };
    const step = steps[event.key];
    if (step !== undefined) setActive((chosen + step + found.length) % found.length);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) take(found[chosen]!);
    else if (event.key === "Escape") setClosedAt(at?.start);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return {
    onKey,
    look,
    close: () => setCaret(undefined),
    fieldProps: {
      "aria-autocomplete": "list" as const,
      "aria-haspopup": "listbox" as const,
      ...(isOpen && { "aria-controls": `${id}-list`, "aria-activedescendant": `${id}-${chosen}` }),
    },
    list: (
      <>
        <output className="sr-only">
          {isOpen &&
            `${found.length} ${plural(found.length, "skill", "skills")}. Arrows choose, Enter takes it.`}
        </output>
        {isOpen && (
          <div
            // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a select would take the focus from the field
            role="listbox"
            id={`${id}-list`}
            aria-label="Skills"
            className="absolute bottom-full left-0 z-20 mb-1 max-h-72 w-full max-w-lg overflow-y-auto rounded-md border border-line-strong bg-raised p-1 shadow-lg"
          >
            {found.map((skill, index) => (
              <div
                key={skill.mention}
                id={`${id}-${index}`}
                // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- of that listbox
                role="option"
                aria-selected={index === chosen}
                tabIndex={-1}
                className={cn(
                  "grid cursor-pointer gap-0.5 rounded-sm px-2.5 py-1.5 touch:min-h-11",
                  index === chosen && "bg-accent-soft",
                )}
                // The field keeps the focus.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => take(skill)}
                onKeyDown={onKey}
                onPointerMove={() => setActive(index)}
              >
                <span className="flex min-w-0 items-baseline gap-2">
                  <span className="truncate font-medium">{skill.name}</span>
                  <span className="fact truncate text-small text-ink-3">{skill.mention}</span>
                </span>
                <span className="truncate text-small text-ink-2">{skill.description}</span>
              </div>
            ))}
          </div>
        )}
      </>
    ),
  };
}
