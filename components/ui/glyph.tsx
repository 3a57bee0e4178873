import { cn } from "./cn.ts";

export type GlyphName =
  | "provisioning"
  | "ready"
  | "active"
  | "waiting"
  | "idle"
  | "stopped"
  | "error"
  | "done"
  | "denied"
  | "said";

const SHAPES: Record<GlyphName, React.ReactNode> = {
  provisioning: (
    <circle
      cx="5"
      cy="5"
      r="3.75"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeDasharray="2.6 1.4"
    />
  ),
  ready: <circle cx="5" cy="5" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  active: <circle cx="5" cy="5" r="4.5" fill="currentColor" />,
  waiting: <rect x="1.9" y="1.9" width="6.2" height="6.2" transform="rotate(45 5 5)" fill="currentColor" />,
  idle: (
    <>
      <circle cx="5" cy="5" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="M5 1.25a3.75 3.75 0 0 0 0 7.5z" fill="currentColor" />
    </>
  ),
  stopped: (
    <rect x="1.25" y="1.25" width="7.5" height="7.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
  ),
  error: <path d="M5 .6 9.8 9.2H.2z" fill="currentColor" />,
  done: <path d="M1.4 5.4 4 8l4.6-6" fill="none" stroke="currentColor" strokeWidth="1.8" />,
  denied: (
    <>
      <circle cx="5" cy="5" r="3.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
      <path d="m2.4 7.6 5.2-5.2" stroke="currentColor" strokeWidth="1.5" />
    </>
  ),
  said: <rect x="2.5" y="2.5" width="5" height="5" fill="currentColor" />,
};

/** A status mark of 10 px. It goes beside a word, so that it says nothing itself. */
export function Glyph({ name, className = "" }: { name: GlyphName; className?: string }) {
  return (
    <svg
      className={cn(
        "size-2.5 flex-none text-(--c,currentColor)",
        name === "provisioning" && "turn",
        className,
      )}
      viewBox="0 0 10 10"
      aria-hidden="true"
    >
      {SHAPES[name]}
    </svg>
  );
}
