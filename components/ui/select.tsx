"use client";

import { Select as Base } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import { type ReactElement, type ReactNode, useId, useRef } from "react";
import { cn } from "./cn.ts";
import { FieldNote, inputClass } from "./field.tsx";
import { Icon } from "./icon.tsx";
import { menuClass, menuLabelClass, optionClass } from "./menu.tsx";

export interface Option<T extends string> {
  value: T;
  /** What it is called, and what typing finds. */
  name: string;
  /** What stands in the list instead of the name. */
  row?: ReactNode;
  /** Shown, and not to be chosen. */
  disabled?: boolean;
}

export interface OptionGroup<T extends string> {
  name?: string;
  aside?: string | undefined;
  options: readonly Option<T>[];
}

/** A list to choose one from, which opens from `trigger`. */
export function SelectList<T extends string>({
  value,
  groups,
  onChange,
  disabled = false,
  trigger,
  className = "min-w-(--anchor-width)",
}: {
  value: T;
  groups: readonly OptionGroup<T>[];
  onChange: (value: T) => void;
  disabled?: boolean;
  /** A `Select.Trigger` of Base UI. */
  trigger: ReactElement;
  className?: string;
}) {
  // Inside the page's landmarks, where people who listen look for it.
  const layer = useRef<HTMLDivElement>(null);
  return (
    <Base.Root
      value={value}
      disabled={disabled}
      onValueChange={(next: T | null) => {
        if (next !== null && next !== value) onChange(next);
      }}
    >
      {trigger}
      <div ref={layer} className="contents" />
      <Base.Portal container={layer}>
        <Base.Positioner
          sideOffset={4}
          align="start"
          alignItemWithTrigger={false}
          positionMethod="fixed"
          className="z-40"
        >
          <Base.Popup className={cn(menuClass, className)}>
            <Base.List>
              {groups.map((group, index) => (
                <Base.Group key={group.name ?? index}>
                  {group.name && (
                    <Base.GroupLabel className={menuLabelClass}>
                      <span>{group.name}</span>
                      {group.aside && <span aria-hidden="true">{group.aside}</span>}
                    </Base.GroupLabel>
                  )}
                  {group.options.map((option) => (
                    <Base.Item
                      key={option.value}
                      value={option.value}
                      label={option.name}
                      disabled={option.disabled ?? false}
                      className={optionClass}
                    >
                      <span className="w-4 flex-none">
                        <Base.ItemIndicator>
                          <Icon as={Check} className="text-accent" />
                        </Base.ItemIndicator>
                      </span>
                      <Base.ItemText className="flex flex-1 flex-wrap items-center gap-x-2">
                        {option.row ?? option.name}
                      </Base.ItemText>
                    </Base.Item>
                  ))}
                </Base.Group>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** A labelled list to choose one from, with what is wrong with the choice. */
export function Choice<T extends string>({
  label,
  hidden = false,
  value,
  onChange,
  options,
  groups = [{ options: options ?? [] }],
  problem,
  disabled = false,
  className,
}: {
  label: string;
  /** The label is only for those who listen. */
  hidden?: boolean;
  value: T;
  onChange: (value: T) => void;
  options?: readonly Option<T>[];
  groups?: readonly OptionGroup<T>[];
  problem?: string | undefined;
  disabled?: boolean;
  className?: string;
}) {
  const id = useId();
  const shown = groups.flatMap((group) => group.options).find((option) => option.value === value);
  const select = (
    <SelectList
      value={value}
      groups={groups}
      onChange={onChange}
      disabled={disabled}
      trigger={
        <Base.Trigger
          className={cn(inputClass, "flex items-center gap-2 text-start", className)}
          aria-labelledby={hidden ? undefined : `${id}-label`}
          aria-label={hidden ? label : undefined}
          aria-invalid={problem ? true : undefined}
          aria-describedby={problem ? `${id}-note` : undefined}
        >
          <span className="min-w-0 flex-1 truncate">{shown?.name}</span>
          <Icon as={ChevronDown} size="xs" className="text-ink-3" />
        </Base.Trigger>
      }
    />
  );
  if (hidden) return select;
  return (
    <div className="grid content-start gap-1">
      <span id={`${id}-label`} className="font-medium">
        {label}
      </span>
      {select}
      <FieldNote id={`${id}-note`} problem={problem} />
    </div>
  );
}
