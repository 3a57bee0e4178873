"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import type { Models } from "#client/api.ts";
import { branchWith, cheaperThan, fetchModels } from "#client/branch.ts";
import { useFormat } from "#client/locale.tsx";
import { parseCap } from "#client/money.ts";
import { useResource } from "#client/resource.ts";
import { BRANCH_OF } from "#domain/branches.ts";
import { Payer } from "../common/payer.tsx";
import { ModelCells } from "../start/model-cells.tsx";
import { titleBlockClass } from "../start/title-block.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { cn } from "../ui/cn.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

export interface BranchWish {
  title: string;
  /** The last event that the branch has. */
  fromSeq: number;
  /** What stands in the new session's field. */
  message: string;
  /** Proposes a model that costs less. */
  cheaper: boolean;
  /** Takes the agent as it is now, with this model, in place of as it was. */
  newest?: { provider: string; model: string };
}

/** Makes a session out of this one up to an event, on a model of one's choice. */
export function BranchDialog({ wish, onClose }: { wish: BranchWish; onClose: () => void }) {
  const models = useResource(["models"], fetchModels);
  return (
    <Dialog
      onClose={onClose}
      className="w-[520px]"
      title={<DialogTitle className="text-base font-semibold">{wish.title}</DialogTitle>}
    >
      <p className="mt-1 text-ink-2">
        Starts a new session with this one's conversation up to here, and the files of the last save before
        it. This session stays as it is.
      </p>
      <Loaded
        resource={models}
        failed="Couldn't load the models"
        loading={<Loading className="mt-3">Loading models</Loading>}
      >
        {(loaded) => <BranchForm models={loaded} wish={wish} />}
      </Loaded>
    </Dialog>
  );
}

/** The session's own model where it is still offered, else the default one. */
function modelNow({ providers, default: first }: Models, own: { provider: string; model: string }) {
  const offered = providers.find(({ id }) => id === own.provider)?.models.find(({ id }) => id === own.model);
  const named = !offered?.available && first ? first : own;
  return { provider: named.provider, model: named.model };
}

function BranchForm({ models, wish }: { models: Models; wish: BranchWish }) {
  const f = useFormat();
  const router = useRouter();
  const { session } = useOpened();
  const { title: current, cap: capNow, view } = useSessionState();
  const own = modelNow(models, wish.newest ?? session);
  const [choice, setChoice] = useState(wish.cheaper ? cheaperThan(models, own) : own);
  const [title, setTitle] = useState(
    (current.startsWith(BRANCH_OF) ? current : `${BRANCH_OF}${current}`).slice(0, 200),
  );
  const [typedCap, setTypedCap] = useState(capNow === null ? "" : f.cap(capNow));
  const [asked, setAsked] = useState(false);
  const cap = typedCap.trim() === "" ? undefined : parseCap(typedCap, f);
  const provider = models.providers.find(({ id }) => id === choice.provider);
  const branching = useAction(async (budgetCapMicroUsd: number | null) => {
    const body = {
      fromSeq: wish.fromSeq,
      ...choice,
      title: title.trim(),
      budgetCapMicroUsd,
      ...(wish.newest && { agent: "newest" as const }),
    };
    return await branchWith(session.id, body, wish.message, (path) => router.push(path));
  }, "Couldn't branch the session");
  const paused = view.status === "active" && wish.message !== "";
  return (
    <form
      className="mt-3 grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (cap === undefined || cap.ok) branching.run(cap?.microUsd ?? null);
      }}
    >
      <fieldset className={cn(titleBlockClass, "rounded-b-md border-b")} aria-label="Model of the branch">
        <ModelCells models={models} {...choice} onChange={setChoice} />
      </fieldset>
      {provider && (
        <p className="flex items-center gap-1.5 text-small text-ink-2">
          Paid by <Payer source={provider.keySource} provider={provider.name} />
        </p>
      )}
      <Field
        label="Title"
        value={title}
        maxLength={200}
        onChange={(event) => setTitle(event.target.value)}
        required
      />
      <Field
        label="Spending cap in dollars"
        hint="Counts from zero. Leave it empty for no cap."
        problem={asked && cap && !cap.ok ? cap.problem : undefined}
        value={typedCap}
        className="fact max-w-40"
        inputMode="decimal"
        autoComplete="off"
        onChange={(event) => setTypedCap(event.target.value)}
      />
      {paused && (
        <p className="text-small text-ink-2">
          The run here isn't stopped. Its message is ready to send in the new session.
        </p>
      )}
      <ActionProblem failure={branching.failure} />
      <div className="flex gap-2">
        <Button type="submit" look="primary" off={branching.pending || title.trim() === ""}>
          {branching.pending ? "Branching" : "Branch"}
        </Button>
        <DialogClose className={buttonClass()}>Cancel</DialogClose>
      </div>
    </form>
  );
}
