import fs from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { METRICS } from "#server/telemetry/metrics.ts";

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().regex(/^\d+m$/),
          labels: z.strictObject({ severity: z.enum(["page", "ticket"]) }),
          annotations: z.strictObject({ summary: z.string() }),
        }),
      ),
    }),
  ),
});
const dashboardSchema = z.object({
  title: z.string(),
  schemaVersion: z.number(),
  __inputs: z.array(z.object({ name: z.string(), type: z.literal("datasource") })),
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      datasource: z.object({ uid: z.string() }),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).min(1),
    }),
  ),
});

const rules = rulesSchema
  .parse(parse(fs.readFileSync("docs/signals/alerts.yml", "utf8")))
  .groups.flatMap((group) => group.rules);
const dashboard = dashboardSchema.parse(JSON.parse(fs.readFileSync("docs/signals/dashboard.json", "utf8")));
const operating = fs.readFileSync("docs/operating.md", "utf8");
const expressions = [
  ...rules.map(({ alert, expr }) => ({ of: alert, expr })),
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ of: title, expr }))),
];

/** A metric's series as an exporter to Prometheus names them: units in words, but for those in braces. */
function seriesOf({ name, kind, unit }: (typeof METRICS)[keyof typeof METRICS]): string[] {
  const base = `${name.replaceAll(".", "_")}${unit === "ms" ? "_milliseconds" : ""}`;
  if (kind === "histogram") return ["bucket", "count", "sum"].map((part) => `${base}_${part}`);
  return [kind === "counter" ? `${base}_total` : base];
}
const LABELS = new Map(
  Object.values(METRICS).flatMap((metric) =>
    seriesOf(metric).map((series) => [series, new Set<string>([...metric.attributes, "le"])] as const),
  ),
);
const namesIn = (expr: string) => [...new Set(expr.match(/\bstudio_\w+/g))];
/** What an expression groups by, or narrows to. */
const labelsIn = (expr: string) => [
  ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = ""]) => names.split(/,\s*/)),
  ...[...expr.matchAll(/(\w+)(?:=~|=|!=|!~)"/g)].map(([, name = ""]) => name),
];

test("alerts and the dashboard name only metrics that there are, by labels that those have", () => {
  expect(expressions.length).toBeGreaterThan(20);
  for (const { of, expr } of expressions) {
    const names = namesIn(expr);
    expect(names, of).not.toEqual([]);
    expect(
      names.filter((name) => !LABELS.has(name)),
      of,
    ).toEqual([]);
    for (const label of labelsIn(expr))
      expect(
        names.every((name) => LABELS.get(name)?.has(label)),
        `${of}: ${label}`,
      ).toBe(true);
    expect(expr.split("(").length, of).toBe(expr.split(")").length);
  }
});

test("every metric is on the dashboard, and in the operator's page", () => {
  const shown = new Set(
    dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))),
  );
  for (const metric of Object.values(METRICS)) {
    expect(
      seriesOf(metric).some((series) => shown.has(series)),
      metric.name,
    ).toBe(true);
    expect(operating).toContain(`| \`${metric.name}\``);
  }
});

test("every alert has its paragraph in the operator's page, by the same name and severity, and no other has", () => {
  const told = [...operating.matchAll(/^- \*\*(Studio\w+)\*\* \((\w+)\): (.+)$/gm)];
  expect(told.map(([, name, severity]) => `${name} ${severity}`).toSorted()).toEqual(
    rules.map(({ alert, labels }) => `${alert} ${labels.severity}`).toSorted(),
  );
  for (const [, name, , text = ""] of told) expect(text.length, name).toBeGreaterThan(80);
});

test("a dashboard is imported as it is: its panels have places and ids of their own, and one source", () => {
  const { panels, __inputs: inputs } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x},${y}`)).size).toBe(panels.length);
  expect(new Set(panels.map(({ datasource }) => datasource.uid))).toEqual(
    new Set(inputs.map(({ name }) => `\${${name}}`)),
  );
});
