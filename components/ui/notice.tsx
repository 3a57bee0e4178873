import { CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./cn.ts";
import { Icon } from "./icon.tsx";
import { TONES } from "./tones.ts";

const KINDS = {
  info: { role: TONES.info, icon: Info },
  done: { role: TONES.success, icon: CircleCheck },
  warning: { role: TONES.warning, icon: TriangleAlert },
  error: { role: TONES.danger, icon: TriangleAlert },
};
export type Tone = keyof typeof KINDS;

/** What happened, what it means, and what to do. `requestId` finds a fault of ours in the server's log. */
export function Notice({
  tone,
  title,
  children,
  actions,
  requestId,
  alert = false,
}: {
  tone: Tone;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  requestId?: string | undefined;
  /** Speaks at once, for an answer to what the person just did. */
  alert?: boolean;
}) {
  const { role, icon } = KINDS[tone];
  return (
    <div
      className={cn(
        "relative flex gap-2.5 overflow-hidden rounded-md border border-(--c-line) bg-raised pt-[9px] pr-3 pb-2.5 pl-12",
        "before:absolute before:inset-y-0 before:left-0 before:w-9 before:border-r before:border-(--c-line) before:bg-(--c-soft)",
        role,
      )}
      role={alert ? "alert" : undefined}
    >
      <Icon as={icon} className="absolute top-[11px] left-2.5 text-(--c)" />
      <div className="min-w-0 flex-1 wrap-anywhere text-ink-2">
        <p className="font-semibold text-ink">{title}</p>
        {children}
        {actions && <div className="mt-2 flex flex-wrap gap-2">{actions}</div>}
        {requestId && (
          <p className="mt-1 text-small">
            Request <span className="fact">{requestId}</span>
          </p>
        )}
      </div>
    </div>
  );
}
