import { ButtonLink } from "../ui/button.tsx";

/** In place of a page that a person's role does not open: why, and where they can go on. */
export function NoAccess({ title, why }: { title: string; why: string }) {
  return (
    <div className="grid justify-items-center gap-1.5 px-6 py-12 text-center" data-testid="no-right">
      <p className="fact text-ink-2">403</p>
      <h1 className="text-head">{title}</h1>
      <p className="max-w-[44ch] text-ink-2">{why}</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        <ButtonLink look="primary" href="/settings/members">
          See who can change this
        </ButtonLink>
        <ButtonLink href="/studio">Go to Studio</ButtonLink>
      </div>
    </div>
  );
}
