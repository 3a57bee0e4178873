"use client";

import { Select } from "@base-ui/react/select";
import { Check, ChevronDown } from "lucide-react";
import { type ReactNode, useId, useRef } from "react";

export interface CellOption {
  value: string;
  /** What typing finds. */
  text: string;
  row: ReactNode;
  /** Shown, and not to be chosen. */
  disabled?: boolean;
}

/** One cell of the title block that opens a list. */
export function CellSelect({
  label,
  value,
  shown,
  groups,
  onChange,
  className,
  wide = false,
}: {
  label: string;
  value: string;
  shown: ReactNode;
  groups: { name?: string; aside?: string | undefined; options: CellOption[] }[];
  onChange: (value: string) => void;
  className: string;
  wide?: boolean;
}) {
  const id = useId();
  // Inside the page's landmarks, where people who listen look for it.
  const layer = useRef<HTMLDivElement>(null);
  return (
    <Select.Root
      value={value}
      onValueChange={(next: string | null) => {
        if (next !== null) onChange(next);
      }}
    >
      <Select.Trigger className={`cell ${className}`} aria-labelledby={`${id}-k ${id}-v`}>
        <span className="k" id={`${id}-k`}>
          {label}
        </span>
        <span className="v w-full">
          <span className="flex min-w-0 items-center gap-1.5" id={`${id}-v`}>
            {shown}
          </span>
          <Select.Icon className="chev">
            <ChevronDown className="i i-xs" aria-hidden="true" />
          </Select.Icon>
        </span>
      </Select.Trigger>
      <div ref={layer} className="contents" />
      <Select.Portal container={layer}>
        <Select.Positioner
          sideOffset={4}
          align="start"
          alignItemWithTrigger={false}
          positionMethod="fixed"
          className="z-40"
        >
          <Select.Popup className={`menu ${wide ? "w-[452px]" : "min-w-(--anchor-width)"}`}>
            <Select.List>
              {groups.map((group, index) => (
                <Select.Group key={group.name ?? index}>
                  {group.name && (
                    <Select.GroupLabel className="menu-label">
                      <span>{group.name}</span>
                      {group.aside && <span aria-hidden="true">{group.aside}</span>}
                    </Select.GroupLabel>
                  )}
                  {group.options.map((option) => (
                    <Select.Item
                      key={option.value}
                      value={option.value}
                      label={option.text}
                      disabled={option.disabled ?? false}
                      className="option"
                    >
                      <span className="w-4 flex-none">
                        <Select.ItemIndicator>
                          <Check className="i text-accent" aria-hidden="true" />
                        </Select.ItemIndicator>
                      </span>
                      <Select.ItemText className="flex flex-1 flex-wrap items-center gap-x-2">
                        {option.row}
                      </Select.ItemText>
                    </Select.Item>
                  ))}
                </Select.Group>
              ))}
            </Select.List>
          </Select.Popup>
        </Select.Positioner>
      </Select.Portal>
    </Select.Root>
  );
}
