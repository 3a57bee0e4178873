import { initials } from "#client/format.ts";

/** A person's letters. They are drawn, not written: the name stands beside them or in a label. */
export function Avatar({ name }: { name: string }) {
  return (
    <span
      className="inline-grid size-5 flex-none place-items-center rounded-full border border-line-strong bg-neutral-soft text-[11px] leading-none font-semibold text-ink-2 before:content-[attr(data-letters)]"
      data-letters={initials(name)}
      aria-hidden="true"
    />
  );
}
