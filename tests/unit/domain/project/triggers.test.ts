import { describe, expect, test } from "vitest";
import { conditionLines, firingOf } from "#domain/project/conditions.ts";
import type { RecordEvent } from "#domain/project/record-event.ts";
import { attemptTimes, replacedRuns, retryDelayMs, runTime, timeOf } from "#domain/project/schedule.ts";
import { isPlaceholderPath, placeholdersIn, renderArguments, renderText } from "#domain/project/templates.ts";

const EVENT: RecordEvent = {
  entityType: "order",
  entityId: "e1",
  action: "updated",
  data: {
    status: "paid",
    total: 12.5,
    ok: true,
    none: null,
    empty: "",
    zero: 0,
    lines: [{ sku: "a" }, { sku: "b" }],
    customer: { name: "Ada", tags: ["x", "y"] },
    code: "{{trigger.data.status}}",
  },
  previousData: { status: "open", total: 12.5 },
};

const CONDITIONS: [condition: Record<string, unknown>, holds: boolean][] = [
  [{}, true],
  [{ "data.status": "paid" }, true],
  [{ "data.status": "open" }, false],
  [{ "data.status": "Paid" }, false],
  [{ "previousData.status": "open" }, true],
  [{ "previousData.status": "open", "data.status": "paid" }, true],
  [{ "previousData.status": "open", "data.status": "void" }, false],
  [{ "data.total": 12.5 }, true],
  [{ "data.total": "12.5" }, false],
  [{ "data.ok": true }, true],
  [{ "data.ok": "true" }, false],
  [{ "data.ok": 1 }, false],
  [{ "data.none": null }, true],
  [{ "data.gone": null }, false],
  [{ "data.none": "" }, false],
  [{ "data.empty": "" }, true],
  [{ "data.zero": 0 }, true],
  [{ "data.zero": false }, false],
  [{ "data.customer.name": "Ada" }, true],
  [{ "data.customer.tags": ["x", "y"] }, true],
  [{ "data.customer.tags": ["y", "x"] }, false],
  [{ "data.customer": { tags: ["x", "y"], name: "Ada" } }, true],
  [{ "data.customer": { name: "Ada" } }, false],
  [{ "data.lines[1].sku": "b" }, true],
  [{ "data.lines.0.sku": "a" }, true],
  [{ "data.lines.2.sku": "c" }, false],
  [{ "data.status.length": 4 }, false],
  [{ "data.constructor.name": "Object" }, false],
  [{ "data.__proto__": {} }, false],
  [{ previousData: { status: "open", total: 12.5 } }, true],
  [{ "previousData.gone": "x" }, false],
];

describe("conditions: every line must hold", () => {
  test.each(CONDITIONS)("%j: %s", (condition, holds) => {
    const on = { entityType: "order", action: "updated", condition } as never;
    expect(firingOf(on, EVENT).fires).toBe(holds);
  });

  test("what decided is told", () => {
    const on = { entityType: "order", action: "updated" } as const;
    expect(firingOf({ ...on, entityType: "ticket" }, EVENT)).toEqual({
      fires: false,
      because: "entity_type",
    });
    expect(firingOf({ ...on, action: "created" }, EVENT)).toEqual({ fires: false, because: "action" });
    const condition = { "data.ok": true, "data.status": "open", "data.gone": 1 };
    expect(firingOf({ ...on, condition }, EVENT)).toMatchObject({
      because: "condition",
      line: { path: "data.status", expected: "open", actual: "paid", holds: false },
    });
    expect(conditionLines(condition, EVENT).map(({ holds }) => holds)).toEqual([true, false, false]);
  });

  test("a record that was just made has no past to compare with", () => {
    const { previousData: _, ...made } = EVENT;
    const condition = { previousData: null };
    const on = { entityType: "order", action: "created", condition } as const;
    expect(firingOf(on as never, { ...made, action: "created" }).fires).toBe(false);
  });
});

