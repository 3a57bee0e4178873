import { TriangleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "./cn.ts";
import { Icon } from "./icon.tsx";

export const inputClass = [
  "min-h-[30px] w-full rounded-sm border border-line-control bg-raised px-[9px] py-1 text-ink focus-visible:rounded-sm",
  "aria-invalid:border-danger aria-invalid:inset-ring aria-invalid:inset-ring-danger",
  "touch:min-h-11 touch:text-[1rem]",
].join(" ");

/** A bare input; where no `Field` names it, it has a label of its own. */
export function Input({ className, ...input }: ComponentProps<"input">) {
  return <input {...input} className={cn(inputClass, className)} />;
}

/** A tick box, or a round one of several. */
export function Check({ className, ...input }: ComponentProps<"input"> & { type: "checkbox" | "radio" }) {
  return (
    <input
      {...input}
      className={cn(
        "size-4 flex-none appearance-none rounded-xs border border-line-control bg-raised checked:border-accent-fill checked:bg-accent-fill forced-colors:appearance-auto",
        input.type === "checkbox"
          ? "checked:before:mx-auto checked:before:block checked:before:h-[9px] checked:before:w-[5px] checked:before:rotate-42 checked:before:border-0 checked:before:border-r-2 checked:before:border-b-2 checked:before:border-on-accent"
          : "rounded-full checked:before:m-1 checked:before:block checked:before:size-1.5 checked:before:rounded-full checked:before:bg-on-accent",
        className,
      )}
    />
  );
}

/** What is wrong with something, or a hint about it, below what it is about. */
export function FieldNote({
  id,
  hint,
  problem,
}: {
  id: string;
  hint?: ReactNode;
  problem?: string | undefined;
}) {
  if (problem)
    return (
      <span id={id} className="flex items-center gap-[5px] text-small text-danger">
        <Icon as={TriangleAlert} size="xs" />
        {problem}
      </span>
    );
  return hint ? (
    <span id={id} className="text-small text-ink-3">
      {hint}
    </span>
  ) : null;
}

/** What a field of names, keys and addresses is: nothing completes or corrects it. */
const FACT = { autoComplete: "off", spellCheck: false } as const;

interface FieldFrame {
  label: string;
  labelClass?: string;
  hint?: ReactNode;
  problem?: string | undefined;
  frameClass?: string;
}

/** A label above what it names, and a note below; `children` gets what ties them together. */
function Labelled({
  label,
  labelClass = "font-medium",
  hint,
  problem,
  frameClass,
  children,
}: FieldFrame & {
  children: (tied: {
    id: string;
    "aria-invalid": true | undefined;
    "aria-describedby": string | undefined;
  }) => ReactNode;
}) {
  const id = useId();
  return (
    <div className={cn("grid gap-1", frameClass)}>
      <label htmlFor={id} className={labelClass}>
        {label}
      </label>
      {children({
        id,
        "aria-invalid": problem ? true : undefined,
        "aria-describedby": problem || hint ? `${id}-note` : undefined,
      })}
      <FieldNote id={`${id}-note`} hint={hint} problem={problem} />
    </div>
  );
}

/** A labelled input with its hint, and what is wrong with it. */
export function Field({
  label,
  labelClass,
  hint,
  problem,
  dense = true,
  fact = false,
  className,
  frameClass,
  ...input
}: FieldFrame & {
  /** Holds a name, a key, an address or the like. */
  fact?: boolean;
  /** As high as the controls of a page that has more than this form. */
  dense?: boolean;
} & ComponentProps<"input">) {
  const frame = {
    label,
    hint,
    problem,
    ...(labelClass && { labelClass }),
    ...(frameClass && { frameClass }),
  };
  return (
    <Labelled {...frame}>
      {(tied) => (
        <Input
          {...(fact && FACT)}
          {...input}
          {...tied}
          className={cn(fact && "fact", !dense && "h-9", className)}
        />
      )}
    </Labelled>
  );
}

/** The same for text of several lines. */
export function TextField({
  label,
  hint,
  problem,
  fact = false,
  className,
  ...area
}: FieldFrame & { fact?: boolean } & ComponentProps<"textarea">) {
  return (
    <Labelled label={label} hint={hint} problem={problem}>
      {(tied) => (
        <textarea
          {...(fact && FACT)}
          {...area}
          {...tied}
          className={cn(inputClass, "resize-y", fact && "fact", className)}
        />
      )}
    </Labelled>
  );
}
