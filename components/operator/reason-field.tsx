import { MAX_OPERATOR_REASON_CHARS } from "#domain/operator.ts";
import { Field } from "../ui/field.tsx";

/** Where an operator says why they do something to an organization. */
export function ReasonField({ reason, onType }: { reason: string; onType: (text: string) => void }) {
  return (
    <Field
      label="Reason"
      hint="Its people see it."
      maxLength={MAX_OPERATOR_REASON_CHARS}
      value={reason}
      onChange={(event) => onType(event.target.value)}
    />
  );
}
