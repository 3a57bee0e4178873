"use client";

import { Check, ChevronDown, ChevronUp, LoaderCircle, TriangleAlert } from "lucide-react";
import { memo, useId, useState } from "react";
import { diffsOf } from "#client/changes.ts";
import { describeTool } from "#client/entries.ts";
import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import { useStayAtEnd } from "#client/use-stay-at-end.ts";
import type { ToolItem } from "#domain/session-view.ts";
import { Tag } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { outputClass } from "../ui/code.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { CommandOutput } from "./command-output.tsx";
import { DiffCount, Diffs } from "./diff-view.tsx";
import { WholeText } from "./whole-text.tsx";
import { plural } from "#domain/plural.ts";

const STATES: Record<ToolItem["state"], string> = {
  requested: "Preparing",
  waiting: "Waiting for you",
  running: "Running",
  completed: "Done",
  failed: "Failed",
  denied: "Denied",
  stopped: "Stopped",
};

const toolClass = "group/row flex min-h-[26px] w-full items-center gap-2 text-small max-sm:min-h-11";
const verbClass = "w-13 flex-none overflow-hidden text-ellipsis text-ink-3 max-sm:hidden";
const tailClass =
  "ml-auto flex flex-none items-center gap-2.5 font-mono whitespace-nowrap text-ink-3 [word-spacing:-0.28em]";

function StateMark({ state }: { state: ToolItem["state"] }) {
  const mark = {
    requested: <Icon as={LoaderCircle} size="sm" className="turn text-info" />,
    waiting: <Glyph name="waiting" className="mx-0.5 text-warning" />,
    running: <Icon as={LoaderCircle} size="sm" className="turn text-accent" />,
    completed: <Icon as={Check} size="sm" className="text-success" />,
    failed: <Icon as={TriangleAlert} size="sm" className="text-danger" />,
    denied: <Glyph name="denied" className="mx-0.5 text-danger" />,
    stopped: <Glyph name="stopped" className="mx-0.5 text-neutral" />,
  }[state];
  return (
    <>
      {mark}
      <span className="sr-only">{STATES[state]}: </span>
    </>
  );
}

/** How long a call has run, while it runs. */
function Running({ since }: { since: string }) {
  const f = useFormat();
  const now = useNow(100);
  return (
    <span className="text-ink">{now === null ? "" : f.duration(Math.max(0, now - Date.parse(since)))}</span>
  );
}

function Result({ item }: { item: ToolItem }) {
  if (item.state === "completed" && item.diff) return <DiffCount diffs={diffsOf(item)} />;
  if (item.state === "stopped") return <span>stopped</span>;
  if (item.exitCode !== undefined)
    return <span className={item.exitCode === 0 ? "" : "text-danger"}>exit {item.exitCode}</span>;
  return null;
}

/** What the agent notes for its model below an output, such as why it ended a command: without the marks around it. */
function withoutMetadata(output: string): { text: string; note?: string } {
  const [open, close] = ["<shell_metadata>", "</shell_metadata>"];
  const end = output.trimEnd();
  const at = end.endsWith(close) ? end.lastIndexOf(open) : -1;
  if (at === -1) return { text: output };
  return {
    text: output.slice(0, at).trimEnd(),
    note: end.slice(at + open.length, -close.length).trim(),
  };
}

/** What a call changed or said; the last lines while it runs. */
function Output({ item, label }: { item: ToolItem; label: string }) {
  const [whole, setWhole] = useState<string>();
  const running = item.state === "running";
  const { box } = useStayAtEnd(running ? item.output.length : 0);
  const { text, note } = withoutMetadata(whole ?? item.output);
  return (
    <>
      <ScrollRegion ref={box} className={outputClass} landmark={false} label={`Output of ${label}`}>
        {/* What is in a file is no terminal's. */}
        {item.toolKind === "read" ? text : <CommandOutput text={text} />}
        {note !== undefined && item.state !== "stopped" && <p className="mt-1 text-ink-2">{note}</p>}
        {running && <span className="caret" />}
        {item.truncated && <span className="text-ink-3"> The rest of the output was cut off.</span>}
      </ScrollRegion>
      {item.artifactId && (
        <WholeText artifactId={item.artifactId} chars={item.outputChars} what="output" onText={setWhole} />
      )}
    </>
  );
}

