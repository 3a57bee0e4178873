"use client";

import { ArrowLeft, GitCompare, PanelRightOpen, Power, Square } from "lucide-react";
import { NARROW, useMedia } from "#client/use-browser.ts";
import { SessionStatus } from "../sessions/imported.tsx";
import { SessionMenu } from "../sessions/session-menu.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Kbd } from "../ui/kbd.tsx";
import { MenuItem } from "../ui/menu.tsx";
import { Crumbs, crumbHereClass, pageTopClass } from "../ui/page-frame.tsx";
import { useBranching } from "./branching.tsx";
import { IdleCountdown } from "./idle-countdown.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";
import { ChangesMark } from "../changes/changes-mark.tsx";
import { SavedIndicator } from "./saved-indicator.tsx";
import { StreamIndicator } from "./stream-indicator.tsx";

/** No room for the countdown beside the title. */
const SMALL = "(max-width: 767px)";

/** Title, status, stream, Stop while a run is at work, and the session's menu. */
export function SessionHeader() {
  const { session, disabledReason } = useOpened();
  const { view, title, live, panels, setLayer, interrupt, end } = useSessionState();
  const branching = useBranching();
  const resting = view.status === "idle" || view.status === "ready";
  const narrow = useMedia(NARROW);
  const small = useMedia(SMALL);
  const whyNot = disabledReason.drive ?? (end.pending ? "Ending" : undefined);
  const counts = live && resting;
  return (
    <>
      <header className={pageTopClass}>
        <ButtonLink look="quiet" icon className="sm:hidden" href="/sessions" aria-label="Sessions">
          <Icon as={ArrowLeft} />
        </ButtonLink>
        <div className="flex min-w-0 items-center gap-2.5 max-sm:flex-1 max-sm:flex-col max-sm:items-start max-sm:gap-0.5">
          <Crumbs
            className="max-w-full"
            above={[{ name: "Sessions", href: "/sessions", hiddenOnPhone: true }]}
          >
            <h1 aria-current="page" className={crumbHereClass} title={title}>
              {title}
            </h1>
          </Crumbs>
          <span className="flex max-w-full min-w-0 items-center gap-2">
            <SessionStatus
              session={{
                ...session,
                status: view.status,
                waitingFor: view.waitingFor,
                waitDetail: view.waitDetail ?? null,
                queuePlace: view.queuePlace ?? null,
              }}
              testId="session-status"
            />
            {narrow && <StreamIndicator />}
            {small && <SavedIndicator short />}
          </span>
        </div>
        <div className="ml-auto flex items-center gap-3">
          {counts && !small && <IdleCountdown />}
          <ChangesMark short={small} />
          {!small && <SavedIndicator />}
          {!narrow && <StreamIndicator />}
          {live && interrupt.possible && (
            <Button
              look="danger"
              off={whyNot !== undefined || interrupt.stopping}
              title={whyNot ?? "Stop the run; the session and its files stay"}
              onClick={interrupt.run}
            >
              <Icon as={Square} size="xs" />
              {interrupt.stopping ? "Stopping" : "Stop"}
              <Kbd className="max-sm:hidden">Esc</Kbd>
            </Button>
          )}
          <SessionMenu session={{ ...session, title, status: view.status }} canRename={whyNot === undefined}>
            {branching && (
              <MenuItem icon={GitCompare} onClick={branching.compare}>
                Compare checkpoints
              </MenuItem>
            )}
            {(live || view.waitingFor !== null) && (
              <MenuItem
                icon={Power}
                disabled={whyNot !== undefined}
                title={whyNot}
                onClick={() => setLayer("end")}
              >
                End session
              </MenuItem>
            )}
          </SessionMenu>
          {!panels.shown && (
            <Button
              look="quiet"
              icon
              className="max-two:hidden"
              aria-label="Open the workspace"
              title="Open the workspace (Alt 1)"
              onClick={() => panels.show(panels.layout.pane)}
            >
              <Icon as={PanelRightOpen} />
            </Button>
          )}
        </div>
      </header>
      {counts && small && (
        <IdleCountdown className="justify-between border-b border-line bg-warning-soft px-3 py-1" />
      )}
    </>
  );
}
