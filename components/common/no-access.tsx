import Link from "next/link";

/** In place of a page that a person's role does not open: why, and where they can go on. */
export function NoAccess({ title, why }: { title: string; why: string }) {
  return (
    <div className="empty" data-testid="no-right">
      <p className="fact">403</p>
      <h1 className="text-head">{title}</h1>
      <p>{why}</p>
      <div className="mt-2 flex flex-wrap justify-center gap-2">
        <Link className="btn btn-primary" href="/settings/members">
          See who can change this
        </Link>
        <Link className="btn" href="/studio">
          Go to Studio
        </Link>
      </div>
    </div>
  );
}
