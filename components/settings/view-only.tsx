import { Notice } from "../ui/notice.tsx";

/** Says that the reader may change nothing here, and why; nothing where they may. */
export function ViewOnly({ why }: { why: string | undefined }) {
  if (why === undefined) return null;
  return (
    <Notice tone="info" title="View only">
      <p>{why}</p>
    </Notice>
  );
}
