"use client";

import dynamic from "next/dynamic";
import Link from "next/link";
import { useMemo, useState } from "react";
import { useReferences } from "#client/project.ts";
import { graphOf, type ProjectGraph } from "#client/project-graph.ts";
import type { Environment } from "#domain/catalog.ts";
import { KIND_NAMES } from "#domain/project/kinds.ts";
import { PageHead } from "../settings/page-head.tsx";
import { Card, Empty } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { type Column, DataTable } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { MoreRows } from "../ui/more-rows.tsx";
import { Notice } from "../ui/notice.tsx";
import { Segments } from "../ui/segments.tsx";
import { plural } from "#domain/plural.ts";
import { definitionHref } from "./sections.ts";

const GraphCanvas = dynamic(async () => (await import("./graph-canvas.tsx")).GraphCanvas, {
  ssr: false,
  loading: () => <Loading className="p-3">Loading the graph</Loading>,
});

/** What refers to what in an environment, to look at and as a list. */
export function GraphScreen({ environment }: { environment: Environment }) {
  const head = (
    <PageHead title="Graph">
      What refers to what in {environment}. Arrow keys lead from one definition to the next.
    </PageHead>
  );
  return (
    <Live refused="Couldn't load the graph" meanwhile="the project is kept" head={head}>
      {head}
      <Found environment={environment} />
    </Live>
  );
}

function Found({ environment }: { environment: Environment }) {
  const pages = useReferences(environment);
  const graph = useMemo(() => graphOf(pages.rows), [pages.rows]);
  const [view, setView] = useState<"graph" | "list">("graph");
  if (pages.loading) return <Loading>Loading the references</Loading>;
  if (graph.nodes.length === 0)
    return (
      <Empty card title={`Nothing in ${environment} yet`}>
        Definitions and what they refer to show here.
      </Empty>
    );
  const broken = graph.edges.filter(({ isBroken }) => isBroken).length;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      {broken > 0 && (
        <Notice
          tone="warning"
          title={`${broken} ${plural(broken, "reference leads", "references lead")} nowhere`}
        >
          <p>The definition or the field isn&apos;t there. The list says where each stands.</p>
        </Notice>
      )}
      <Segments
        label="Shown as"
        className="justify-self-start"
        value={view}
        onChange={setView}
        items={[
          { value: "graph", name: "Graph" },
          { value: "list", name: "List" },
        ]}
      />
      <Card>
        {view === "graph" ? (
          <div className="h-[min(640px,70dvh)] bg-paper">
            <GraphCanvas graph={graph} environment={environment} />
          </div>
        ) : (
          <References graph={graph} environment={environment} />
        )}
        <MoreRows pages={pages} names={{ one: "definition", other: "definitions" }} />
      </Card>
    </div>
  );
}

interface Line {
  id: string;
  from: ProjectGraph["nodes"][number];
  to: ProjectGraph["nodes"][number];
  paths: string[];
  isBroken: boolean;
}

function References({ graph, environment }: { graph: ProjectGraph; environment: Environment }) {
  const known = new Map(graph.nodes.map((node) => [node.id, node]));
  const lines = graph.edges.flatMap(({ id, from, to, paths, isBroken }): Line[] => {
    const [a, b] = [known.get(from), known.get(to)];
    return a && b ? [{ id, from: a, to: b, paths, isBroken }] : [];
  });
  const named = ({ kind, slug, isMissing }: Line["from"]) => (
    <>
      <span className="text-ink-3">{KIND_NAMES[kind]} </span>
      {isMissing ? (
        <span className="wrap-anywhere">{slug}</span>
      ) : (
        <Link className="link wrap-anywhere" href={definitionHref(environment, kind, slug)}>
          {slug}
        </Link>
      )}
    </>
  );
  const columns: Column<Line>[] = [
    { name: "Definition", isRowName: true, render: ({ from }) => named(from) },
    { name: "Refers to", render: ({ to }) => named(to) },
    {
      name: "At",
      className: "fact text-small",
      render: ({ paths }) => (
        <span className="wrap-anywhere">
          {paths.slice(0, 5).join(", ")}
          {paths.length > 5 && ` and ${paths.length - 5} more`}
        </span>
      ),
    },
    {
      name: "State",
      render: ({ isBroken }) =>
        isBroken ? (
          <Chip tone="danger" glyph="error">
            isn&apos;t there
          </Chip>
        ) : (
          <Chip glyph="done">there</Chip>
        ),
    },
  ];
  return (
    <DataTable
      caption={`What refers to what in ${environment}`}
      stack
      columns={columns}
      rows={lines}
      rowKey={({ id }) => id}
    />
  );
}
