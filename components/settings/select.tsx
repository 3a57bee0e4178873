import { type ReactNode, useId } from "react";

/** A labelled list to choose one from, with what is wrong with the choice. */
export function Select({
  label,
  value,
  onChange,
  problem,
  children,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  problem?: string | undefined;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className="input select"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-note` : undefined}
      >
        {children}
      </select>
      {problem && (
        <span className="problem" id={`${id}-note`}>
          {problem}
        </span>
      )}
    </div>
  );
}
