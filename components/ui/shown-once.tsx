"use client";

import type { LucideIcon } from "lucide-react";
import { type ReactNode, useId } from "react";
import { focusIntoView } from "./bring-into-view.ts";
import { Button } from "./button.tsx";
import { cardClass } from "./card.tsx";
import { cn } from "./cn.ts";
import { exactClass } from "./code.ts";
import { CopyButton } from "./copy-button.tsx";
import { Icon } from "./icon.tsx";

/** Something that was just made and can be copied now: a key, a link. It takes the focus. */
export function ShownOnce({
  icon,
  title,
  text,
  copy,
  onDone,
  testId,
  children,
}: {
  icon: LucideIcon;
  title: string;
  text: string;
  /** What the button that copies is called, and what it copies. */
  copy: { name: string; label: string };
  onDone: () => void;
  testId: string;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <section
      ref={focusIntoView}
      className={cn(cardClass, "border-success-fill px-4 py-3")}
      aria-labelledby={id}
      tabIndex={-1}
      data-testid={testId}
    >
      <div className="flex gap-3">
        <Icon as={icon} className="mt-0.5 text-success" />
        <div className="min-w-0 flex-1">
          <h2 id={id} className="text-base font-semibold wrap-anywhere">
            {title}
          </h2>
          {children}
          <div className="mt-2 flex flex-wrap items-center gap-2">
            <code className={cn(exactClass, "min-w-0 flex-1 basis-60 py-1")}>{text}</code>
            <CopyButton label={copy.label} name={copy.name} text={text} />
            <Button look="quiet" onClick={onDone}>
              Done
            </Button>
          </div>
        </div>
      </div>
    </section>
  );
}
