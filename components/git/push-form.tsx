"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { push, type SessionGit } from "#client/git.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { Field } from "../ui/field.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** The session's commits, and the branch that they are pushed to. */
export function PushForm({
  repository,
  commits,
  onDone,
}: {
  repository: SessionGit;
  commits: NonNullable<SessionGit["work"]>["commits"];
  onDone: () => void;
}) {
  const { session, disabledReason } = useOpened();
  const [branch, setBranch] = useState(repository.branch);
  const pushing = useAction(async () => {
    const named = branch.trim();
    await push(session.id, {
      folder: repository.folder,
      ...(named !== repository.branch && { branch: named }),
    });
    onDone();
  }, "Couldn't push");
  const blocked = disabledReason.drive ?? (branch.trim() === "" ? "Name a branch first." : undefined);
  return (
    <Card>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-3 p-3">
        <ul className="grid gap-1" aria-label="Commits">
          {commits.map(({ commit, subject }) => (
            <li key={commit} className="flex gap-2">
              <span className="fact text-ink-3">{commit.slice(0, 8)}</span>
              <span className="min-w-0 truncate">{subject}</span>
            </li>
          ))}
        </ul>
        <Field
          fact
          label="Branch"
          value={branch}
          onChange={({ target }) => setBranch(target.value)}
          maxLength={200}
          hint="This session's own, or a new one of another name."
        />
        <ActionProblem failure={pushing.failure} />
        <div className="flex items-center gap-3">
          <Button look="primary" action={pushing} busy="Pushing" off={blocked !== undefined} title={blocked}>
            Push
          </Button>
          {pushing.done && <output>Pushed</output>}
        </div>
      </div>
    </Card>
  );
}