const STEPS = { made: { id: "t1", n: 3, list: [1, 2] }, word: "hi", nothing: null };
const SCOPE = { trigger: EVENT, steps: STEPS };

const TEMPLATES: [text: string, becomes: unknown, missing?: string[]][] = [
  ["plain", "plain"],
  ["", ""],
  ["{{trigger.entityId}}", "e1"],
  ["{{trigger.entityType}}", "order"],
  ["{{trigger.action}}", "updated"],
  ["{{ trigger.data.status }}", "paid"],
  ["{{trigger.data.total}}", 12.5],
  ["{{trigger.data.ok}}", true],
  ["{{trigger.data.none}}", null],
  ["{{trigger.data.zero}}", 0],
  ["{{trigger.data.empty}}", ""],
  ["{{trigger.data.customer}}", EVENT.data.customer],
  ["{{trigger.data.lines}}", EVENT.data.lines],
  ["{{trigger.data.lines[1].sku}}", "b"],
  ["{{trigger.data.lines.1.sku}}", "b"],
  ["{{trigger.data}}", EVENT.data],
  ["{{trigger.previousData.status}}", "open"],
  ["{{trigger.previousData}}", EVENT.previousData],
  ["{{steps.made.id}}", "t1"],
  ["{{steps.made.n}}", 3],
  ["{{steps.made.list[0]}}", 1],
  ["{{steps.made}}", STEPS.made],
  ["{{steps.word}}", "hi"],
  ["{{steps.nothing}}", null],
  ["Order {{trigger.entityId}} is {{trigger.data.status}}.", "Order e1 is paid."],
  ["{{trigger.data.total}}!", "12.5!"],
  ["{{trigger.data.ok}}{{trigger.data.zero}}", "true0"],
  [" {{trigger.data.total}}", " 12.5"],
  ["[{{trigger.data.none}}]", "[]"],
  ["tags: {{trigger.data.customer.tags}}", 'tags: ["x","y"]'],
  ["{{trigger.data.gone}}", "", ["trigger.data.gone"]],
  ["<{{trigger.data.gone}}>", "<>", ["trigger.data.gone"]],
  ["{{trigger.data.gone.deep[3]}}", "", ["trigger.data.gone.deep[3]"]],
  ["{{steps.other.id}}", "", ["steps.other.id"]],
  ["{{steps}}", "", ["steps"]],
  ["{{trigger}}", "", ["trigger"]],
  ["{{trigger.organizationId}}", "", ["trigger.organizationId"]],
  ["{{trigger.entityId.length}}", "", ["trigger.entityId.length"]],
  ["{{trigger.data.status.length}}", "", ["trigger.data.status.length"]],
  ["{{trigger.data.constructor}}", "", ["trigger.data.constructor"]],
  ["{{trigger.data.__proto__}}", "", ["trigger.data.__proto__"]],
  ["{{steps.__proto__.toString}}", "", ["steps.__proto__.toString"]],
  ["{{process.env}}", "", ["process.env"]],
  ["{{}}", "", [""]],
  ["{{trigger.data.code}}", "{{trigger.data.status}}"],
  ["a {{trigger.data.code}} b", "a {{trigger.data.status}} b"],
  ["{{trigger.data.status", "{{trigger.data.status"],
  ["{ {trigger.data.status} }", "{ {trigger.data.status} }"],
  ["{{{trigger.data.status}}}", "{paid}"],
  ["{{trigger.data.{{steps.word}}}}", "{{trigger.data.hi}}"],
];