function Details({ item, label }: { item: ToolItem; label: string }) {
  const other = !["execute", "edit", "read"].includes(item.toolKind);
  return (
    <>
      <Diffs diffs={diffsOf(item)} />
      {!item.diff && item.toolKind === "edit" && typeof item.input.content === "string" && (
        <ScrollRegion className={outputClass} landmark={false} label={`Content of ${label}`}>
          {item.input.content}
        </ScrollRegion>
      )}
      {other && Object.keys(item.input).length > 0 && (
        <ScrollRegion className={outputClass} landmark={false} label={`Input of ${label}`}>
          {JSON.stringify(item.input, null, 2)}
        </ScrollRegion>
      )}
      {item.error && <p className="bg-sunken px-3 py-2 text-small wrap-anywhere text-danger">{item.error}</p>}
      {(item.output !== "" || item.state === "running") && !item.diff && <Output item={item} label={label} />}
    </>
  );
}

/** True where a call has something to show that people look at first. */
const opensByItself = (item: ToolItem) =>
  item.diff !== undefined || item.toolKind === "execute" || item.state === "failed";

/** One call of a tool: state, verb, object, result, duration. Opens in place. */
export const ToolRow = memo(function ToolRow({ item, fresh }: { item: ToolItem; fresh: boolean }) {
  const f = useFormat();
  const [choice, setChoice] = useState<boolean>();
  // A row keeps the look that it came with: the next turn must not fold this one away under the reader.
  const [wasFresh] = useState(fresh);
  const id = useId();
  const { verb, object } = describeTool(item);
  const hasDetails =
    item.output !== "" ||
    item.diff !== undefined ||
    item.error !== undefined ||
    item.state === "running" ||
    Object.keys(item.input).length > 0;
  const open = hasDetails && (choice ?? (wasFresh && opensByItself(item)));
  return (
    <div
      className={cn(
        "group/tool",
        open && "overflow-hidden rounded-md border border-line-strong bg-raised not-first:mt-2 not-last:mb-2",
      )}
      data-open={open}
    >
      <button
        type="button"
        className={cn(toolClass, open && "min-h-[30px] px-2.5 py-0.5 focus-visible:-outline-offset-2")}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-disabled={!hasDetails}
        onClick={() => hasDetails && setChoice(!open)}
      >
        <StateMark state={item.state} />
        <span className={verbClass}>{verb}</span>
        <span
          className="min-w-0 truncate font-mono tracking-[-0.01em] text-ink group-hover/row:underline group-hover/row:decoration-line-strong group-hover/row:underline-offset-3 [word-spacing:0]"
          title={object}
        >
          {object}
        </span>
        <span className={tailClass}>
          {item.allowedBy !== undefined && (
            <Tag title={`Allowed without asking: ${item.allowedBy}`}>auto</Tag>
          )}
          <Result item={item} />
          {item.state === "running" || item.state === "requested" ? (
            <Running since={item.ts} />
          ) : (
            item.durationMs !== undefined && (
              <span className="max-sm:hidden">{f.duration(item.durationMs)}</span>
            )
          )}
          <Icon
            as={open ? ChevronUp : ChevronDown}
            size="sm"
            {...(!hasDetails && { className: "invisible" })}
          />
        </span>
      </button>
      {open && (
        <div id={id} className="border-t border-line">
          <Details item={item} label={object} />
        </div>
      )}
    </div>
  );
});

const FOLD_FROM = 3;

/** Calls that follow each other; three or more finished reads in a row fold into one line. */
export function ToolRows({ items, fresh }: { items: readonly ToolItem[]; fresh: boolean }) {
  const groups: ToolItem[][] = [];
  for (const item of items) {
    const foldable = item.toolKind === "read" && item.state === "completed";
    const last = groups.at(-1);
    const lastItem = last?.at(-1);
    if (foldable && last && lastItem?.toolKind === "read" && lastItem.state === "completed") last.push(item);
    else groups.push([item]);
  }
  return groups.map((group) => {
    const [first] = group;
    if (!first) return null;
    return group.length >= FOLD_FROM ? (
      <FoldedReads key={first.id} items={group} />
    ) : (
      group.map((item) => <ToolRow key={item.id} item={item} fresh={fresh} />)
    );
  });
}

function FoldedReads({ items }: { items: readonly ToolItem[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={toolClass} aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon as={Check} size="sm" className="text-success" />
        <span className={verbClass}>read</span>
        <span>
          {items.length} {plural(items.length, "file", "files")}
        </span>
        <span className={tailClass}>
          <Icon as={open ? ChevronUp : ChevronDown} size="sm" />
        </span>
      </button>
      {open && items.map((item) => <ToolRow key={item.id} item={item} fresh={false} />)}
    </>
  );
}
