"use client";

import { Menu } from "@base-ui/react/menu";
import { Archive, ArchiveRestore, Ellipsis, Link as LinkIcon, PencilLine } from "lucide-react";
import { useRef, useState } from "react";
import { archiveSession, asApiError } from "../../lib/client/api.ts";
import { showToast } from "../../lib/client/toast.ts";
import { isLive } from "../../lib/domain/lifecycle.ts";
import type { ListedSession } from "../../lib/domain/session.ts";
import { RenameDialog } from "./rename-dialog.tsx";

/** What can be done with a session in the list: rename it, put it away, copy its link. */
export function SessionMenu({ session }: { session: ListedSession }) {
  const [renaming, setRenaming] = useState(false);
  const layer = useRef<HTMLDivElement>(null);
  const live = isLive(session.status);
  const archived = session.archivedAt !== null;
  const archive = async (away: boolean) => {
    try {
      await archiveSession(session.id, away);
      showToast(away ? `Archived “${session.title}”` : `Restored “${session.title}”`, {
        name: "Undo",
        run: () => void archive(!away),
      });
    } catch (error) {
      const why = asApiError(error).message;
      showToast(
        away ? `Couldn't archive “${session.title}”. ${why}` : `Couldn't restore “${session.title}”. ${why}`,
      );
    }
  };
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(new URL(`/studio/${session.id}`, window.location.href).href);
      showToast("Link copied");
    } catch (error) {
      console.warn("The link cannot be copied", error);
      showToast("Your browser blocked copying. Open the session and copy its URL.");
    }
  };
  return (
    <>
      <Menu.Root>
        <Menu.Trigger
          className="btn btn-quiet btn-sm btn-icon"
          aria-label={`More actions for ${session.title}`}
        >
          <Ellipsis className="i i-sm" aria-hidden="true" />
        </Menu.Trigger>
        <div ref={layer} className="contents" />
        <Menu.Portal container={layer}>
          <Menu.Positioner positionMethod="fixed" align="end" sideOffset={4} className="z-40">
            <Menu.Popup className="menu w-48">
              <Menu.Item className="option" onClick={() => setRenaming(true)}>
                <PencilLine className="i i-sm text-ink-3" aria-hidden="true" />
                Rename
              </Menu.Item>
              <Menu.Item className="option" onClick={() => void copy()}>
                <LinkIcon className="i i-sm text-ink-3" aria-hidden="true" />
                Copy link
              </Menu.Item>
              <Menu.Item
                className="option"
                disabled={live}
                title={live ? "Stop the session first" : undefined}
                onClick={() => void archive(!archived)}
              >
                {archived ? (
                  <ArchiveRestore className="i i-sm text-ink-3" aria-hidden="true" />
                ) : (
                  <Archive className="i i-sm text-ink-3" aria-hidden="true" />
                )}
                {archived ? "Restore" : "Archive"}
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      {renaming && <RenameDialog session={session} onClose={() => setRenaming(false)} />}
    </>
  );
}
