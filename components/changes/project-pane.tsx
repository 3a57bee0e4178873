"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { useProjectCounts } from "#client/live.tsx";
import {
  discardProjectChanges,
  lookAtProject,
  type ProjectChange,
  type ProjectChanges,
  readProjectChanges,
  takeBackPush,
} from "#client/project-changes.ts";
import { useResource } from "#client/resource.ts";
import { plural } from "#domain/plural.ts";
import { faultText } from "#domain/project/fault-text.ts";
import { nameKey, nameText } from "#domain/project/kinds.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Empty } from "../ui/card.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { PaneBar } from "../ui/pane-bar.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { ChangeList } from "./change-list.tsx";
import { MovedNotice } from "./moved-notice.tsx";
import { PushDialog } from "./push-dialog.tsx";
import { SendBackDialog } from "./send-back-dialog.tsx";

/** Problems that are listed. */
const SHOWN_FAULTS = 20;

/** What the session has changed of the project, and how it leaves: pushed, sent back, or discarded. */
export function ProjectPane() {
  const { session } = useOpened();
  const counts = useProjectCounts(session.id);
  const read = useResource(
    ["project-changes", session.id, counts?.at, counts?.changes, counts?.faults, counts?.revision],
    async () => await readProjectChanges(session.id),
    { keep: true },
  );
  if (!read.data)
    return read.problem ? (
      <div className="p-4">
        <ReadProblem of={read} title="Couldn't read the changes" />
      </div>
    ) : (
      <Loading className="p-4">Comparing with the project</Loading>
    );
  return <Changes project={read.data} read={read} />;
}

