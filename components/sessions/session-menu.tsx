"use client";

import {
  Archive,
  ArchiveRestore,
  Ellipsis,
  FileDown,
  Link as LinkIcon,
  PencilLine,
  ScanSearch,
} from "lucide-react";
import { type ReactNode, useState } from "react";
import { archiveSession, asApiError } from "#client/api.ts";
import { showToast } from "#client/toast.ts";
import { useCopy } from "#client/use-copy.ts";
import { isLive } from "#domain/lifecycle.ts";
import type { ListedSession } from "#domain/session.ts";
import { buttonClass } from "../ui/button-class.ts";
import { Icon } from "../ui/icon.tsx";
import { Menu, MenuItem, MenuLink, MenuTrigger } from "../ui/menu.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { RenameDialog } from "./rename-dialog.tsx";

/** Puts a session away, or back. How it went is said in a corner: the row may be gone by then. */
async function archive({ id, title }: Pick<ListedSession, "id" | "title">, away: boolean): Promise<void> {
  try {
    await archiveSession(id, away);
    showToast(`${away ? "Archived" : "Restored"} “${title}”`, {
      name: "Undo",
      run: () => void archive({ id, title }, !away),
    });
  } catch (error) {
    showToast(`Couldn't ${away ? "archive" : "restore"} “${title}”. ${asApiError(error).message}`);
  }
}

/** What can be done with a session: rename it, put it away, copy its link, export it, and what its page adds. */
export function SessionMenu({
  session,
  canRename = true,
  children,
}: {
  session: Pick<ListedSession, "id" | "title" | "status" | "archivedAt">;
  canRename?: boolean;
  /** Further acts, at its end. */
  children?: ReactNode;
}) {
  const [renaming, setRenaming] = useState(false);
  const [exporting, setExporting] = useState(false);
  const { copy } = useCopy();
  const live = isLive(session.status);
  const archived = session.archivedAt !== null;
  const copyLink = async () => {
    const done = await copy(new URL(`/studio/${session.id}`, window.location.href).href);
    showToast(done ? "Link copied" : "Your browser blocked copying. Open the session and copy its URL.");
  };
  return (
    <>
      <Menu
        side="below"
        trigger={
          <MenuTrigger
            className={buttonClass({ look: "quiet", size: "sm", icon: true })}
            aria-label={`More actions for ${session.title}`}
          >
            <Icon as={Ellipsis} size="sm" />
          </MenuTrigger>
        }
      >
        <MenuItem icon={PencilLine} disabled={!canRename} onClick={() => setRenaming(true)}>
          Rename
        </MenuItem>
        <MenuItem icon={LinkIcon} onClick={() => void copyLink()}>
          Copy link
        </MenuItem>
        <MenuLink icon={ScanSearch} href={`/sessions/${session.id}/inspect`}>
          Inspect
        </MenuLink>
        <MenuItem icon={FileDown} onClick={() => setExporting(true)}>
          Export
        </MenuItem>
        <MenuItem
          icon={archived ? ArchiveRestore : Archive}
          disabled={live}
          title={live ? "End the session first" : undefined}
          onClick={() => void archive(session, !archived)}
        >
          {archived ? "Restore" : "Archive"}
        </MenuItem>
        {children}
      </Menu>
      {exporting && <ExportDialog session={session} onClose={() => setExporting(false)} />}
      {renaming && <RenameDialog session={session} onClose={() => setRenaming(false)} />}
    </>
  );
}
