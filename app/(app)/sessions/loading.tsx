import { cardClass } from "#components/ui/card.tsx";
import { cn } from "#components/ui/cn.ts";
import { PageMain, pageTopClass } from "#components/ui/page-frame.tsx";

/** The list's shape, while it is read. */
export default function Loading() {
  return (
    <PageMain aria-busy="true">
      <header className={pageTopClass}>
        <p className="font-semibold">Sessions</p>
      </header>
      <div className="bones px-6 pt-5">
        <p className="sr-only">Loading sessions</p>
        <div className={cn(cardClass, "grid gap-6 p-4")} aria-hidden="true">
          {[62, 48, 70, 55, 40].map((width) => (
            <span key={width} className="bone" style={{ width: `${width}%` }} />
          ))}
        </div>
      </div>
    </PageMain>
  );
}
