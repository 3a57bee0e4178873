"use client";

import { Select } from "@base-ui/react/select";
import { ChevronDown } from "lucide-react";
import { type ReactNode, useId } from "react";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { type OptionGroup, SelectList } from "../ui/select.tsx";
import { cellClass, cellNameClass, cellValueClass } from "./title-block.ts";

/** One cell of the title block that opens a list. */
export function CellSelect({
  label,
  shown,
  className,
  wide = false,
  ...list
}: {
  label: string;
  value: string;
  shown: ReactNode;
  groups: readonly OptionGroup<string>[];
  onChange: (value: string) => void;
  className: string;
  wide?: boolean;
}) {
  const id = useId();
  return (
    <SelectList
      {...list}
      {...(wide && { className: "w-[452px]" })}
      trigger={
        <Select.Trigger
          className={cn(
            cellClass,
            "hover:bg-hover focus-visible:-outline-offset-2 aria-expanded:bg-selected",
            className,
          )}
          aria-labelledby={`${id}-k ${id}-v`}
        >
          <span className={cellNameClass} id={`${id}-k`}>
            {label}
          </span>
          <span className={cn(cellValueClass, "w-full")}>
            <span className="flex min-w-0 items-center gap-1.5" id={`${id}-v`}>
              {shown}
            </span>
            <Select.Icon className="ml-auto text-ink-3">
              <Icon as={ChevronDown} size="xs" />
            </Select.Icon>
          </span>
        </Select.Trigger>
      }
    />
  );
}
