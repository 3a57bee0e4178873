"use client";

import { useState } from "react";
import { useAction } from "#client/action.ts";
import { endAnySession, type OperatorSession, useLiveSessions } from "#client/operator.ts";
import { LIVE_STATUSES } from "#domain/lifecycle.ts";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Dialog, DialogTitle } from "../ui/dialog.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Choice } from "../ui/select.tsx";
import { Dollars } from "./counted.tsx";
import { ReadTable } from "./read-table.tsx";
import { ReasonField } from "./reason-field.tsx";

type LiveStatus = (typeof LIVE_STATUSES)[number];

const STATES: Record<LiveStatus, string> = {
  provisioning: "Starting",
  ready: "Ready",
  active: "At work",
  idle: "Idle",
};

const columnsWith = (end: (session: OperatorSession) => void): Column<OperatorSession>[] => [
  { name: "Session", isRowName: true, className: "fact", render: ({ id }) => id },
  { name: "Why it waits", render: ({ cause }) => cause },
  {
    name: "Model",
    hideBelow: "lg",
    className: "fact",
    render: ({ provider, model }) => `${provider}/${model}`,
  },
  { name: "Last activity", render: ({ lastActivityAt }) => <Ago at={lastActivityAt} /> },
  { name: "Cost", num: true, render: ({ costMicroUsd }) => <Dollars microUsd={costMicroUsd} /> },
  {
    name: "Actions",
    isNameHidden: true,
    className: "text-end",
    render: (session) => (
      <Button size="sm" look="danger" aria-label={`End session ${session.id}`} onClick={() => end(session)}>
        End
      </Button>
    ),
  },
];

/** An organization's live sessions, and why each waits. */
export function LiveSessions({
  organization,
  onEnded,
}: {
  organization: string;
  onEnded: () => Promise<void>;
}) {
  const [status, setStatus] = useState<LiveStatus>("active");
  const [asked, setAsked] = useState<OperatorSession>();
  const pages = useLiveSessions(organization, status);
  return (
    <Card>
      <CardHead title="Live sessions">
        <Choice
          label="State"
          hidden
          value={status}
          onChange={setStatus}
          options={LIVE_STATUSES.map((value) => ({ value, name: STATES[value] }))}
        />
      </CardHead>
      <ReadTable
        problem="Couldn't load the sessions"
        caption="Live sessions"
        pages={pages}
        columns={columnsWith(setAsked)}
        rowKey={({ id }) => id}
        names={{ one: "session", other: "sessions" }}
        empty="No session is in this state."
      />
      {asked && <EndDialog session={asked} onClose={() => setAsked(undefined)} onEnded={onEnded} />}
    </Card>
  );
}

function EndDialog({
  session,
  onClose,
  onEnded,
}: {
  session: OperatorSession;
  onClose: () => void;
  onEnded: () => Promise<void>;
}) {
  const [reason, setReason] = useState("");
  const end = useAction(async () => {
    await endAnySession(session.id, reason);
    onClose();
    await onEnded();
  }, "Couldn't end the session");
  const isOff = reason.trim() === "";
  return (
    <Dialog
      title={<DialogTitle className="text-base font-semibold">End this session?</DialogTitle>}
      onClose={onClose}
    >
      <form
        className="mt-2 grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isOff) end.run();
        }}
      >
        <p className="text-ink-2">Its turn is stopped, and its sandbox goes. Its people can resume it.</p>
        <ReasonField reason={reason} onType={setReason} />
        <ActionProblem failure={end.failure} />
        <div className="flex gap-2">
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" look="danger" off={isOff || end.pending}>
            End session
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
