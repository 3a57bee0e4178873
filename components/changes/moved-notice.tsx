"use client";

import { useAction } from "#client/action.ts";
import { compareProject, type ProjectChanges, updateWorkspaceProject } from "#client/project-changes.ts";
import { plural } from "#domain/plural.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Says that the project has changed since it was pulled, and how to go on. */
export function MovedNotice({
  project: { environment, base, revision, changes },
  off,
  onDone,
  onSend,
}: {
  project: ProjectChanges;
  /** Why the reader may not. */
  off: string | undefined;
  onDone: () => void;
  onSend: () => void;
}) {
  const { session } = useOpened();
  const both = changes.filter(({ moved }) => moved).length;
  const update = useAction(async () => {
    await updateWorkspaceProject(session.id);
    onDone();
  }, "Couldn't update the workspace");
  const compare = useAction(async () => {
    await compareProject(session.id, revision);
    onDone();
  }, "Couldn't compare with the latest revision");
  const rest = { size: "sm", off: off !== undefined, title: off } as const;
  return (
    <Notice
      tone="warning"
      title={`${environment === "production" ? "Production" : "Development"} is at revision ${revision}; this session pulled ${base}`}
      actions={
        both > 0 ? (
          <>
            <Button {...rest} onClick={onSend}>
              Have the agent merge
            </Button>
            <Button {...rest} action={compare} busy="Comparing">
              Compare with revision {revision}
            </Button>
          </>
        ) : (
          <Button {...rest} action={update} busy="Updating">
            Update the workspace
          </Button>
        )
      }
    >
      <p>
        {both > 0
          ? `${both} ${plural(both, "definition", "definitions")} changed on both sides. Open ${plural(both, "it", "them")} to see all three versions. Nothing is pushed until that's settled.`
          : "What others have changed doesn't touch these definitions. Bring it into the workspace, then push."}
      </p>
      <ActionProblem failure={update.failure ?? compare.failure} />
    </Notice>
  );
}
