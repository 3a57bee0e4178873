"use client";

import "@xyflow/react/dist/base.css";
import {
  Background,
  BackgroundVariant,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import Link from "next/link";
import { createContext, type KeyboardEvent, useContext, useMemo } from "react";
import { type GraphNode, neighborOf, type ProjectGraph } from "#client/project-graph.ts";
import type { Environment } from "#domain/catalog.ts";
import { KIND_NAMES } from "#domain/project/kinds.ts";
import { cn } from "../ui/cn.ts";
import { Icon } from "../ui/icon.tsx";
import { definitionHref, sectionOf } from "./sections.ts";

type Shown = Node<GraphNode & { [key: string]: unknown }, "definition">;

const Walking = createContext<{ environment: Environment; walk: (id: string, key: string) => boolean }>({
  environment: "development",
  walk: () => false,
});

const handleClass = "size-1.5! min-w-0! min-h-0! border-0! bg-line-strong!";

/** A definition: a link to its page, from which arrow keys lead along its references. */
function DefinitionNode({ data }: NodeProps<Shown>) {
  const { environment, walk } = useContext(Walking);
  const { kind, slug, isMissing, id } = data;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key.startsWith("Arrow") && walk(id, event.key)) event.preventDefault();
  };
  const boxClass = cn(
    "flex h-10 w-[220px] items-center gap-2 rounded-sm border border-line-strong bg-raised px-2.5 text-ink hover:bg-hover",
    isMissing && "border-dashed border-danger text-danger",
  );
  const content = (
    <>
      <Icon as={sectionOf(kind).icon} size="sm" className="text-ink-3" />
      <span className="min-w-0">
        <span className="block truncate font-medium">{slug}</span>
        <span className="block truncate text-micro text-ink-3">
          {KIND_NAMES[kind]}
          {isMissing && ", isn't there"}
        </span>
      </span>
    </>
  );
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} className={handleClass} />
      {isMissing ? (
        <span data-graph-id={id} className={boxClass} title={slug}>
          {content}
        </span>
      ) : (
        <Link
          data-graph-id={id}
          className={cn("nodrag nopan pointer-events-auto", boxClass)}
          href={definitionHref(environment, kind, slug)}
          title={slug}
          onKeyDown={onKeyDown}
        >
          {content}
        </Link>
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} className={handleClass} />
    </>
  );
}

const TYPES = { definition: DefinitionNode };

function Canvas({ graph, environment }: { graph: ProjectGraph; environment: Environment }) {
  const { setCenter, getZoom } = useReactFlow();
  const nodes = useMemo(
    () =>
      graph.nodes.map((node): Shown => ({
        id: node.id,
        type: "definition",
        position: { x: node.x, y: node.y },
        ariaRole: "group",
        width: 220,
        height: 40,
        data: { ...node },
      })),
    [graph],
  );
  const edges = useMemo(
    () =>
      graph.edges.map(({ id, from, to, isBroken }): Edge => {
        const color = isBroken ? "var(--danger)" : "var(--line-control)";
        return {
          id,
          source: from,
          target: to,
          focusable: false,
          style: { stroke: color, ...(isBroken && { strokeDasharray: "4 3" }) },
          markerEnd: { type: MarkerType.ArrowClosed, color },
        };
      }),
    [graph],
  );
  const walking = useMemo(
    () => ({
      environment,
      walk: (id: string, key: string) => {
        const next = neighborOf(graph, id, key);
        const node = graph.nodes.find((one) => one.id === next);
        if (!node) return false;
        // Only what is in sight is drawn: it has to come there before it can have the focus.
        void setCenter(node.x + 110, node.y + 20, { zoom: getZoom(), duration: 0 });
        requestAnimationFrame(() =>
          requestAnimationFrame(() =>
            document.querySelector<HTMLElement>(`[data-graph-id="${CSS.escape(node.id)}"]`)?.focus(),
          ),
        );
        return true;
      },
    }),
    [graph, environment, setCenter, getZoom],
  );
  return (
    <Walking.Provider value={walking}>
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={TYPES}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        onlyRenderVisibleElements
        preventScrolling={false}
        zoomOnScroll={false}
        fitView
        fitViewOptions={{ padding: 0.1, maxZoom: 1 }}
        minZoom={0.1}
        maxZoom={1.5}
        aria-label="What refers to what"
        className="[&_.react-flow\_\_attribution]:bg-raised! [&_.react-flow\_\_attribution_a]:text-[11px] [&_.react-flow\_\_attribution_a]:text-ink-2!"
      >
        <Background variant={BackgroundVariant.Dots} gap={16} color="var(--line-strong)" />
        <Controls
          showInteractive={false}
          className="flex overflow-hidden rounded-sm border border-line-strong bg-raised [&_button]:size-7 touch:[&_button]:size-11 [&_button]:border-0 [&_button]:bg-raised [&_button]:p-2 [&_button:hover]:bg-hover [&_svg]:fill-ink-2"
        />
      </ReactFlow>
    </Walking.Provider>
  );
}

/** The graph to look at. The same stands beside it as a list. */
export function GraphCanvas(props: { graph: ProjectGraph; environment: Environment }) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}
