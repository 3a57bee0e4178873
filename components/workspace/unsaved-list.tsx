import { FilePen } from "lucide-react";
import { Icon } from "../ui/icon.tsx";
import { treeRowClass } from "./side.tsx";

/** Files with unsaved text that no tree shows; nothing where there are none. */
export function UnsavedList({
  paths,
  selected,
  onSelect,
}: {
  paths: readonly string[];
  selected: string | null;
  onSelect: (path: string) => void;
}) {
  if (paths.length === 0) return null;
  return (
    <section aria-label="Unsaved files" className="flex-none border-b border-line p-1.5 text-small">
      <h3 className="label px-1.5 pb-1">Unsaved files</h3>
      <ul className="max-h-40 overflow-auto">
        {paths.map((path) => (
          <li key={path}>
            <button
              type="button"
              className={treeRowClass}
              aria-current={path === selected || undefined}
              title={path}
              onClick={() => onSelect(path)}
            >
              <Icon as={FilePen} size="sm" className="ml-1 text-accent" />
              <span className="min-w-0 flex-1 truncate text-start">{path}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
