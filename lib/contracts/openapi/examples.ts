/** A program that uses the API. The reference shows it, and a test runs it against a Studio of its own. */
export interface Example {
  id: string;
  title: string;
  text: string;
  /** The whole file. */
  code: string;
}

/** Where an example has Studio and its key from: the environment. */
const CLIENT = `import { Studio } from "@studio/sdk";

const { STUDIO_URL = "http://localhost:3000", STUDIO_API_KEY = "" } = process.env;
const studio = new Studio({ url: STUDIO_URL, apiKey: STUDIO_API_KEY });
`;

export const EXAMPLES: readonly Example[] = [
  {
    id: "example-run",
    title: "A run that needs nobody",
    text: "Rules of its own decide what its agent may do; what they leave open is denied at its deadline. Sent again with the same key, it starts nothing twice.",
    code: `${CLIENT}
const { run_id } = await studio.call("POST /api/v1/runs", {
  idempotencyKey: process.env.JOB ?? "nightly-1",
  body: {
    input: process.env.PROMPT ?? "Run the tests, and say which ones fail.",
    auto_approve_rules: [
      { set: "careful" },
      { tool_pattern: "builtin:shell:npm test *", action: "auto_approve" },
    ],
  },
});

for (;;) {
  const { run } = await studio.call("GET /api/v1/runs/{run_id}", { params: { run_id } });
  if (run.status === "pending" || run.status === "running") {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    continue;
  }
  for (const { summary, decision, decided_by } of run.decisions)
    console.log(\`\${decision}: \${summary} (\${decided_by ?? "nobody"})\`);
  console.log(run.status, run.output ?? run.error);
  break;
}
`,
  },
  {
    id: "example-follow",
    title: "Follow a session, and decide",
    text: "Events come as they happen, each once, also over connections that break off.",
    code: `${CLIENT}
const [session] = (await studio.call("GET /api/v1/sessions", { query: { limit: 1, status: "active" } })).sessions;
if (!session) throw new Error("Start a session first.");

const { run_id } = await studio.call("POST /api/v1/sessions/{id}/runs", {
  params: { id: session.id },
  body: { message: process.env.PROMPT ?? "Delete the build folder." },
});

for await (const event of studio.events(session.id)) {
  if (event.run_id !== run_id) continue;
  if (event.type === "approval.requested")
    await studio.call("POST /api/v1/runs/{run_id}/approvals/{approval_key}", {
      params: { run_id, approval_key: String(event.payload["approval_key"]) },
      body: { decision: "denied", reason: "Not from a script." },
    });
  if (event.type.startsWith("run.")) console.log(event.type);
  if (/^run\\.(completed|failed|cancelled)$/.test(event.type)) break;
}
`,
  },
];
