import { type FieldView, schemaId } from "#client/api-reference.ts";
import { Prose } from "./prose.tsx";

const INDENT = ["pl-0", "pl-4", "pl-8", "pl-12"];

/** Lists of fields, of which one is sent. */
export function FieldVariants({ variants, or }: { variants: readonly FieldView[][]; or: string }) {
  return variants.map((fields, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- variants have no name, and never change places
    <div key={index}>
      {index > 0 && <p className="mt-2 text-small text-ink-3">{or}</p>}
      <dl className="mt-1 divide-y divide-line border-y border-line">
        {fields.map((field, place) => (
          <div
            // oxlint-disable-next-line react/no-array-index-key -- a name can come again below another field
            key={`${place} ${field.name}`}
            className={`grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] gap-x-4 py-1.5 max-sm:grid-cols-1 ${INDENT[field.depth] ?? "pl-12"}`}
          >
            <dt className="mono min-w-0 text-small break-words">
              {field.name !== "" && <span className="mr-2 font-semibold">{field.name}</span>}
              {field.schema === undefined ? (
                <span className="text-ink-3">{field.type}</span>
              ) : (
                <a className="link" href={`#${schemaId(field.schema)}`}>
                  {field.type}
                </a>
              )}
            </dt>
            <dd className="min-w-0 text-small break-words text-ink-2">
              <Prose text={field.note} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  ));
}
