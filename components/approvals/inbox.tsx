"use client";

import { ArrowLeft } from "lucide-react";
import { useRef, useState } from "react";
import { useGoOn } from "#client/go-on.ts";
import { type InboxFilter, useInbox, type WaitingRow } from "#client/live-approvals.ts";
import { isTyping, useSingleKeys } from "#client/single-keys.ts";
import { isPlainKey, useKeys } from "#client/use-keys.ts";
import { plural } from "#domain/plural.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { Empty } from "../ui/card.tsx";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { Live } from "../ui/live.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { InboxFilters, isNarrowed } from "./inbox-filters.tsx";
import { InboxRow } from "./inbox-row.tsx";
import { ApprovalDetail, type Me, QuestionDetail, RequestDetail } from "./request-detail.tsx";

type Asked = Parameters<typeof RequestDetail>[0]["request"];

/**
 * Everything that waits for a person in the organization: a list, and beside it what is chosen, whole.
 * @param given `asked`: a request that a link has named, which is shown first, by itself
 */
export function Inbox({ me, asked }: { me: Me; asked?: Asked | undefined }) {
  const [named, setNamed] = useState(asked);
  return (
    <Live refused="Couldn't load the approvals" meanwhile="agents keep waiting for an answer">
      {named ? <Named me={me} asked={named} onDone={() => setNamed(undefined)} /> : <Filtered me={me} />}
    </Live>
  );
}

function Named({ me, asked, onDone }: { me: Me; asked: Asked; onDone: () => void }) {
  return (
    <section
      aria-label="Request"
      className="min-h-0 flex-1 overflow-auto px-6 pt-4 pb-8 max-sm:px-3 max-sm:pt-2"
    >
      <Button look="quiet" className="mb-2" onClick={onDone}>
        <Icon as={ArrowLeft} />
        All requests
      </Button>
      <RequestDetail request={asked} me={me} onDone={onDone} />
    </section>
  );
}

function Filtered({ me }: { me: Me }) {
  const [filter, setFilter] = useState<InboxFilter>({});
  return (
    <>
      <div className="flex-none border-b border-line bg-paper px-4 py-2 max-sm:px-3">
        <InboxFilters filter={filter} onChange={setFilter} />
      </div>
      <Requests
        key={JSON.stringify(filter)}
        me={me}
        filter={filter}
        onClear={isNarrowed(filter) ? () => setFilter({}) : undefined}
      />
    </>
  );
}

function Requests({
  me,
  filter,
  onClear,
}: {
  me: Me;
  filter: InboxFilter;
  onClear: (() => void) | undefined;
}) {
  const pages = useInbox(filter);
  const { rows, loading } = pages;
  const goesOn = useGoOn(pages);
  // What is shown stays, whatever comes or goes in the list: a click is meant for what was seen.
  const [shown, setShown] = useState<WaitingRow>();
  /** On a phone the list gives way to what somebody has chosen. */
  const [isChosen, setChosen] = useState(false);
  const current = shown ?? rows[0];
  if (!shown && current) setShown(current);
  const list = useRef<HTMLUListElement>(null);
  const single = useSingleKeys();

  const at = rows.findIndex(({ id }) => id === current?.id);
  const choose = (row: WaitingRow | undefined) => {
    setShown(row);
    setChosen(row !== undefined);
  };
  const step = (by: 1 | -1) => {
    const next = rows[at === -1 ? 0 : at + by];
    if (!next) return;
    setShown(next);
    list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(next.id)}"]`)?.focus();
  };
  useKeys((event, layered) => {
    if (!single || layered || isTyping(event.target) || !isPlainKey(event)) return;
    const key = event.key.toLowerCase();
    if (key === "j") step(1);
    else if (key === "k") step(-1);
    else return;
    event.preventDefault();
  });
  /** Behind an answer comes the next one that waits. */
  const goOn = () => {
    const rest = rows.filter(({ id }) => id !== current?.id);
    const next = (current && rest.find(({ row }) => row.requestedAt >= current.row.requestedAt)) ?? rest[0];
    setShown(next);
    if (!next) setChosen(false);
  };

  if (!current)
    return (
      <div className="min-h-0 flex-1 overflow-auto px-6 pt-5 pb-8 max-sm:px-3 max-sm:pt-3">
        {loading || goesOn ? (
          <p className="bones px-3 py-2 text-ink-3">Loading approvals</p>
        ) : onClear ? (
          <Empty
            card
            title="Nothing that matches is waiting"
            actions={<Button onClick={onClear}>Show all</Button>}
          >
            Try fewer filters.
          </Empty>
        ) : (
          <Empty
            card
            title="Nothing is waiting"
            data-testid="inbox-empty"
            actions={<ButtonLink href="/sessions">Go to sessions</ButtonLink>}
          >
            When an agent asks to run a command, change a file or use a tool, the request appears here.
          </Empty>
        )}
      </div>
    );

  return (
    <div
      className="group/inbox grid min-h-0 flex-1 grid-cols-[minmax(240px,340px)_minmax(0,1fr)] max-sm:grid-cols-[minmax(0,1fr)]"
      data-chosen={isChosen}
    >
      <section
        aria-label="Waiting"
        className="flex min-h-0 flex-col overflow-auto border-r border-line max-sm:border-r-0 max-sm:group-data-[chosen=true]/inbox:hidden"
      >
        <output className="sr-only">
          {rows.length} {plural(rows.length, "request is", "requests are")} waiting
        </output>
        <ul ref={list} aria-label="Requests, oldest first">
          {rows.map((row) => (
            <InboxRow
              key={row.id}
              row={row}
              isShown={row.id === current.id}
              onChoose={() => choose(row)}
              onStep={step}
            />
          ))}
        </ul>
        <MoreRows pages={pages} names={{ one: "request", other: "requests" }} />
      </section>
      <section
        aria-label="Request"
        className={cn(
          "min-h-0 overflow-auto px-6 pt-4 pb-8 max-sm:px-3 max-sm:pt-2",
          !isChosen && "max-sm:hidden",
        )}
      >
        <Button look="quiet" className="mb-2 sm:hidden" onClick={() => choose(undefined)}>
          <Icon as={ArrowLeft} />
          All requests
        </Button>
        {current.kind === "approval" ? (
          <ApprovalDetail key={current.id} row={current.row} me={me} onDone={goOn} />
        ) : (
          <QuestionDetail key={current.id} row={current.row} me={me} onDone={goOn} />
        )}
      </section>
    </div>
  );
}
