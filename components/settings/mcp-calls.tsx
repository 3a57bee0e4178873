"use client";

import { useFormat } from "#client/locale.tsx";
import { useMcpCalls } from "#client/mcp.ts";
import { MCP_DAYS } from "#domain/mcp.ts";
import { visible } from "#domain/visible.ts";
import { Fact, Facts } from "../ui/facts.tsx";

/** About so many bytes of text are a token of a model. */
const BYTES_A_TOKEN = 4;

/** How a server's calls went in the last days, and which failed last. */
export function McpCalls({ serverId }: { serverId: string }) {
  const f = useFormat();
  const found = useMcpCalls(serverId);
  if (!found) return null;
  const { days, failures } = found;
  const sum = (of: "calls" | "errors" | "totalMs" | "resultBytes") =>
    days.reduce((total, day) => total + day[of], 0);
  const calls = sum("calls");
  if (calls === 0) return <p className="text-small text-ink-2">No calls in the last {MCP_DAYS} days.</p>;
  return (
    <section aria-label={`Calls in the last ${MCP_DAYS} days`} className="grid gap-2 text-small">
      <Facts>
        <Fact name={`Calls, ${MCP_DAYS} days`}>{f.count(calls)}</Fact>
        <Fact name="Failed">
          {f.count(sum("errors"))} ({f.percent((100 * sum("errors")) / calls)})
        </Fact>
        <Fact name="Time for each">
          {f.duration(sum("totalMs") / calls)}, {f.duration(Math.max(...days.map(({ maxMs }) => maxMs)))} at
          most
        </Fact>
        <Fact name="Given to agents">
          {f.bytes(sum("resultBytes"))}, about {f.count(Math.round(sum("resultBytes") / BYTES_A_TOKEN))}{" "}
          tokens
        </Fact>
      </Facts>
      {failures.length > 0 && (
        <ul aria-label="Last failures" className="grid gap-1">
          {failures.map(({ at, tool, message }) => (
            <li key={`${at} ${tool} ${message}`} className="wrap-anywhere">
              <span className="text-ink-2">{f.stamp(at)}</span> <span className="fact">{visible(tool)}</span>:{" "}
              {visible(message)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
