import { TriangleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";

/** A labelled input with its hint, and what is wrong with it. */
export function Field({
  label,
  hint,
  problem,
  before,
  dense = false,
  ...input
}: {
  label: string;
  hint?: ReactNode;
  problem?: string | undefined;
  before?: ReactNode;
  /** As high as the controls of a page that has more than this form. */
  dense?: boolean;
} & ComponentProps<"input">) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="flex">
        {before}
        <input
          {...input}
          id={id}
          className={`input ${dense ? "" : "h-9"} ${before ? "rounded-l-none! fact" : ""}`}
          aria-invalid={problem ? true : undefined}
          aria-describedby={note ? `${id}-note` : undefined}
        />
      </div>
      {problem ? (
        <span className="problem" id={`${id}-note`}>
          <TriangleAlert className="i i-xs" aria-hidden="true" />
          {problem}
        </span>
      ) : (
        hint && (
          <span className="hint" id={`${id}-note`}>
            {hint}
          </span>
        )
      )}
    </div>
  );
}
