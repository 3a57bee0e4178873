"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { asApiError, type Models } from "#client/api.ts";
import { fetchModels } from "#client/branch.ts";
import { readRepeat, type RepeatPlan, repeatWith } from "#client/repeat.ts";
import { useResource } from "#client/resource.ts";
import { ModelCells } from "../start/model-cells.tsx";
import { titleBlockClass } from "../start/title-block.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { cn } from "../ui/cn.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Choice } from "../ui/select.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** Runs that can be chosen, the latest ones. */
const MAX_RUNS = 20;
const INPUT_CHARS = 80;
const NONE = "none";

/** Begins a session with what this one began with, once a person has seen what can't be had any more. */
export function RepeatDialog({ onClose }: { onClose: () => void }) {
  const { session } = useOpened();
  const plan = useResource(["repeat", session.id], async () => await readRepeat(session.id), {
    forget: true,
  });
  return (
    <Dialog
      onClose={onClose}
      className="max-h-[calc(100dvh-32px)] w-[520px] overflow-y-auto"
      title={<DialogTitle className="text-base font-semibold">Repeat this session</DialogTitle>}
    >
      <p className="mt-1 text-ink-2">
        Starts a new session with what this one began with: agent, skills, rules, MCP servers, model, and
        commits. Variables have the values they have now. This session stays as it is.
      </p>
      <Loaded
        resource={plan}
        failed="Couldn't check what can be repeated"
        loading={<Loading className="mt-3">Checking what can be repeated</Loading>}
      >
        {(loaded) => (
          <RepeatForm key={loaded.gaps.map(({ id }) => id).join()} plan={loaded} again={plan.retry} />
        )}
      </Loaded>
    </Dialog>
  );
}

/** The first model that can be chosen, where the session's own is gone. */
const firstModel = ({ default: first, providers }: Models) =>
  first ?? { provider: providers[0]?.id ?? "", model: providers[0]?.models[0]?.id ?? "" };

function OtherModel({
  choice,
  onChange,
}: {
  choice: { provider: string; model: string } | undefined;
  onChange: (choice: { provider: string; model: string }) => void;
}) {
  const models = useResource(["models"], fetchModels);
  return (
    <Loaded
      resource={models}
      failed="Couldn't load the models"
      loading={<Loading className="mt-3">Loading models</Loading>}
    >
      {(loaded) =>
        choice ? (
          <fieldset className={cn(titleBlockClass, "rounded-b-md border-b")} aria-label="Model of the repeat">
            <ModelCells models={loaded} {...choice} onChange={onChange} />
          </fieldset>
        ) : (
          <Button className="justify-self-start" onClick={() => onChange(firstModel(loaded))}>
            Choose a model
          </Button>
        )
      }
    </Loaded>
  );
}

function RepeatForm({ plan: { gaps }, again }: { plan: RepeatPlan; again: () => void }) {
  const router = useRouter();
  const { session } = useOpened();
  const { view } = useSessionState();
  const runs = view.runs.slice(-MAX_RUNS).toReversed();
  const [runId, setRunId] = useState(view.runs[0]?.id ?? NONE);
  const [choice, setChoice] = useState<{ provider: string; model: string }>();
  const isModelGone = gaps.some(({ kind }) => kind === "model");
  const repeating = useAction(async () => {
    const body = {
      accept: gaps.map(({ id }) => id),
      ...(runId !== NONE && { run_id: runId }),
      ...choice,
    };
    try {
      return await repeatWith(session.id, body, (path) => router.push(path));
    } catch (error) {
      // Something else has changed since: it is to be seen first.
      if (asApiError(error).code === "repeat_differs") again();
      throw error;
    }
  }, "Couldn't repeat the session");
  return (
    <form
      className="mt-3 grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        repeating.run();
      }}
    >
      {gaps.length === 0 ? (
        <p>Everything it began with can be had.</p>
      ) : (
        <section aria-labelledby="repeat-gaps">
          <h3 id="repeat-gaps" className="label mb-1">
            Not as it was
          </h3>
          <ul className="grid list-disc gap-1 pl-4">
            {gaps.map(({ id, detail }) => (
              <li key={id} className="wrap-anywhere">
                {detail}
              </li>
            ))}
          </ul>
        </section>
      )}
      {isModelGone && <OtherModel choice={choice} onChange={setChoice} />}
      <Choice
        label="Message to send"
        value={runId}
        onChange={setRunId}
        options={[
          ...runs.map(({ id, input }) => ({ value: id, name: input.trim().slice(0, INPUT_CHARS) })),
          { value: NONE, name: "None: the new session waits" },
        ]}
      />
      <ActionProblem failure={repeating.failure} />
      <div className="flex gap-2">
        <Button type="submit" look="primary" off={repeating.pending}>
          {repeating.pending ? "Starting" : gaps.length === 0 ? "Repeat" : "Repeat all the same"}
        </Button>
        <DialogClose className={buttonClass()}>Cancel</DialogClose>
      </div>
    </form>
  );
}
