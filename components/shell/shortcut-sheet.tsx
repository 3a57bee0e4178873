"use client";

import { Dialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { setSingleKeys, useSingleKeys } from "../../lib/client/single-keys.ts";
import { useCommandKey } from "../../lib/client/use-browser.ts";
import { shell as t } from "../../lib/client/messages/shell.ts";

interface Shortcut {
  keys: string[];
  does: string;
  /** One key alone, which can be turned off. */
  single?: true;
}

const GROUPS = (command: string): { name: string; shortcuts: Shortcut[] }[] => [
  {
    name: t.everywhere,
    shortcuts: [
      { keys: [command, "K"], does: t.searchOrRun },
      { keys: ["C"], does: t.newSession, single: true },
      { keys: ["/"], does: t.filterTheList, single: true },
      { keys: ["?"], does: t.allShortcuts, single: true },
      { keys: [t.esc], does: t.closeTheTopLayer },
    ],
  },
  {
    name: t.inASession,
    shortcuts: [
      { keys: [command, "⏎"], does: t.sendOrStart },
      { keys: [command, "."], does: t.goToTheQuestionThat },
      { keys: ["A"], does: t.allowOnceWhileTheQuestion },
      { keys: ["S"], does: t.allowForTheSessionWhile },
      { keys: ["D"], does: t.denyWhileTheQuestionHas },
      { keys: ["1…9"], does: t.chooseAnAnswerWhile },
      { keys: ["⏎"], does: t.answerWhile },
      { keys: [t.esc], does: t.askToStopWhileThe },
      { keys: ["J", "K"], does: t.goFromEventToEvent, single: true },
      { keys: [command, "⇧", "F"], does: t.findInTheTranscript },
    ],
  },
  {
    name: t.workspace,
    shortcuts: [
      { keys: [t.alt, "1…4"], does: t.filesDiffTerminalPreview },
      { keys: [t.alt, "J"], does: t.openOrCloseTheDock },
      { keys: ["↑", "↓"], does: t.moveInFilesAndLists },
      { keys: [command, "S"], does: t.saveTheFile },
      { keys: [command, "F"], does: t.findInTheFile },
    ],
  },
];

/** Every shortcut, and the switch for those of one key. */
export function ShortcutSheet({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const command = useCommandKey();
  const single = useSingleKeys();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-scrim z-40" />
        <Dialog.Popup className="dialog sheet-wide z-50">
          <div className="flex items-center">
            <Dialog.Title className="text-title font-semibold">{t.keyboardShortcuts}</Dialog.Title>
            <Dialog.Close className="btn btn-quiet btn-icon ml-auto" aria-label={t.close}>
              <X className="i" aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="mt-3 grid gap-x-8 gap-y-4 sm:grid-cols-2">
            {GROUPS(command).map((group) => (
              <section key={group.name} aria-label={group.name}>
                <h3 className="label mb-1">{group.name}</h3>
                <dl>
                  {group.shortcuts.map(({ keys, does, single: one }) => (
                    <div
                      key={does}
                      className={`flex min-h-7 items-center gap-3 ${one && !single ? "text-ink-3 line-through" : ""}`}
                    >
                      <dt className="flex-1">{does}</dt>
                      <dd className="flex gap-1">
                        {keys.map((key) => (
                          <kbd key={key} className="kbd">
                            {key}
                          </kbd>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <label className="mt-4 flex items-center gap-2 border-t border-line pt-3">
            <input
              type="checkbox"
              checked={single}
              onChange={(event) => setSingleKeys(event.target.checked)}
            />
            {t.shortcutsOfASingleKey}
          </label>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
