import {
  CircleHelp,
  GitBranch,
  Globe,
  type LucideIcon,
  Play,
  Save,
  ShieldQuestion,
  Sparkles,
  Ellipsis,
  Terminal,
  TriangleAlert,
  User,
  Wrench,
} from "lucide-react";
import type { Family } from "#domain/inspector.ts";

/** How a family of events looks. */
export const FAMILY_LOOKS: Record<Family, { icon: LucideIcon; className: string }> = {
  message: { icon: User, className: "text-ink-2" },
  model: { icon: Sparkles, className: "text-info" },
  thinking: { icon: Ellipsis, className: "text-ink-3" },
  tool: { icon: Wrench, className: "text-info" },
  approval: { icon: ShieldQuestion, className: "text-warning" },
  checkpoint: { icon: Save, className: "text-success" },
  run: { icon: Play, className: "text-ink-2" },
  session: { icon: Terminal, className: "text-ink-3" },
  git: { icon: GitBranch, className: "text-ink-2" },
  network: { icon: Globe, className: "text-ink-2" },
  error: { icon: TriangleAlert, className: "text-danger" },
  other: { icon: CircleHelp, className: "text-ink-3" },
};
