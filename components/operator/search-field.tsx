import { LIMITS } from "#domain/limits.ts";
import { Field } from "../ui/field.tsx";

/** Where one types what a list of the console's is searched for. @param hint what finds something */
export function SearchField({
  hint,
  typed,
  onType,
}: {
  hint: string;
  typed: string;
  onType: (text: string) => void;
}) {
  return (
    <Field
      label="Search"
      hint={hint}
      frameClass="mb-4 max-w-[420px]"
      type="search"
      maxLength={LIMITS.searchText.max}
      value={typed}
      onChange={(event) => onType(event.target.value)}
    />
  );
}
