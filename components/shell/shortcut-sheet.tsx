"use client";

import { X } from "lucide-react";
import { setSingleKeys, useSingleKeys } from "#client/single-keys.ts";
import { useCommandKey } from "#client/use-browser.ts";
import { buttonClass } from "../ui/button-class.ts";
import { cn } from "../ui/cn.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";

interface Shortcut {
  keys: string[];
  does: string;
  /** A single-key shortcut, which can be turned off. */
  single?: true;
}

const GROUPS = (command: string): { name: string; shortcuts: Shortcut[] }[] => [
  {
    name: "Everywhere",
    shortcuts: [
      { keys: [command, "K"], does: "Search or run" },
      { keys: ["C"], does: "New session", single: true },
      { keys: ["/"], does: "Filter the list", single: true },
      { keys: ["?"], does: "All shortcuts", single: true },
      { keys: ["Esc"], does: "Close the dialog" },
    ],
  },
  {
    name: "In a session",
    shortcuts: [
      { keys: [command, "⏎"], does: "Send or start" },
      { keys: [command, "."], does: "Go to what's waiting for you" },
      { keys: ["A"], does: "Allow once (card focused)" },
      { keys: ["S"], does: "Always allow in this session (card focused)" },
      { keys: ["D"], does: "Deny (card focused)" },
      { keys: ["1…9"], does: "Choose an answer (card focused)" },
      { keys: ["⏎"], does: "Send the answer (card focused)" },
      { keys: ["Esc"], does: "Stop the run" },
      { keys: ["J", "K"], does: "Move between transcript entries", single: true },
      { keys: [command, "⇧", "F"], does: "Find in the transcript" },
    ],
  },
  {
    name: "In approvals",
    shortcuts: [
      { keys: ["J", "K"], does: "Move between requests", single: true },
      { keys: ["A", "S", "D"], does: "Allow once, always allow, deny (card focused)" },
    ],
  },
  {
    name: "In the inspector",
    shortcuts: [
      { keys: ["↑", "↓"], does: "Previous, next event (list focused)" },
      { keys: ["G G", "⇧ G"], does: "First, last event (list focused)" },
      { keys: ["[", "]"], does: "Previous, next run (list focused)" },
      { keys: ["⏎"], does: "To the event's details (list focused)" },
      { keys: ["F"], does: "Follow new events", single: true },
      { keys: [command, "F"], does: "Find in events" },
    ],
  },
  {
    name: "Workspace",
    shortcuts: [
      { keys: ["Alt", "1…4"], does: "Files, Diff, Terminal, Preview" },
      { keys: ["Alt", "J"], does: "Toggle the dock" },
      { keys: ["↑", "↓"], does: "Move in files and lists" },
      { keys: [command, "S"], does: "Save the file" },
      { keys: [command, "F"], does: "Find in the file" },
    ],
  },
];

/** Every shortcut, and the switch for those of one key. */
export function ShortcutSheet({ onClose }: { onClose: () => void }) {
  const command = useCommandKey();
  const single = useSingleKeys();
  return (
    <Dialog
      onClose={onClose}
      className="max-h-[86dvh] w-[640px] overflow-auto"
      title={
        <div className="flex items-center">
          <DialogTitle className="text-title font-semibold">Keyboard shortcuts</DialogTitle>
          <DialogClose className={buttonClass({ look: "quiet", icon: true }, "ml-auto")} aria-label="Close">
            <Icon as={X} />
          </DialogClose>
        </div>
      }
    >
      <div className="mt-3 grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {GROUPS(command).map((group) => (
          <section key={group.name} aria-label={group.name}>
            <h3 className="label mb-1">{group.name}</h3>
            <dl>
              {group.shortcuts.map(({ keys, does, single: one }) => (
                <div
                  key={does}
                  className={cn(
                    "flex min-h-7 items-center gap-3",
                    one && !single && "text-ink-3 line-through",
                  )}
                >
                  <dt className="flex-1">{does}</dt>
                  <dd className="flex gap-1">
                    {keys.map((key) => (
                      <Kbd key={key} isText>
                        {key}
                      </Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <label className="mt-4 flex items-center gap-2 border-t border-line pt-3">
        <input type="checkbox" checked={single} onChange={(event) => setSingleKeys(event.target.checked)} />
        Single-key shortcuts
      </label>
    </Dialog>
  );
}
