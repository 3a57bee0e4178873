import { CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

const TONES = {
  info: { role: "is-info", Icon: Info },
  done: { role: "is-success", Icon: CircleCheck },
  warning: { role: "is-warning", Icon: TriangleAlert },
  error: { role: "is-danger", Icon: TriangleAlert },
};
export type Tone = keyof typeof TONES;

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
  const { role, Icon } = TONES[tone];
  return (
    <div className={`notice ${role}`} role={alert ? "alert" : undefined}>
      <Icon className="i" aria-hidden="true" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold text-ink!">{title}</p>
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
