"use client";

import { useAction } from "#client/action.ts";
import { abandonUpdate, type SessionGit, updateFromBase } from "#client/git.ts";
import { conflictMessage } from "#client/review.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const HEADS = "refs/heads/";

/** Brings in what has come on the base branch, and says which files wait for a decision then. */
export function UpdateCard({
  repository: { folder, base },
  work: { files, merging },
  onDone,
}: {
  repository: SessionGit;
  work: NonNullable<SessionGit["work"]>;
  onDone: () => void;
}) {
  const { session, disabledReason } = useOpened();
  const { outbox } = useSessionState();
  const update = useAction(async () => {
    await updateFromBase(session.id, folder);
    onDone();
  }, "Couldn't update");
  const abandon = useAction(async () => {
    await abandonUpdate(session.id, folder);
    onDone();
  }, "Couldn't abandon the update");
  const off = disabledReason.drive;
  if (!base.ref?.startsWith(HEADS)) return null;
  const branch = base.ref.slice(HEADS.length);
  const conflicts = files.filter(({ staged }) => staged === "U").map(({ path }) => path);
  if (!merging)
    return (
      <div className="grid gap-2">
        <ActionProblem failure={update.failure} />
        <div className="flex items-center gap-3">
          <Button action={update} busy="Updating" off={off !== undefined} title={off}>
            Update from {branch}
          </Button>
          {update.done && <output>Up to date with {branch}</output>}
        </div>
      </div>
    );
  return (
    <Notice
      tone="warning"
      title={conflicts.length > 0 ? `The update from ${branch} has conflicts` : "The update waits"}
    >
      {conflicts.length > 0 ? (
        <ul aria-label="Conflicts" className="fact">
          {conflicts.map((path) => (
            <li key={path} className="wrap-anywhere">
              {path}
            </li>
          ))}
        </ul>
      ) : (
        <p>Its conflicts are resolved. Commit it, or abandon it.</p>
      )}
      <ActionProblem failure={abandon.failure} />
      <div className="flex flex-wrap gap-2 pt-2">
        {conflicts.length > 0 && (
          <Button
            look="primary"
            off={off !== undefined}
            title={off}
            onClick={() => outbox.send.run(conflictMessage(folder, conflicts))}
          >
            Have the agent resolve them
          </Button>
        )}
        <Button action={abandon} busy="Going back" off={off !== undefined} title={off}>
          Abandon the update
        </Button>
      </div>
    </Notice>
  );
}
