import { describe, expect, test } from "vitest";
import type { ProjectNames, ReferringRow } from "#client/project.ts";
import { graphOf, neighborOf } from "#client/project-graph.ts";
import { divergences, promotionEffects } from "#client/promotion.ts";
import { nameKey, type Project, type ProjectKind } from "#domain/project/kinds.ts";

type Reference = ReferringRow["references"][number];
const to = (kind: ProjectKind, slug: string, more: Partial<Reference> = {}): Reference => ({
  kind,
  slug,
  path: "p",
  field: null,
  missing: null,
  ...more,
});
const row = (kind: ProjectKind, slug: string, ...references: Reference[]): ReferringRow => ({
  kind,
  slug,
  references,
});

describe("the graph", () => {
  const graph = graphOf([
    row("agent", "support", to("entityType", "ticket")),
    row("entityType", "customer"),
    row("entityType", "ticket", to("entityType", "customer"), to("entityType", "ticket")),
    row(
      "role",
      "clerk",
      to("entityType", "ticket"),
      to("entityType", "ticket", { path: "q", missing: "field" }),
    ),
    row("role", "clerk2", to("agent", "nobody", { missing: "definition" })),
    row("file", "tools/index.ts"),
  ]);

  test("has each definition once, what is missing too, and no files", () => {
    expect(graph.nodes.map(({ id, isMissing }) => [id, isMissing])).toEqual([
      ["role:clerk", false],
      ["role:clerk2", false],
      ["agent:nobody", true],
      ["agent:support", false],
      ["entityType:ticket", false],
      ["entityType:customer", false],
    ]);
    expect(new Set(graph.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(graph.nodes.length);
  });

  test("has one edge for two definitions, broken where any of its places is", () => {
    expect(graph.edges.find(({ from }) => from === "role:clerk")).toEqual({
      id: "role:clerk entityType:ticket",
      from: "role:clerk",
      to: "entityType:ticket",
      paths: ["p", "q"],
      isBroken: true,
    });
    expect(graph.edges.find(({ from }) => from === "agent:support")?.isBroken).toBe(false);
  });

  test("is walked by arrow keys, and a circle of one is no trap", () => {
    expect(neighborOf(graph, "agent:support", "ArrowRight")).toBe("entityType:ticket");
    expect(neighborOf(graph, "entityType:ticket", "ArrowRight")).toBe("entityType:customer");
    expect(neighborOf(graph, "entityType:customer", "ArrowRight")).toBeNull();
    expect(neighborOf(graph, "entityType:customer", "ArrowLeft")).toBe("entityType:ticket");
    expect(neighborOf(graph, "role:clerk", "ArrowDown")).toBe("role:clerk2");
    expect(neighborOf(graph, "role:clerk", "ArrowUp")).toBeNull();
    expect(neighborOf(graph, "role:none", "ArrowUp")).toBeNull();
    expect(neighborOf(graph, "role:clerk", "Enter")).toBeNull();
  });

  test("of the largest project is made in a moment", () => {
    const rows = Array.from({ length: 1_000 }, (_, index) =>
      row("entityType", `t${index}`, to("entityType", `t${(index * 7) % 1_000}`)),
    );
    expect(graphOf(rows).nodes).toHaveLength(1_000);
  });
});

describe("what is different between environments", () => {
  const names = (...definitions: [ProjectKind, string, string][]): ProjectNames => ({
    revision: 1,
    definitions: definitions.map(([kind, slug, sha256]) => ({ kind, slug, sha256, bytes: 1, number: 1 })),
  });

  test("is what is new, changed, or only in the target", () => {
    expect(
      divergences(
        names(["agent", "a", "1"], ["agent", "b", "1"], ["role", "a", "1"]),
        names(["agent", "a", "1"], ["agent", "b", "2"], ["trigger", "t", "1"]),
      ),
    ).toEqual([
      { kind: "agent", slug: "b", standing: "changed" },
      { kind: "role", slug: "a", standing: "new" },
      { kind: "trigger", slug: "t", standing: "gone" },
    ]);
  });

  test("means what of it is chosen, and no more", () => {
    const project = (...roles: { name: string; actions: string[] }[]): Project =>
      new Map(
        roles.map(({ name, actions }) => [
          nameKey({ kind: "role", slug: name }),
          {
            kind: "role",
            slug: name,
            value: { name, policies: [{ resource: "*", actions, effect: "allow" }] },
          },
        ]),
      );
    const source = project({ name: "a", actions: ["read", "delete"] }, { name: "b", actions: ["*"] });
    const target = project({ name: "a", actions: ["read"] });
    const effects = promotionEffects(source, target, [{ kind: "role", slug: "a" }], new Date(0));
    expect(effects.map(({ message }) => message)).toEqual([
      "Role a can now delete everything else.",
      "Role a can now delete users.",
    ]);
  });
});
