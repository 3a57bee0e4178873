import { Sandbox } from "e2b";
import type { Api } from "#tests/api.ts";
import { demoSetup } from "./demo-setup.ts";
import { type Figure, median, percentile } from "./figures.ts";

const CALLS = 100;
const WARM_UP = 10;

/** The gateway's token, read where the agent reads it. */
async function tokenInside(sandboxId: string, settings: Record<string, string>): Promise<string> {
  const {
    E2B_API_KEY: apiKey,
    E2B_API_URL: apiUrl,
    E2B_SANDBOX_URL: sandboxUrl,
    E2B_DOMAIN: domain,
  } = settings;
  const variable = demoSetup("").keyVariable;
  const sandbox = await Sandbox.connect(sandboxId, {
    ...(apiKey && { apiKey }),
    ...(apiUrl && { apiUrl }),
    ...(sandboxUrl && { sandboxUrl }),
    ...(domain && { domain }),
  });
  return (await sandbox.commands.run(`printenv ${variable}`)).stdout.trim();
}

/** Milliseconds from the request to the first byte of the streamed answer, which is read to its end. */
async function firstByte(url: string, token: string): Promise<number> {
  const body = JSON.stringify({
    model: "demo",
    stream: true,
    messages: [{ role: "user", content: "```demo\nsay ok\n```" }],
  });
  const startedAt = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body,
  });
  if (!response.ok || !response.body)
    throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  const reader = response.body.getReader();
  await reader.read();
  const took = performance.now() - startedAt;
  while (!(await reader.read()).done);
  return took;
}

/** What the gateway adds to a model call's time to its first byte; both ways in turns. */
export async function gatewayFirstByte(api: Api, settings: Record<string, string>): Promise<Figure[]> {
  const session = await api.createSession();
  const token = await tokenInside(session.sandboxId ?? "", settings);
  const direct: number[] = [];
  const through: number[] = [];
  for (let call = 0; call < WARM_UP + CALLS; call++) {
    const times = [
      await firstByte(`${settings.DEMO_MODEL_URL}/v1/chat/completions`, token),
      await firstByte(`${api.url}/api/gateway/demo/v1/chat/completions`, token),
    ] as const;
    if (call < WARM_UP) continue;
    direct.push(times[0]);
    through.push(times[1]);
  }
  await api.stop(session.id);
  const p95 = `p95 ${percentile(through, 0.95).toFixed(1)} beside ${percentile(direct, 0.95).toFixed(1)} ms`;
  return [
    {
      name: "gateway, first byte",
      unit: "ms",
      measured: median(through),
      baseline: median(direct),
      against: "added",
      aim: 5,
      note: `beside the model called directly; ${p95}`,
    },
  ];
}