function Changes({
  project,
  read,
}: {
  project: ProjectChanges;
  read: ReturnType<typeof useResource<ProjectChanges>>;
}) {
  const { session, disabledReason } = useOpened();
  const { live } = useSessionState();
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [deletions, setDeletions] = useState<ReadonlySet<string>>(new Set());
  const [layer, setLayer] = useState<"push" | "send" | "discard">();
  const { changes, environment, base, revision, faults, pushed } = project;
  const kept = changes.filter(({ change }) => change !== "deleted");
  const gone = changes.filter(({ change }) => change === "deleted");
  const isChosen = (one: ProjectChange) =>
    one.change === "deleted" ? deletions.has(nameKey(one)) : !left.has(nameKey(one));
  const chosen = changes.filter(isChosen);
  const look = useAction(async () => {
    if (live) await lookAtProject(session.id);
    read.retry();
  }, "Couldn't compare the workspace");
  const discard = useAction(async () => {
    await discardProjectChanges(
      session.id,
      chosen.map(({ kind, slug }) => ({ kind, slug })),
    );
    read.retry();
  }, "Couldn't discard the changes");
  const takeBack = useAction(async () => {
    if (pushed !== null) await takeBackPush(session.id, pushed);
    read.retry();
  }, "Couldn't take the push back");
  const toggled = (keys: ReadonlySet<string>, key: string) => {
    const next = new Set(keys);
    if (!next.delete(key)) next.add(key);
    return next;
  };
  const isMoved = base !== revision;
  const none = chosen.length === 0 ? "Choose a change first." : undefined;
  const drive = disabledReason.drive ?? (live ? undefined : "The session has ended.");
  const blocked = disabledReason.push ?? (isMoved ? "The project has changed since it was pulled." : none);
  const effects = (of: readonly ProjectChange[]) => ({
    changes: of,
    effects: project.effects,
    chosen: new Set(chosen.map(nameKey)),
  });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PaneBar>
        <span className="text-ink-2">
          Compared with {environment} <span className="fact">rev {base}</span>
        </span>
        <span className="ml-auto inline-flex flex-wrap gap-2">
          <Button size="sm" action={look} busy="Comparing" off={disabledReason.drive !== undefined && live}>
            Refresh
          </Button>
          {changes.length > 0 && (
            <Button
              size="sm"
              look="primary"
              off={blocked !== undefined}
              title={blocked}
              onClick={() => setLayer("push")}
            >
              Push {chosen.length} to {environment}
            </Button>
          )}
        </span>
      </PaneBar>
      <ScrollRegion className="min-h-0 min-w-0 flex-1 overflow-auto" label="Changes to push">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3 empty:hidden">
          <ReadProblem of={read} title="Couldn't read the changes" />
          <ActionProblem failure={look.failure ?? discard.failure ?? takeBack.failure} />
          {pushed !== null && (
            <Notice
              tone="done"
              title={`Pushed to ${environment} as revision ${pushed}`}
              actions={
                <Button
                  size="sm"
                  action={takeBack}
                  busy="Taking back"
                  off={disabledReason.push !== undefined}
                  title={disabledReason.push}
                >
                  Take back
                </Button>
              }
            />
          )}
          {project.problem !== null && (
            <Notice tone="warning" title="The workspace couldn't be compared">
              <p>{project.problem}</p>
            </Notice>
          )}
          {isMoved && changes.length > 0 && (
            <MovedNotice project={project} off={drive} onDone={read.retry} onSend={() => setLayer("send")} />
          )}
          {faults.length > 0 && (
            <Notice
              tone="warning"
              title={`${faults.length} ${plural(faults.length, "problem", "problems")} in the files`}
              actions={
                <Button size="sm" off={drive !== undefined} title={drive} onClick={() => setLayer("send")}>
                  Send to the agent
                </Button>
              }
            >
              <ul className="grid gap-0.5" aria-label="Problems">
                {faults.slice(0, SHOWN_FAULTS).map((fault) => (
                  <li key={faultText(fault)} className="font-mono text-small wrap-anywhere">
                    {faultText(fault)}
                  </li>
                ))}
              </ul>
              {faults.length > SHOWN_FAULTS && <p>And {faults.length - SHOWN_FAULTS} more.</p>}
            </Notice>
          )}
        </div>
        {changes.length === 0 ? (
          faults.length === 0 && (
            <Empty title="Nothing to push">
              What the agent or you change in agents, entity types, roles, and triggers shows up here after
              each turn, with what it means.
            </Empty>
          )
        ) : (
          <>
            <ChangeList
              label="Changed definitions"
              {...effects(kept)}
              onToggle={(key) => setLeft(toggled(left, key))}
            />
            {gone.length > 0 && (
              <section className="border-t border-line" aria-label="Deletions">
                <h3 className="px-3 pt-3 text-small font-semibold text-ink-2">
                  Not in the workspace any more
                </h3>
                <p className="px-3 text-small text-ink-2">Nothing is deleted unless you choose it.</p>
                <ChangeList
                  label="Deleted definitions"
                  {...effects(gone)}
                  onToggle={(key) => setDeletions(toggled(deletions, key))}
                />
              </section>
            )}
            {project.unlisted > 0 && (
              <p className="border-t border-line p-3 text-small text-ink-2">
                {project.unlisted} more {plural(project.unlisted, "change isn't", "changes aren't")} listed.
                Push them with the struere command.
              </p>
            )}
            <div className="flex flex-wrap gap-2 border-t border-line p-3">
              <Button
                size="sm"
                off={drive !== undefined || none !== undefined}
                title={drive ?? none}
                onClick={() => setLayer("send")}
              >
                Send back to the agent
              </Button>
              <Button
                size="sm"
                action={discard.pending ? discard : undefined}
                busy="Discarding"
                off={drive !== undefined || none !== undefined}
                title={drive ?? none}
                onClick={() => setLayer("discard")}
              >
                Discard {chosen.length}
              </Button>
            </div>
          </>
        )}
      </ScrollRegion>
      {layer === "push" && (
        <PushDialog
          project={project}
          chosen={chosen}
          onClose={() => setLayer(undefined)}
          onDone={() => {
            setLayer(undefined);
            read.retry();
          }}
        />
      )}
      {layer === "send" && (
        <SendBackDialog chosen={chosen} faults={faults.length} onClose={() => setLayer(undefined)} />
      )}
      <Confirm
        open={layer === "discard"}
        onClose={() => setLayer(undefined)}
        title={`Discard ${chosen.length} ${plural(chosen.length, "change", "changes")}?`}
        confirm="Discard"
        cancel="Keep them"
        onConfirm={() => discard.run()}
      >
        {chosen.slice(0, 5).map(nameText).join(", ")}
        {chosen.length > 5 && ` and ${chosen.length - 5} more`}: the files go back to what was pulled.
        Comments in them are lost.
      </Confirm>
    </div>
  );
}