describe("templates of actions", () => {
  test.each(TEMPLATES)("%j is %j", (text, becomes, missing = []) => {
    expect(renderText(text, SCOPE)).toEqual({ ok: true, value: becomes, missing });
  });

  test("arguments are filled in at any depth; their names never are", () => {
    const args = {
      to: ["{{trigger.data.customer.name}}", 5, null],
      "{{trigger.entityId}}": { deep: [{ at: "{{trigger.data.lines}}" }] },
    };
    expect(renderArguments(args, SCOPE)).toMatchObject({
      ok: true,
      value: {
        to: ["Ada", 5, null],
        "{{trigger.entityId}}": { deep: [{ at: EVENT.data.lines }] },
      },
    });
    const odd = JSON.parse('{"__proto__":"{{trigger.entityId}}"}') as Record<string, unknown>;
    const rendered = renderArguments(odd, SCOPE);
    expect(JSON.stringify(rendered.ok && rendered.value)).toBe('{"__proto__":"e1"}');
  });

  test("what comes of them is bounded, however few the placeholders are", () => {
    const scope = { trigger: { ...EVENT, data: { big: "x".repeat(100_000) } }, steps: {} };
    const args = { text: "{{trigger.data.big}} ".repeat(50) };
    expect(renderArguments(args, scope)).toMatchObject({ ok: false });
    expect(
      renderArguments({ list: Array.from({ length: 50 }, () => "{{trigger.data.big}}") }, scope),
    ).toEqual({
      ok: false,
      message: "What its placeholders stand for is too large.",
    });
    let deep: unknown = "x";
    for (let i = 0; i < 10_000; i += 1) deep = [deep];
    expect(renderArguments({ deep }, SCOPE)).toMatchObject({ ok: false });
  });

  test("a text of nothing but braces takes no time", () => {
    const began = performance.now();
    expect(placeholdersIn("{{".repeat(200_000))).toEqual([]);
    expect(placeholdersIn(`{{${" a".repeat(200_000)}`)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  test.each([
    ["trigger.data.x", true],
    ["trigger.data", true],
    ["trigger.action", true],
    ["trigger.action.x", false],
    ["trigger.datax", false],
    ["steps.a", true],
    ["steps.a.b[0]", true],
    ["steps", false],
    ["data.x", false],
  ])("%s can lead somewhere: %s", (path, can) => {
    expect(isPlaceholderPath(path)).toBe(can);
  });
});

const NOW = Date.UTC(2026, 2, 1, 12);
const at = (iso: string) => Date.parse(iso);

const TIMES: [written: unknown, ms: number | null][] = [
  [NOW, NOW],
  [1.9, 1],
  [String(NOW), NOW],
  [" 1767225600000 ", 1_767_225_600_000],
  ["2026-03-01", at("2026-03-01T00:00:00Z")],
  ["2026-03-01T09:30Z", at("2026-03-01T09:30:00Z")],
  ["2026-03-01T09:30:15.250Z", at("2026-03-01T09:30:15.250Z")],
  ["2026-03-01T09:30:15.123456Z", at("2026-03-01T09:30:15.123Z")],
  ["2026-03-01T09:30:00", at("2026-03-01T09:30:00Z")],
  ["2026-03-01 09:30", at("2026-03-01T09:30:00Z")],
  ["2026-03-01T09:30:00-03:00", at("2026-03-01T12:30:00Z")],
  ["2026-03-01T09:30:00+0530", at("2026-03-01T04:00:00Z")],
  ["2026-03-01T00:30:00+02", at("2026-02-28T22:30:00Z")],
  ["2024-02-29", at("2024-02-29T00:00:00Z")],
  ["2026-02-29", null],
  ["2026-13-01", null],
  ["2026-03-01T24:00:00Z", null],
  ["2026-03-01T09:60:00Z", null],
  ["2026-03-01T09:30:00+24:00", null],
  ["tomorrow", null],
  ["", null],
  [Number.NaN, null],
  [Number.POSITIVE_INFINITY, null],
  [null, null],
  [true, null],
  [{}, null],
  ["1e9", null],
  ["0x10", null],
];

describe("schedules", () => {
  test.each(TIMES)("%j is the time %j", (written, ms) => {
    expect(timeOf(written)).toBe(ms);
  });

  const event = (data: Record<string, unknown>) => ({ ...EVENT, data });
  const RUNS: [
    schedule: object | undefined,
    data: Record<string, unknown>,
    later: number | string,
    past?: true,
  ][] = [
    [undefined, {}, 0],
    [{ delay: 60_000 }, {}, 60_000],
    [{ delay: 60_000, offset: 1_000 }, {}, 61_000],
    [{ delay: 1_000, offset: -60_000 }, {}, 0, true],
    [{ at: "{{trigger.data.due}}" }, { due: NOW + 5_000 }, 5_000],
    [{ at: "{{trigger.data.due}}" }, { due: "2026-03-01T13:00:00Z" }, 3_600_000],
    [{ at: "{{trigger.data.due}}", offset: -1_800_000 }, { due: "2026-03-01T13:00:00Z" }, 1_800_000],
    [{ at: "{{trigger.data.day}}T13:00:00Z" }, { day: "2026-03-01" }, 3_600_000],
    [{ at: "2026-03-01T12:00:01Z" }, {}, 1_000],
    [{ at: "{{trigger.data.due}}" }, { due: "2020-01-01" }, 0, true],
    [{ at: "{{trigger.data.due}}" }, {}, "{{trigger.data.due}} leads nowhere"],
    [{ at: "{{trigger.data.due}}" }, { due: "soon" }, '"soon" isn\'t a time'],
    [{ at: "{{trigger.data.due}}" }, { due: null }, "null isn't a time"],
    [{ at: "{{trigger.data.due}}" }, { due: 9e15 }, "outside of any calendar"],
  ];
  test.each(RUNS)("%j with %j", (schedule, data, later, past) => {
    const found = runTime(schedule, event(data), NOW);
    if (typeof later === "string")
      expect(found).toMatchObject({ ok: false, message: expect.stringContaining(later) });
    else expect(found).toEqual({ ok: true, atMs: NOW + later, isPast: past === true });
  });

  test.each([
    [undefined, []],
    [{}, []],
    [{ maxAttempts: 1 }, []],
    [{ maxAttempts: 3 }, [60_000, 120_000]],
    [{ maxAttempts: 4, backoffMs: 1_000 }, [1_000, 2_000, 4_000]],
    [{ maxAttempts: 3, backoffMs: 0 }, [0, 0]],
    [{ maxAttempts: 4, backoffMs: 2_000_000 }, [2_000_000, 3_600_000, 3_600_000]],
  ])("retries of %j wait %j", (retry, waits) => {
    const times = attemptTimes(retry, NOW);
    expect(times.slice(1).map((time, i) => time - times[i]!)).toEqual(waits);
    expect(retryDelayMs(retry, waits.length + 1)).toBeNull();
  });

  test("many attempts stay within numbers", () => {
    const times = attemptTimes({ maxAttempts: 100, backoffMs: 3_600_000 }, NOW);
    expect(times).toHaveLength(100);
    expect(times.at(-1)).toBe(NOW + 99 * 3_600_000);
    expect(retryDelayMs({ maxAttempts: 5 }, 0)).toBeNull();
  });

  test("a run takes the place of those of its trigger and record alone", () => {
    const pending = [
      { trigger: "remind", entityId: "e1", id: 1 },
      { trigger: "remind", entityId: "e2", id: 2 },
      { trigger: "other", entityId: "e1", id: 3 },
    ];
    const replacing = { slug: "remind", schedule: { delay: 1, cancelPrevious: true } };
    expect(replacedRuns(replacing, EVENT, pending).map(({ id }) => id)).toEqual([1]);
    expect(replacedRuns({ slug: "remind", schedule: { delay: 1 } }, EVENT, pending)).toEqual([]);
    expect(replacedRuns({ slug: "remind" }, EVENT, pending)).toEqual([]);
  });
});
