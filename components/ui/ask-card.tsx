import { type KeyboardEventHandler, type ReactNode, type Ref, useId } from "react";
import { Glyph } from "./glyph.tsx";

/** The frame of the one loud thing. */
export const askClass =
  "overflow-hidden rounded-md border border-warning-fill bg-raised focus-visible:rounded-md";
export const askHeadClass =
  "flex flex-wrap items-center gap-x-2 border-b border-warning-line bg-warning-soft px-3 py-[7px] text-ink";
export const askFootClass =
  "flex flex-wrap items-center gap-2 px-3 pb-3 max-sm:grid max-sm:grid-cols-[1fr_1fr] max-sm:[&_kbd]:hidden";
export const askBodyClass = "grid gap-2 px-3 py-2.5";

/** A card that waits for a person's word. Keys that it knows work while it has the focus, and only then. */
export function AskCard({
  title,
  aside,
  testId,
  describedBy,
  onKeyDown,
  ref,
  children,
}: {
  title: string;
  /** How long it waits, or what it is about, at the end of its head. */
  aside: ReactNode;
  testId: string;
  describedBy?: string;
  onKeyDown?: KeyboardEventHandler;
  ref?: Ref<HTMLElement> | undefined;
  children: ReactNode;
}) {
  const id = useId();
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- its keys answer its buttons
    <section
      ref={ref}
      className={askClass}
      aria-labelledby={id}
      aria-describedby={describedBy}
      tabIndex={onKeyDown ? -1 : undefined}
      data-testid={testId}
      onKeyDown={onKeyDown}
    >
      <div className={askHeadClass}>
        <Glyph name="waiting" className="text-warning" />
        <h3 id={id} className="text-base">
          {title}
        </h3>
        <span className="ml-auto text-small text-warning">{aside}</span>
      </div>
      {children}
    </section>
  );
}

/** The buttons of a card that waits, and below them why the reader may not press them, or what they do. */
export function AskFoot({ note, children }: { note?: ReactNode; children: ReactNode }) {
  return (
    <div className={askFootClass}>
      {children}
      {note && <p className="col-span-full w-full text-small text-ink-3">{note}</p>}
    </div>
  );
}
