import { nameKey, type ProjectKind, type ProjectName } from "#domain/project/kinds.ts";
import type { ReferringRow } from "./project.ts";

/** A definition in the graph; `isMissing`: something refers to it, and it isn't there. */
export interface GraphNode extends ProjectName {
  id: string;
  isMissing: boolean;
  /** In pixels. */
  x: number;
  y: number;
}

/** One definition refers to another, at one place or at several. */
export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  /** Where it stands in `from`. */
  paths: string[];
  /** True where the definition, or a field of it, isn't there. */
  isBroken: boolean;
}

export interface ProjectGraph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

/** From what fires to what is stored, as most references go. */
const COLUMNS: readonly ProjectKind[] = ["trigger", "role", "agent", "entityType"];
const COLUMN_PX = 300;
const ROW_PX = 64;

/** A kind's nodes in an order in which their edges cross little: by where those stand that they are tied to. */
function ordered(
  nodes: GraphNode[],
  tied: ReadonlyMap<string, readonly string[]>,
  placed: ReadonlyMap<string, number>,
): GraphNode[] {
  const middle = (id: string) => {
    const rows = (tied.get(id) ?? []).flatMap((end) => placed.get(end) ?? []);
    return rows.length === 0
      ? Number.MAX_SAFE_INTEGER
      : rows.reduce((sum, row) => sum + row, 0) / rows.length;
  };
  const keys = new Map(nodes.map(({ id }) => [id, middle(id)]));
  return nodes.toSorted((a, b) => keys.get(a.id)! - keys.get(b.id)! || (a.slug < b.slug ? -1 : 1));
}

/** What refers to what, each definition with its place: a column for each kind. */
export function graphOf(rows: readonly ReferringRow[]): ProjectGraph {
  const found = new Map<string, GraphNode>();
  const add = (name: ProjectName, isMissing: boolean) => {
    const id = nameKey(name);
    const known = found.get(id);
    if (!known) found.set(id, { id, kind: name.kind, slug: name.slug, isMissing, x: 0, y: 0 });
    else if (!isMissing) known.isMissing = false;
    return id;
  };
  const edges = new Map<string, GraphEdge>();
  for (const row of rows) {
    if (row.kind === "file") continue;
    const from = add(row, false);
    for (const { kind, slug, path, missing } of row.references) {
      const to = add({ kind, slug }, missing === "definition");
      const id = `${from} ${to}`;
      const edge = edges.get(id) ?? { id, from, to, paths: [], isBroken: false };
      edge.paths.push(path);
      edge.isBroken ||= missing !== null;
      edges.set(id, edge);
    }
  }
  const all = [...edges.values()];
  const tied = new Map<string, string[]>();
  for (const { from, to } of all)
    for (const [end, other] of [
      [from, to],
      [to, from],
    ] as const) {
      const known = tied.get(end);
      if (known) known.push(other);
      else tied.set(end, [other]);
    }
  const placed = new Map<string, number>();
  const nodes: GraphNode[] = [];
  for (const [column, kind] of COLUMNS.entries()) {
    const own = ordered(
      [...found.values()].filter((node) => node.kind === kind),
      tied,
      placed,
    );
    for (const [row, node] of own.entries()) {
      placed.set(node.id, row);
      nodes.push({ ...node, x: column * COLUMN_PX, y: row * ROW_PX });
    }
  }
  return { nodes, edges: all };
}

/** The node that an arrow key leads to from another: along an edge, or up and down its column. */
export function neighborOf(graph: ProjectGraph, id: string, key: string): string | null {
  const node = graph.nodes.find((one) => one.id === id);
  if (!node) return null;
  const column = graph.nodes.filter(({ kind }) => kind === node.kind);
  const at = column.findIndex((one) => one.id === id);
  switch (key) {
    case "ArrowRight":
      return graph.edges.find(({ from, to }) => from === id && to !== id)?.to ?? null;
    case "ArrowLeft":
      return graph.edges.find(({ from, to }) => to === id && from !== id)?.from ?? null;
    case "ArrowDown":
      return column[at + 1]?.id ?? null;
    case "ArrowUp":
      return column[at - 1]?.id ?? null;
    default:
      return null;
  }
}
