"use client";

import { ArrowLeft, X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type NotificationRow, useNotifications } from "#client/live-notifications.ts";
import { readNotifications } from "#client/notifications.ts";
import { KIND_WORDS } from "#domain/deliveries.ts";
import { type Me, RequestDetail } from "../approvals/request-detail.tsx";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Empty } from "../ui/card.tsx";
import { cn } from "../ui/cn.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Glyph, type GlyphName } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { Live } from "../ui/live.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** What the reader was told; what waits for them is answered here. */
export function NotificationsPanel({ me, onClose }: { me: Me; onClose: () => void }) {
  return (
    <Dialog
      onClose={onClose}
      className="flex max-h-[86dvh] w-[640px] flex-col overflow-hidden p-0"
      title={
        <div className="flex flex-none items-center border-b border-line py-2 pr-2 pl-4">
          <DialogTitle className="text-title font-semibold">Notifications</DialogTitle>
          <Link className="link ml-auto text-small" href="/settings/notifications" onClick={() => onClose()}>
            Settings
          </Link>
          <DialogClose className={buttonClass({ look: "quiet", icon: true }, "ml-2")} aria-label="Close">
            <Icon as={X} />
          </DialogClose>
        </div>
      }
    >
      <div className="min-h-0 overflow-auto">
        <Live refused="Couldn't load the notifications" meanwhile="agents keep waiting for an answer">
          <Told me={me} onClose={onClose} />
        </Live>
      </div>
    </Dialog>
  );
}

type Waiting = NotificationRow & { kind: "approval" | "question"; runId: string; key: string };

/** True of what can be answered still. */
const isWaiting = (row: NotificationRow): row is Waiting =>
  (row.kind === "approval" || row.kind === "question") &&
  row.goneAt === null &&
  row.runId !== null &&
  row.key !== null;

function Told({ me, onClose }: { me: Me; onClose: () => void }) {
  const pages = useNotifications();
  const [shown, setShown] = useState<Waiting>();
  const read = useAction(readNotifications, "Couldn't mark it as read");
  if (shown)
    return (
      <div className="px-4 pt-2 pb-4">
        <Button look="quiet" className="mb-2" onClick={() => setShown(undefined)}>
          <Icon as={ArrowLeft} />
          All notifications
        </Button>
        <RequestDetail key={shown.id} request={shown} me={me} onDone={() => setShown(undefined)} />
      </div>
    );
  if (!pages.loading && pages.rows.length === 0)
    return (
      <Empty title="No notifications yet">
        When an agent needs you, or a run of yours ends, it appears here.
      </Empty>
    );
  return (
    <>
      <div className="flex items-center px-4 py-2">
        <ActionProblem failure={read.failure} />
        <Button size="sm" className="ml-auto" action={{ run: () => read.run(), pending: read.pending }}>
          Mark all as read
        </Button>
      </div>
      <ul aria-label="Notifications, newest first">
        {pages.rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            onOpen={() => {
              if (row.readAt === null) read.run(row.id);
              if (isWaiting(row)) setShown(row);
              else onClose();
            }}
          />
        ))}
      </ul>
      <MoreRows pages={pages} names={{ one: "notification", other: "notifications" }} />
    </>
  );
}

const rowClass =
  "grid w-full gap-0.5 border-t border-line px-4 py-2.5 text-start -outline-offset-2 hover:bg-hover max-sm:min-h-11";

/** Opens the request here where it can be answered, else its session. */
function Row({ row, onOpen }: { row: NotificationRow; onOpen: () => void }) {
  const waits = isWaiting(row);
  const text = (
    <>
      <span className="flex items-center gap-2">
        <Glyph name={glyphOf(row)} className={cn("flex-none", waits && "text-warning")} />
        <span className={cn("truncate", row.readAt === null && row.goneAt === null && "font-semibold")}>
          {KIND_WORDS[row.kind]}: {row.title}
        </span>
        <span className="ml-auto text-small whitespace-nowrap text-ink-3">
          <Ago at={row.at} />
        </span>
      </span>
      <span className="line-clamp-2 text-small wrap-anywhere text-ink-2">{row.text}</span>
      {row.goneAt !== null && <span className="text-small text-ink-3">Nobody waits any more</span>}
      {row.readAt === null && row.goneAt === null && <span className="sr-only">Unread</span>}
    </>
  );
  return (
    <li data-testid="notification">
      {waits ? (
        <button type="button" className={rowClass} onClick={onOpen}>
          {text}
        </button>
      ) : (
        <Link className={rowClass} href={`/studio/${row.sessionId}`} onClick={onOpen}>
          {text}
        </Link>
      )}
    </li>
  );
}

function glyphOf({ kind, goneAt }: NotificationRow): GlyphName {
  if (goneAt !== null || kind === "finished") return "done";
  return kind === "failed" ? "error" : "waiting";
}
