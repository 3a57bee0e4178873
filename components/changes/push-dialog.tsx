"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type ProjectChange, type ProjectChanges, pushProjectChanges } from "#client/project-changes.ts";
import { useResource } from "#client/resource.ts";
import { plural } from "#domain/plural.ts";
import { nameKey, nameText } from "#domain/project/kinds.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Check, Field } from "../ui/field.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Effects } from "./change-list.tsx";

/** Asks before chosen changes are pushed, and says what exactly they come to. */
export function PushDialog({
  project,
  chosen,
  onClose,
  onDone,
}: {
  project: ProjectChanges;
  chosen: readonly ProjectChange[];
  onClose: () => void;
  onDone: () => void;
}) {
  const { session } = useOpened();
  const { environment, base: revision } = project;
  const [deletes, setDeletes] = useState(false);
  const [typed, setTyped] = useState("");
  const definitions = chosen.map(({ kind, slug, hash }) => ({ kind, slug, seen: hash }));
  const deletions = chosen.filter(({ change }) => change === "deleted");
  const plan = useResource(
    ["project-plan", session.id, revision, chosen.map((one) => `${nameKey(one)} ${one.hash}`).join()],
    async () => await pushProjectChanges(session.id, { revision, definitions, dryRun: true }),
    { forget: true },
  );
  const push = useAction(async () => {
    await pushProjectChanges(session.id, {
      revision,
      definitions,
      ...(deletions.length > 0 && { allowDeletions: deletes }),
      ...(environment === "production" && { confirm: typed.trim() }),
    });
    onDone();
  }, "Couldn't push");
  const blocked =
    deletions.length > 0 && !deletes
      ? "Confirm the deletions first."
      : environment === "production" && typed.trim() !== "production"
        ? "Type production first."
        : undefined;
  return (
    <Dialog
      className="max-h-[85dvh] w-[520px] overflow-auto"
      onClose={onClose}
      title={
        <DialogTitle className="text-base font-semibold">
          Push {chosen.length} {plural(chosen.length, "change", "changes")} to {environment}?
        </DialogTitle>
      }
    >
      <form
        className="mt-2 grid grid-cols-[minmax(0,1fr)] gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (blocked === undefined) push.run();
        }}
      >
        {plan.data ? (
          <>
            <p className="text-ink-2">
              {plan.data.created.length} new, {plan.data.updated.length} changed, {plan.data.deleted.length}{" "}
              deleted. You can take it back afterwards.
            </p>
            {plan.data.effects.length > 0 ? (
              <Effects effects={plan.data.effects} />
            ) : (
              <p className="text-small text-ink-2">
                No permissions widen, no triggers newly fire, and every reference exists.
              </p>
            )}
          </>
        ) : plan.problem ? (
          <ReadProblem of={plan} title="Couldn't work out what this means" />
        ) : (
          <Loading>Working out what this means</Loading>
        )}
        {deletions.length > 0 && (
          <label className="flex items-start gap-2">
            <Check
              type="checkbox"
              className="mt-0.5"
              checked={deletes}
              onChange={() => setDeletes(!deletes)}
            />
            <span className="wrap-anywhere">
              Delete {deletions.slice(0, 20).map(nameText).join(", ")}
              {deletions.length > 20 && ` and ${deletions.length - 20} more`} from {environment}
            </span>
          </label>
        )}
        {environment === "production" && (
          <Field
            fact
            label="Type production to confirm"
            value={typed}
            onChange={({ target }) => setTyped(target.value)}
          />
        )}
        <ActionProblem failure={push.failure} />
        <div className="flex flex-wrap gap-2">
          <DialogClose className={buttonClass()}>Cancel</DialogClose>
          <Button
            type="submit"
            look="primary"
            off={blocked !== undefined || push.pending || !plan.data}
            title={blocked}
          >
            {push.pending ? "Pushing" : `Push to ${environment}`}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
