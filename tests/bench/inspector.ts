/**
 * `npm run bench:inspector [-- --json] [--events 50000]`: what the inspector's timeline takes in memory and time: to take
 * a long log in, and to filter it. A click of the page waits for the filter.
 */
import { parseArgs } from "node:util";
import type { EventEnvelope } from "#domain/events.ts";
import { bucketsOf, type InspectorFilter, shownRows, Timeline, totalsOf } from "#domain/inspector.ts";
import { type Figure, median, report, table } from "./figures.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, events: { type: "string", default: "50000" } },
});
const EVENTS = Number(values.events);
const ROUNDS = 15;
const AIM_MS = 100;

/** What one turn of an agent leaves in the log, over and over. */
function eventAt(index: number): EventEnvelope {
  const turn = Math.floor(index / 10);
  const call = { tool_call_id: `call-${turn}`, tool_name: "bash" };
  const message = { message_id: `message-${turn}` };
  const [type, payload] = (
    [
      ["message.user", { content: `Look at file ${turn} and mend what is wrong there.` }],
      ["run.started", { input: "mend" }],
      ["llm.thinking.chunk", { ...message, delta: "The test expects another order. ".repeat(4) }],
      ["llm.response.chunk", { ...message, delta: "I read the file first, then run its tests. ".repeat(3) }],
      [
        "usage.recorded",
        { model: "m", input_tokens: 9_000, cached_tokens: 8_000, output_tokens: 300, cost_micro_usd: 900 },
      ],
      [
        "tool.requested",
        {
          ...call,
          kind: "execute",
          title: "bash",
          tool_input: { command: `npm test src/file-${turn}.test.ts` },
        },
      ],
      ["tool.output.chunk", { tool_call_id: call.tool_call_id, delta: "✓ passes ".repeat(60) }],
      [
        "tool.completed",
        { ...call, title: "npm test", output: "✓ passes ".repeat(120), duration_ms: 1_200, exit_code: 0 },
      ],
      ["message.assistant", { ...message, content: "It passes now. ".repeat(20), model: "m", provider: "p" }],
      ["run.completed", { output: "Done.", stop_reason: "end_turn" }],
    ] as const
  )[index % 10]!;
  return {
    event_id: `e${index}`,
    type,
    ts: new Date(1_790_000_000_000 + index * 200).toISOString(),
    session_id: "s",
    run_id: `run-${turn}`,
    seq: index + 1,
    source: "bench",
    payload,
  };
}

const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};
const took = (work: () => unknown): number => {
  const start = performance.now();
  work();
  return performance.now() - start;
};

const before = heapMb();
const timeline = new Timeline();
const takenIn = took(() => {
  for (let index = 0; index < EVENTS; index += 1) timeline.add(eventAt(index));
});
const heap = heapMb() - before;

const FILTERS: Record<string, InspectorFilter> = {
  "filter: everything, grouped": { isGrouped: true },
  "filter: a word that is in every tenth event": { text: "passes now" },
  "filter: a word that is nowhere": { text: "nowhere at all" },
  "filter: types and families": { types: ["tool.*", "*.recorded"], hidden: ["thinking"], isGrouped: true },
};
const figures: Figure[] = [
  ...Object.entries(FILTERS).map(([name, filter]) => ({
    name,
    unit: "ms" as const,
    measured: median(Array.from({ length: ROUNDS }, () => took(() => shownRows(timeline, filter)))),
    aim: AIM_MS,
  })),
  {
    name: "totals and spans of time",
    unit: "ms",
    measured: median(
      Array.from({ length: ROUNDS }, () =>
        took(() => {
          totalsOf(timeline.rows);
          bucketsOf(timeline.rows, 60);
        }),
      ),
    ),
    aim: AIM_MS,
  },
  { name: `${EVENTS} events taken in`, unit: "ms", measured: takenIn },
  { name: "heap of the timeline", unit: "MB", measured: heap },
];
process.stdout.write(values.json ? `${JSON.stringify(report(figures))}\n` : table(figures));
