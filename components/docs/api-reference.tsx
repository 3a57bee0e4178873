import Link from "next/link";
import type { OperationView, ReferenceView, SectionView } from "#client/api-reference.ts";
import { cardClass } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { Mark } from "../ui/mark.tsx";
import type { ColorRole } from "../ui/tones.ts";
import { FieldVariants } from "./field-variants.tsx";
import { Prose } from "./prose.tsx";
import { schemaId } from "#client/api-reference.ts";

const codeClass =
  "mono mt-2 rounded-sm border border-line bg-sunken p-3 text-small break-all whitespace-pre-wrap";

/** The reference of the API: every operation by its group, then the named schemas. Needs no script. */
export function ApiReference({ view }: { view: ReferenceView }) {
  return (
    <div className="mx-auto grid max-w-[1120px] grid-cols-[232px_minmax(0,1fr)] gap-10 px-6 max-lg:grid-cols-1 max-lg:gap-0 max-sm:px-4">
      <Contents view={view} />
      <main id="main" className="min-w-0 py-8 max-lg:pt-6">
        <h1 className="text-display font-semibold">{view.title}</h1>
        {view.intro.map((paragraph) => (
          <p key={paragraph} className="mt-3 max-w-[72ch] text-read text-ink-2">
            <Prose text={paragraph} />
          </p>
        ))}
        <p className="mt-3">
          <a className="link" href={view.document.href}>
            {view.document.label}
          </a>
        </p>
        <section aria-labelledby={view.examples.id} className="mt-10">
          <h2 id={view.examples.id} className="scroll-mt-6 text-head font-semibold">
            {view.examples.title}
          </h2>
          <p className="mt-1 text-ink-2">
            <Prose text={view.examples.text} />
          </p>
          <div className={cn(cardClass, "mt-3 divide-y divide-line")}>
            {view.examples.items.map(({ id, title, text, code }) => (
              <details key={id}>
                <summary className="cursor-pointer px-4 py-2.5 hover:bg-hover">
                  <h3 id={id} className="inline font-semibold">
                    {title}
                  </h3>
                </summary>
                <div className="px-4 pb-4">
                  <p className="text-ink-2">{text}</p>
                  <pre className={codeClass}>{code}</pre>
                </div>
              </details>
            ))}
          </div>
        </section>
        {view.groups.map((group) => (
          <section key={group.id} aria-labelledby={group.id} className="mt-10">
            <h2 id={group.id} className="scroll-mt-6 text-head font-semibold">
              {group.title}
            </h2>
            <p className="mt-1 text-ink-2">{group.text}</p>
            <div className={cn(cardClass, "mt-3 divide-y divide-line")}>
              {group.operations.map((operation) => (
                <OperationRow key={operation.id} operation={operation} or={view.or} />
              ))}
            </div>
          </section>
        ))}
        <section aria-labelledby={view.schemas.id} className="mt-10">
          <h2 id={view.schemas.id} className="scroll-mt-6 text-head font-semibold">
            {view.schemas.title}
          </h2>
          <div className={cn(cardClass, "mt-3 divide-y divide-line")}>
            {view.schemas.items.map(({ name, variants }) => (
              <details key={name} className="group">
                <summary className="cursor-pointer px-4 py-2.5 hover:bg-hover">
                  <h3 className="mono inline text-base font-semibold">{name}</h3>
                </summary>
                <div id={schemaId(name)} className="scroll-mt-16 px-4 pt-1 pb-4">
                  <FieldVariants variants={variants} or={view.or} />
                </div>
              </details>
            ))}
          </div>
        </section>
      </main>
    </div>
  );
}

function Contents({ view }: { view: ReferenceView }) {
  return (
    <nav
      aria-label={view.contents}
      className="sticky top-0 max-h-dvh overflow-y-auto py-8 text-small max-lg:static max-lg:max-h-none max-lg:pb-0"
    >
      <Link href="/studio" className="flex items-center gap-2 text-base font-semibold">
        <Mark>{view.mark}</Mark>
        {view.product}
      </Link>
      <ul className="mt-4 flex flex-col gap-1 max-lg:flex-row max-lg:flex-wrap max-lg:gap-x-4">
        {[view.examples, ...view.groups, view.schemas].map((group) => (
          <li key={group.id}>
            <a className="block py-0.5 font-semibold hover:text-accent" href={`#${group.id}`}>
              {group.title}
            </a>
            {"operations" in group && (
              <ul className="mb-2 max-lg:hidden">
                {group.operations.map(({ id, title }) => (
                  <li key={id}>
                    <a className="block py-0.5 text-ink-2 hover:text-ink" href={`#${id}`}>
                      {title}
                    </a>
                  </li>
                ))}
              </ul>
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}

const METHOD_TONES: Record<string, ColorRole> = {
  GET: "info",
  POST: "success",
  PUT: "warning",
  PATCH: "warning",
  DELETE: "danger",
};

function OperationRow({ operation, or }: { operation: OperationView; or: string }) {
  const { id, method, path, title, text, sections } = operation;
  return (
    <details>
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-1 px-4 py-2.5 hover:bg-hover">
        <Chip tone={METHOD_TONES[method] ?? "neutral"} className="w-14 flex-none justify-center">
          {method}
        </Chip>
        <h3 className="text-base font-semibold">{title}</h3>
        <code className="mono min-w-0 text-small break-all text-ink-2">{path}</code>
      </summary>
      {/* In here, so that a link to it opens what is closed around it. */}
      <div id={id} className="scroll-mt-16 px-4 pt-1 pb-5">
        {text !== "" && (
          <p className="max-w-[72ch] text-read">
            <Prose text={text} />
          </p>
        )}
        {sections.map((section) => (
          <SectionPart key={section.title} section={section} or={or} />
        ))}
      </div>
    </details>
  );
}

function SectionPart({ section: { title, note, variants, code }, or }: { section: SectionView; or: string }) {
  return (
    <div className="mt-4">
      <h4 className="label">{title}</h4>
      {note !== undefined && (
        <p className="mt-1 max-w-[72ch]">
          <Prose text={note} />
        </p>
      )}
      <FieldVariants variants={variants} or={or} />
      {code !== undefined && <pre className={codeClass}>{code}</pre>}
    </div>
  );
}
