import { initials } from "../../lib/client/format.ts";

/** A person's letters. They are drawn, not written: the name stands beside them or in a label. */
export function Avatar({ name }: { name: string }) {
  return <span className="avatar" data-letters={initials(name)} aria-hidden="true" />;
}
