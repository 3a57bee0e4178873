/**
 * The routes of Studio's API, as its OpenAPI document has them: written by `npm run codegen`, not by hand.
 */

export interface Routes {
/**
 * List sessions
 */
"GET /api/studio/sessions": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * By state; `waiting` are those that wait for a person.
 */
group?: ("waiting" | "active" | "idle" | "stopped" | "error")
environment?: ("development" | "production")
/**
 * The sessions of one agent alone.
 */
agentId?: string
/**
 * Whether to list the caller's own sessions only.
 */
mine?: boolean
/**
 * Words of the title, prompts, or answers, in any case; the last one may be incomplete.
 */
text?: string
/**
 * Whether to list archived sessions instead of the others.
 */
archived?: boolean
}
result: {
sessions: Session[]
nextCursor: (string | null)
/**
 * True where `text` has more matches than are looked at: the pages lack some sessions. Narrow the search.
 */
truncated: boolean
}
}
/**
 * Start a session
 */
"POST /api/studio/sessions": {
query?: {
/**
 * Whether to return only once the session is ready or has failed.
 */
wait?: boolean
}
body: {
environment?: ("development" | "production")
/**
 * One of those that `GET /api/studio/models` lists; with `model`.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
/**
 * The agent to start with. Its provider and model are the session's, unless others are given.
 */
agentId?: string
/**
 * By default the first message gives it one.
 */
title?: string
/**
 * What the session may cost; a run pauses when it is reached.
 */
budgetCapMicroUsd?: number
/**
 * Whether every approval is granted by itself, and logged.
 */
autoApprove?: boolean
/**
 * What the session works on, beside the project.
 */
repository?: {
/**
 * One of the organization's git connections.
 */
connection: string
/**
 * The repository's URL, or its path, such as `acme/shop`.
 */
url: string
/**
 * A branch, a tag, or a commit's whole id; the main branch by default.
 */
ref?: string
/**
 * Whether to fetch all of its history.
 */
full?: boolean
}
/**
 * Folders of the workspace that hold skills. Without it, or with null: `/workspace/.skills_runtime_sdk/skills`. An empty list: none, and none can be created.
 */
skillsRoots?: (string[] | null)
/**
 * Or several, each with its own rights.
 * 
 * @minItems 1
 * @maxItems 10
 */
repositories?: {
/**
 * One of the organization's git connections.
 */
connection: string
/**
 * The repository's URL, or its path, such as `acme/shop`.
 */
url: string
/**
 * A branch, a tag, or a commit's whole id; the main branch by default.
 */
ref?: string
/**
 * Whether to fetch all of its history.
 */
full?: boolean
/**
 * `write`: the session pushes its own branches; `read`: it fetches alone.
 */
access?: ("write" | "read")
}[]
}
result: {
sessionId: string
session: Session
}
}
/**
 * Get a session
 */
"GET /api/studio/sessions/{id}": {
params: {
id: string
}
result: {
session: Session
}
}
/**
 * Change a session
 */
"PATCH /api/studio/sessions/{id}": {
params: {
id: string
}
body: {
title?: string
/**
 * What the session may cost; null for no cap.
 */
budgetCapMicroUsd?: (number | null)
/**
 * Whether every approval is granted by itself, and logged.
 */
autoApprove?: boolean
/**
 * Whether the session is kept out of the lists; only one that has ended can be.
 */
archived?: boolean
}
result: {
session: Session
}
}
/**
 * Stop a session
 */
"DELETE /api/studio/sessions/{id}": {
params: {
id: string
}
result: null
}
/**
 * Resume a session
 */
"POST /api/studio/sessions/{id}/resume": {
params: {
id: string
}
result: {
session: Session
}
}
/**
 * Branch a session
 */
"POST /api/studio/sessions/{id}/branch": {
params: {
id: string
}
body: {
/**
 * The last event that the branch has of the session. Its files are those of the last checkpoint at or before it.
 */
fromSeq: number
/**
 * With `model`; by default the session's. One of those that `GET /api/studio/models` lists.
 */
provider?: string
model?: string
/**
 * `pinned`: the agent as the session has it. `newest`: as it is now, with its model unless another is named.
 */
agent?: ("pinned" | "newest")
/**
 * By default “Branch of” and the session's title.
 */
title?: string
/**
 * What the branch may cost; null for no cap. By default the session's own cap, from 0 on.
 */
budgetCapMicroUsd?: (number | null)
}
result: {
sessionId: string
session: Session
}
}
/**
 * Send a message
 */
"POST /api/studio/sessions/{id}/message": {
params: {
id: string
}
body: {
message: string
}
result: {
runId: string
}
}
/**
 * Restart the idle timeout
 */
"POST /api/studio/sessions/{id}/keepalive": {
params: {
id: string
}
result: Ok
}
/**
 * Cancel a run
 */
"POST /api/studio/sessions/{id}/cancel": {
params: {
id: string
}
body?: {
/**
 * The run to cancel; by default the one that is going.
 */
runId?: string
}
result: Ok
}
/**
 * See who pays for a session
 */
"GET /api/studio/sessions/{id}/payer": {
params: {
id: string
}
result: {
keySource: ("platform" | "direct" | "openrouter")
/**
 * Who would pay if the session's key were refused; null if there is none.
 */
next: (("platform" | "direct" | "openrouter") | null)
/**
 * Why there is none.
 */
reason: (string | null)
}
}
/**
 * Change who pays
 */
"POST /api/studio/sessions/{id}/payer": {
params: {
id: string
}
body: {
keySource: ("platform" | "direct" | "openrouter")
}
result: {
session: Session
}
}
/**
 * Answer a question of the agent
 */
"POST /api/studio/sessions/{id}/question": {
params: {
id: string
}
body: ({
questionId: string
/**
 * One list for each question, in order: labels of its options, or the person's own words.
 * 
 * @maxItems 20
 */
answers: string[][]
} | {
questionId: string
reject: true
})
result: Ok
}
/**
 * Stream a session's events
 */
"GET /api/studio/sessions/{id}/events": {
params: {
id: string
}
query?: {
/**
 * The `seq` behind which the stream begins; by default what `Last-Event-ID` says, or the start.
 */
after?: number
}
result: null
}
/**
 * List sessions, with their agents
 */
"GET /api/v1/sessions": {
query?: {
limit?: number
/**
 * Sessions to pass over, from the first or from the cursor on.
 */
offset?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * `active`: those that live; `completed`: those that were stopped; `error`: those that failed.
 */
status?: ("active" | "completed" | "archived" | "error")
/**
 * The sessions of one agent alone.
 */
agent_id?: string
environment?: ("development" | "production")
/**
 * Whether to list the caller's own sessions only.
 */
mine?: boolean
/**
 * Words of the title, prompts, or answers, in any case; the last one may be incomplete.
 */
text?: string
}
result: {
sessions: {
id: string
/**
 * The same as `id`.
 */
session_id: string
agent_id: (string | null)
agent_name: (string | null)
title: string
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
waiting_for: (("capacity" | "sandbox" | "agent-start" | "project-pull" | "setup" | "provider" | "approval" | "budget" | "credits" | "limit" | "mcp" | "rewind") | null)
environment: ("development" | "production")
provider: string
model: string
/**
 * The session that it branched from; else null.
 */
parent_session_id: (string | null)
branch_from_seq: (number | null)
message_count: number
runs_count: number
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
created_at: string
updated_at: string
ended_at: (string | null)
archived_at: (string | null)
/**
 * When it was imported from an export: it can only be read. Absent where it was started here.
 */
imported_at?: string
}[]
next_cursor: (string | null)
}
}
/**
 * Create a session with defaults
 */
"POST /api/v1/sessions": {
body: {
/**
 * By default the first message gives it one.
 */
title?: string
environment?: ("development" | "production")
/**
 * One of those that `GET /api/studio/models` lists; with `model`.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
/**
 * The agent to start with. Its model is the session's, unless another is given.
 */
agent_id?: string
/**
 * Folders of the workspace that hold skills. Without it, or with null: `/workspace/.skills_runtime_sdk/skills`. An empty list: none, and none can be created.
 */
skills_roots?: (string[] | null)
}
result: {
session_id: string
created_at: string
}
}
/**
 * Branch a session at a `from_seq`
 */
"POST /api/v1/sessions/{id}/branch": {
params: {
id: string
}
body: {
/**
 * The last event that the branch has of the session. Its files are those of the last checkpoint at or before it.
 */
from_seq: number
/**
 * With `model`; by default the session's. One of those that `GET /api/studio/models` lists.
 */
provider?: string
model?: string
/**
 * `pinned`: the agent as the session has it. `newest`: as it is now, with its model unless another is named.
 */
agent?: ("pinned" | "newest")
/**
 * By default “Branch of” and the session's title.
 */
title?: string
/**
 * What the branch may cost; null for no cap. By default the session's own cap, from 0 on.
 */
budget_cap_micro_usd?: (number | null)
}
result: {
session_id: string
}
}
/**
 * Start a run
 */
"POST /api/v1/sessions/{id}/runs": {
params: {
id: string
}
body: {
message: string
}
result: {
run_id: string
}
}
/**
 * Send a message as `content`
 */
"POST /api/v1/sessions/{id}/messages": {
params: {
id: string
}
body: {
content: string
}
result: {
run_id: string
}
}
/**
 * List a session's events
 */
"GET /api/v1/sessions/{id}/events": {
params: {
id: string
}
query?: {
limit?: number
/**
 * The `seq` behind which the page begins.
 */
cursor?: number
/**
 * Types of events, with commas; `*` stands for any characters, as in `tool.*,run.failed`.
 */
types?: string
/**
 * The first `seq` that is wanted.
 */
from_seq?: number
/**
 * The last `seq` that is wanted.
 */
to_seq?: number
/**
 * What the type or a text of the payload has in it, in any case.
 */
text?: string
}
result: {
events: Event[]
next_cursor: (string | null)
}
}
/**
 * Get an artifact
 */
"GET /api/v1/sessions/{id}/artifacts/{artifact_id}": {
params: {
id: string
artifact_id: string
}
result: {
artifact: {
id: string
kind: ("output" | "diff")
text: string
created_at: string
}
}
}
/**
 * List model providers
 */
"GET /api/v1/providers": {
result: {
providers: {
name: string
available: boolean
models: string[]
/**
 * Why it is not available.
 */
error?: string
}[]
}
}
/**
 * List models
 */
"GET /api/studio/models": {
result: {
providers: {
id: string
name: string
keySource: ("platform" | "direct" | "openrouter")
models: {
id: string
name: string
tier: ("fast" | "standard" | "premium")
contextTokens: number
outputTokens: number
priceInMicroUsd: number
priceCachedMicroUsd: number
priceOutMicroUsd: number
/**
 * Null where the provider charges nothing above its price of input.
 */
priceCacheWriteMicroUsd: (number | null)
priceCacheWriteLongMicroUsd: (number | null)
/**
 * The prices of a call whose whole input is longer than `aboveTokens`.
 */
longContext: ({
aboveTokens: number
priceInMicroUsd: number
priceCachedMicroUsd: number
priceOutMicroUsd: number
} | null)
/**
 * False if no price is published; the provider's most expensive one then stands in for it.
 */
priceVerified: boolean
/**
 * False for a model of your own endpoint without a price: its prices stand as 0.
 */
priceKnown: boolean
verifiedAt: string
images: boolean
status: ("active" | "deprecated" | "retired")
/**
 * False for a retired model: a session that asks for it gets `replacement`.
 */
available: boolean
shutdownAt: (string | null)
replacement: (string | null)
note: (string | null)
}[]
}[]
default: ({
provider: string
model: string
/**
 * Where the default that was set, or the catalog's, has been retired: what took its place.
 */
notice: (string | null)
} | null)
}
}
/**
 * List a session's checkpoints
 */
"GET /api/studio/sessions/{id}/checkpoints": {
params: {
id: string
}
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
checkpoints: {
id: string
/**
 * The last event of the log when it was begun.
 */
seq: number
/**
 * The run whose end it shows; null before the first, and where a run was going meanwhile.
 */
runId: (string | null)
/**
 * Whether no run was going while it was taken.
 */
betweenTurns: boolean
cause: ("start" | "turn" | "stop" | "idle" | "asked" | "work" | "rewind")
/**
 * Epoch milliseconds.
 */
createdAt: number
/**
 * When what is stored had been read back and compared; epoch milliseconds.
 */
verifiedAt: number
files: number
/**
 * Of the workspace's files.
 */
sizeBytes: number
/**
 * What it takes up, beside the checkpoints that it builds on.
 */
storedBytes: number
/**
 * How many files are not in it.
 */
leftOut: number
}[]
nextCursor: (string | null)
}
}
/**
 * Save a session now
 */
"POST /api/studio/sessions/{id}/checkpoints": {
params: {
id: string
}
result: {
/**
 * `unchanged`: the latest checkpoint holds; `saving`: it is not done yet, and goes on.
 */
state: ("saved" | "unchanged" | "saving")
/**
 * The latest checkpoint.
 */
checkpoint: ({
id: string
/**
 * The last event of the log when it was begun.
 */
seq: number
/**
 * The run whose end it shows; null before the first, and where a run was going meanwhile.
 */
runId: (string | null)
/**
 * Whether no run was going while it was taken.
 */
betweenTurns: boolean
cause: ("start" | "turn" | "stop" | "idle" | "asked" | "work" | "rewind")
/**
 * Epoch milliseconds.
 */
createdAt: number
/**
 * When what is stored had been read back and compared; epoch milliseconds.
 */
verifiedAt: number
files: number
/**
 * Of the workspace's files.
 */
sizeBytes: number
/**
 * What it takes up, beside the checkpoints that it builds on.
 */
storedBytes: number
/**
 * How many files are not in it.
 */
leftOut: number
} | null)
}
}
/**
 * Restore a file from a checkpoint
 */
"POST /api/studio/sessions/{id}/checkpoints/{checkpoint_id}/restore": {
params: {
id: string
checkpoint_id: string
}
body: {
/**
 * Within the workspace.
 */
path: string
/**
 * Whether it is replaced also where a person has changed it since the agent's last turn.
 */
overwrite?: boolean
}
result: {
path: string
change: ("added" | "changed" | "unchanged")
}
}
/**
 * Go back to an earlier turn
 */
"POST /api/studio/sessions/{id}/rewind": {
params: {
id: string
}
body: {
/**
 * To the end of this run, which stays.
 */
runId?: string
/**
 * To what was there before this run's message.
 */
beforeRunId?: string
/**
 * To the end of the last saved run that had ended by this event.
 */
toSeq?: number
/**
 * To this checkpoint.
 */
checkpointId?: string
/**
 * To what was there before the last rewind.
 */
undo?: true
/**
 * What goes back; with `undo` what the rewind took.
 */
what?: ("conversation" | "files" | "both")
/**
 * Whether only to say what would change.
 */
preview?: boolean
/**
 * Files that a person has changed by hand, and that are to go back all the same. A folder ends with a slash; `/` is all.
 * 
 * @minItems 0
 * @maxItems 200
 */
overwrite?: string[]
/**
 * Those that stay as they are. The closer of two entries counts.
 * 
 * @minItems 0
 * @maxItems 200
 */
keep?: string[]
/**
 * Revisions of the project to take back when it begins: of those that a preview names as `pushes`. It needs the scope `project:write`, and is refused whole where somebody has changed the same definitions since.
 * 
 * @maxItems 20
 */
takeBack?: number[]
/**
 * Where that is the environment taken back.
 */
confirm?: "production"
}
result: {
/**
 * `begun`: `session.rewound` in the log says that it is done, `session.rewind_failed` that it is not.
 */
state: ("preview" | "begun")
what: ("conversation" | "files" | "both")
/**
 * The last run that stays; null for none.
 */
runId: (string | null)
/**
 * Where that ended in the log; what comes after is set aside.
 */
toSeq: number
checkpointId: (string | null)
counts: {
added: number
changed: number
deleted: number
}
/**
 * What changes in the workspace: at most 200 files.
 */
files: {
path: string
change: ("added" | "changed" | "deleted")
/**
 * Whether a person has changed it since the agent's last turn.
 */
byHand: boolean
}[]
/**
 * How many of those changed by hand are named under neither list.
 */
openCount: number
/**
 * Revisions of the project that were pushed from the session after that point. A rewind leaves those that it isn't told to take back; once the files are back, what would do so is among the changes to push.
 */
pushes: number[]
}
}
/**
 * Get a session, with its messages and its agent
 */
"GET /api/v1/sessions/{id}": {
params: {
id: string
}
result: {
id: string
/**
 * The same as `id`.
 */
session_id: string
agent_id: (string | null)
agent_name: (string | null)
title: string
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
waiting_for: (("capacity" | "sandbox" | "agent-start" | "project-pull" | "setup" | "provider" | "approval" | "budget" | "credits" | "limit" | "mcp" | "rewind") | null)
environment: ("development" | "production")
provider: string
model: string
/**
 * The session that it branched from; else null.
 */
parent_session_id: (string | null)
branch_from_seq: (number | null)
message_count: number
runs_count: number
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
created_at: string
updated_at: string
ended_at: (string | null)
archived_at: (string | null)
/**
 * When it was imported from an export: it can only be read. Absent where it was started here.
 */
imported_at?: string
/**
 * In order, from the first on.
 */
messages: {
id: string
session_id: string
run_id: (string | null)
seq: number
role: ("user" | "assistant" | "system")
content: string
/**
 * True where `content` is the beginning of a longer text.
 */
truncated?: boolean
model?: string
provider?: string
/**
 * Of the model call that brought it, where that is known.
 */
input_tokens?: number
output_tokens?: number
cost_usd?: number
duration_ms?: number
/**
 * The `tool_call_id` of each tool that it called.
 */
tool_calls?: string[]
created_at: string
}[]
/**
 * True where there are more; `GET /api/v1/sessions/{id}/events?types=message.*` has all.
 */
messages_truncated: boolean
/**
 * What its agent was when the session began; null where it has none.
 */
agent: ({
id: string
/**
 * Null for a session from before agents had versions.
 */
version: (number | null)
name: string
description: string
provider: string
model: string
system_prompt: string
temperature: number
max_tokens: number
tools_mode: ("sandboxed" | "restricted" | "full")
mcp_servers: string[]
skills: (string[] | null)
variables: (string[] | null)
repository: ({
connection: string
url: string
ref: (string | null)
} | null)
approval_rules: {
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
created_at: string
updated_at: string
} | null)
}
}
/**
 * Delete a session
 */
"DELETE /api/v1/sessions/{id}": {
params: {
id: string
}
result: {
session_id: string
deleted: {
events: number
checkpoints: number
saved_bytes: number
}
/**
 * When nothing of it is left at the latest, apart from what it cost.
 */
purged_by: string
}
}
/**
 * Get what a session has used and done
 */
"GET /api/v1/sessions/{id}/stats": {
params: {
id: string
}
result: {
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
/**
 * From its beginning to its end, or to now.
 */
total_duration_ms: number
llm_call_count: number
tool_call_count: number
tool_approved_count: number
tool_denied_count: number
model: string
provider: string
}
}
/**
 * Get what a session's runs are configured with
 */
"GET /api/v1/sessions/{id}/config": {
params: {
id: string
}
result: {
/**
 * The agent that the session was started with.
 */
profile_id: (string | null)
models: {
planner: string
executor: string
}
llm: {
payer: string
temperature: (number | null)
max_tokens: (number | null)
}
limits: {
budget_cap_usd: (number | null)
idle_timeout_ms: number
run_timeout_ms: number
approval_timeout_ms: number
approval_timeout_action: ("auto" | "park" | "deny")
}
safety: {
tools_mode: string
auto_approve: boolean
}
config_overlays: string[]
/**
 * Where each value came from: `agent:<id>`, `session`, `organization`, or `default`.
 */
sources: {
[k: string]: string
}
}
}
/**
 * Get what a session began with
 */
"GET /api/v1/sessions/{id}/provenance": {
params: {
id: string
}
result: {
environment: ("development" | "production")
/**
 * Null before its first sandbox is made, and for sessions from before this was kept.
 */
template: ({
name: string
/**
 * Studio's own, when the sandbox was made.
 */
studio_version: string
/**
 * By the names of its programs; null where the template doesn't say.
 */
versions: ({
[k: string]: string
} | null)
/**
 * By the names of its programs; null where the template doesn't say.
 */
versions_now: ({
[k: string]: string
} | null)
state: ("same" | "changed")
} | null)
/**
 * Null where `template` is.
 */
setup: ({
/**
 * Null for none: the session's own start ran the scripts, if there are any.
 */
snapshot: ({
id: string
/**
 * Of the script that made it, and of the lockfiles that it stands for.
 */
sha256: string
built_at: string
} | null)
/**
 * Null for none: the session's own start ran the scripts, if there are any.
 */
snapshot_now: ({
id: string
/**
 * Of the script that made it, and of the lockfiles that it stands for.
 */
sha256: string
built_at: string
} | null)
/**
 * How it stands now, as new sessions would get it.
 */
state: ("same" | "changed" | "gone")
} | null)
model: {
provider: string
id: string
/**
 * For a million tokens; null for an endpoint of the organization's own.
 */
prices: ({
input_micro_usd: number
cached_input_micro_usd: number
output_micro_usd: number
} | null)
/**
 * For a million tokens; null for an endpoint of the organization's own.
 */
prices_now: ({
input_micro_usd: number
cached_input_micro_usd: number
output_micro_usd: number
} | null)
}
agent: ({
id: string
name: string
/**
 * Null for a session from before agents had versions.
 */
version: (number | null)
/**
 * Null where the agent was deleted.
 */
newest_version: (number | null)
/**
 * From what it was to what it is now.
 */
changes: {
field: string
before: (string | number | null | string[] | {
connection: string
url: string
ref: (string | null)
})
after: (string | number | null | string[] | {
connection: string
url: string
ref: (string | null)
})
}[]
} | null)
skills: {
root: string
name: string
revision: number
sha256: (string | null)
/**
 * How it stands now, as new sessions would get it.
 */
state: ("same" | "changed" | "gone")
}[]
/**
 * Names of the skills that came since.
 */
skills_added: string[]
rules: {
/**
 * SHA-256 of all of them.
 */
digest: string
count: number
first: {
name: string
scope: ("session" | "agent" | "environment" | "organization")
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
}[]
/**
 * Rules count as they are now, not as they were.
 */
state: ("same" | "changed")
}
mcp_servers: {
name: string
tools_digest: string
tools: string[]
/**
 * How it stands now, as new sessions would get it.
 */
state: ("same" | "changed" | "gone")
}[]
repositories: {
repository: string
folder: string
ref: (string | null)
commit: string
}[]
/**
 * The session that it repeats, with what that began with; null for none.
 */
repeats: (string | null)
/**
 * Null for a session from before prices, skills and rules were kept: those are empty then.
 */
pinned_at: (string | null)
}
}
/**
 * Get what a repeat of a session can't have as it was
 */
"GET /api/v1/sessions/{id}/repeat": {
params: {
id: string
}
result: {
/**
 * Empty where the session can be repeated exactly.
 */
gaps: {
/**
 * What `accept` takes.
 */
id: string
kind: ("pins" | "template" | "setup" | "model" | "price" | "skill_gone" | "skill_off" | "skill_text" | "rules_many" | "rules_since" | "mcp_unknown" | "mcp_gone" | "mcp_changed" | "repository")
/**
 * Which skill, server, model or repository; null where there is only one.
 */
name: (string | null)
/**
 * What can't be had as it was, and what the repeat has in its place.
 */
detail: string
}[]
}
}
/**
 * Begin a session with what another one began with
 */
"POST /api/v1/sessions/{id}/repeat": {
params: {
id: string
}
body?: {
/**
 * A run of the session, whose input the new session is sent. Without it the new session waits.
 */
run_id?: string
/**
 * Ids of the gaps to go on with. One that is not among them refuses the request.
 * 
 * @minItems 0
 * @maxItems 200
 */
accept?: string[]
title?: string
/**
 * One of those that `GET /api/studio/models` lists; with `model`.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
}
result: {
session_id: string
run_id: (string | null)
}
}
/**
 * Export a session
 */
"GET /api/v1/sessions/{id}/export": {
params: {
id: string
}
query?: {
/**
 * `jsonl`: the events alone, one a line; `markdown`: the conversation, to be read.
 */
format?: ("json" | "jsonl" | "markdown")
}
result: {
export_version: 1
exported_at: string
session: {
id: string
/**
 * The same as `id`.
 */
session_id: string
agent_id: (string | null)
agent_name: (string | null)
title: string
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
waiting_for: (("capacity" | "sandbox" | "agent-start" | "project-pull" | "setup" | "provider" | "approval" | "budget" | "credits" | "limit" | "mcp" | "rewind") | null)
environment: ("development" | "production")
provider: string
model: string
/**
 * The session that it branched from; else null.
 */
parent_session_id: (string | null)
branch_from_seq: (number | null)
message_count: number
runs_count: number
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
created_at: string
updated_at: string
ended_at: (string | null)
archived_at: (string | null)
/**
 * When it was imported from an export: it can only be read. Absent where it was started here.
 */
imported_at?: string
}
/**
 * What its agent was when the session began; null where it has none.
 */
agent: ({
id: string
/**
 * Null for a session from before agents had versions.
 */
version: (number | null)
name: string
description: string
provider: string
model: string
system_prompt: string
temperature: number
max_tokens: number
tools_mode: ("sandboxed" | "restricted" | "full")
mcp_servers: string[]
skills: (string[] | null)
variables: (string[] | null)
repository: ({
connection: string
url: string
ref: (string | null)
} | null)
approval_rules: {
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
created_at: string
updated_at: string
} | null)
stats: {
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
/**
 * From its beginning to its end, or to now.
 */
total_duration_ms: number
llm_call_count: number
tool_call_count: number
tool_approved_count: number
tool_denied_count: number
model: string
provider: string
}
/**
 * The whole log, in order.
 */
events: Event[]
}
}
/**
 * Export a session with more of it masked
 */
"POST /api/v1/sessions/{id}/export": {
params: {
id: string
}
body: {
/**
 * `jsonl`: the events alone, one a line; `markdown`: the conversation, to be read.
 */
format?: ("json" | "jsonl" | "markdown")
/**
 * Texts to be hidden wherever they stand, beside what the log hides already.
 * 
 * @minItems 0
 * @maxItems 50
 */
mask?: string[]
}
result: {
export_version: 1
exported_at: string
session: {
id: string
/**
 * The same as `id`.
 */
session_id: string
agent_id: (string | null)
agent_name: (string | null)
title: string
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
waiting_for: (("capacity" | "sandbox" | "agent-start" | "project-pull" | "setup" | "provider" | "approval" | "budget" | "credits" | "limit" | "mcp" | "rewind") | null)
environment: ("development" | "production")
provider: string
model: string
/**
 * The session that it branched from; else null.
 */
parent_session_id: (string | null)
branch_from_seq: (number | null)
message_count: number
runs_count: number
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
created_at: string
updated_at: string
ended_at: (string | null)
archived_at: (string | null)
/**
 * When it was imported from an export: it can only be read. Absent where it was started here.
 */
imported_at?: string
}
/**
 * What its agent was when the session began; null where it has none.
 */
agent: ({
id: string
/**
 * Null for a session from before agents had versions.
 */
version: (number | null)
name: string
description: string
provider: string
model: string
system_prompt: string
temperature: number
max_tokens: number
tools_mode: ("sandboxed" | "restricted" | "full")
mcp_servers: string[]
skills: (string[] | null)
variables: (string[] | null)
repository: ({
connection: string
url: string
ref: (string | null)
} | null)
approval_rules: {
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
created_at: string
updated_at: string
} | null)
stats: {
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
/**
 * From its beginning to its end, or to now.
 */
total_duration_ms: number
llm_call_count: number
tool_call_count: number
tool_approved_count: number
tool_denied_count: number
model: string
provider: string
}
/**
 * The whole log, in order.
 */
events: Event[]
}
}
/**
 * See what an export hides
 */
"POST /api/v1/sessions/{id}/export/review": {
params: {
id: string
}
body: {
/**
 * Texts to be hidden wherever they stand, beside what the log hides already.
 * 
 * @minItems 0
 * @maxItems 50
 */
mask?: string[]
}
result: {
events: number
masked: {
/**
 * `secret`: a value that the sandbox knew; `studio_token`: a token of Studio's own.
 */
kind: ("secret" | "studio_token" | "by_hand")
/**
 * Of `by_hand` alone: the text that would be hidden.
 */
text?: string
count: number
/**
 * The first 20; `seq` is 0 for what stands before the events.
 */
places: {
seq: number
type: string
field: string
}[]
}[]
}
}
/**
 * Import an exported session, to be read
 */
"POST /api/v1/sessions/import": {
query?: {
/**
 * Where the session stands here; without it, development, or the key's own.
 */
environment?: ("development" | "production")
}
/**
 * The file, as it was exported.
 */
body: {
[k: string]: unknown
}
result: {
id: string
/**
 * The same as `id`.
 */
session_id: string
agent_id: (string | null)
agent_name: (string | null)
title: string
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
waiting_for: (("capacity" | "sandbox" | "agent-start" | "project-pull" | "setup" | "provider" | "approval" | "budget" | "credits" | "limit" | "mcp" | "rewind") | null)
environment: ("development" | "production")
provider: string
model: string
/**
 * The session that it branched from; else null.
 */
parent_session_id: (string | null)
branch_from_seq: (number | null)
message_count: number
runs_count: number
total_input_tokens: number
total_output_tokens: number
total_cost_usd: number
created_at: string
updated_at: string
ended_at: (string | null)
archived_at: (string | null)
/**
 * When it was imported from an export: it can only be read. Absent where it was started here.
 */
imported_at?: string
}
}
/**
 * See whether a session's sandbox runs
 */
"GET /api/v1/sessions/{id}/sandbox": {
params: {
id: string
}
result: {
running: boolean
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
sandbox_id: (string | null)
}
}
/**
 * Start a session's sandbox
 */
"POST /api/v1/sessions/{id}/sandbox/start": {
params: {
id: string
}
result: {
running: boolean
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
sandbox_id: (string | null)
}
}
/**
 * Stop a session's sandbox
 */
"POST /api/v1/sessions/{id}/sandbox/stop": {
params: {
id: string
}
result: {
running: boolean
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
sandbox_id: (string | null)
}
}
/**
 * Read a file or list a folder
 */
"GET /api/studio/sessions/{id}/files": {
params: {
id: string
}
query?: {
/**
 * Below the workspace; empty for the workspace itself.
 */
path?: string
}
result: (Folder | File)
}
/**
 * Write a file
 */
"PUT /api/studio/sessions/{id}/files": {
params: {
id: string
}
body: {
path: string
content: string
/**
 * The `hash` of the file as it was read; null for a new file.
 */
expectedHash: (string | null)
}
result: File
}
/**
 * Download a file
 */
"GET /api/studio/sessions/{id}/files/content": {
params: {
id: string
}
query?: {
/**
 * Below the workspace.
 */
path?: string
/**
 * The bytes as they are, which is all there is today.
 */
raw?: "1"
}
result: null
}
/**
 * Open a preview
 */
"POST /api/studio/sessions/{id}/preview": {
params: {
id: string
}
body: {
port: number
path?: string
}
result: {
url: string
origin: string
expiresAt: number
}
}
/**
 * Describe the sandbox
 */
"GET /api/studio/sessions/{id}/sandbox": {
params: {
id: string
}
result: {
sandboxId: string
template: string
startedAt: number
runningMs: number
cpuCount: number
isolation: ({
adapter: string
active: boolean
ownUid: boolean
systemCallsFiltered: boolean
limits: {
[k: string]: {
value: number
heldBy: string
}
}
} | null)
/**
 * Whether the sandbox service tells which connections it refuses.
 */
refusalsTold: boolean
metrics: ({
cpuPercent: number
memoryBytes: number
memoryLimitBytes: number
diskBytes: number
diskLimitBytes: number
} | null)
}
}
/**
 * Try the sandbox's walls
 */
"POST /api/studio/sessions/{id}/sandbox/check": {
params: {
id: string
}
result: {
checks: {
id: ("files" | "programs" | "system" | "ports" | "metadata" | "mount" | "trace" | "memory")
title: string
/**
 * What was tried, as any program in the sandbox could.
 */
attempt: string
/**
 * Whether it was refused; null where it could not be tried.
 */
held: (boolean | null)
/**
 * What refused it.
 */
reasons: string[]
}[]
}
}
/**
 * List background processes
 */
"GET /api/studio/sessions/{id}/processes": {
params: {
id: string
}
result: {
/**
 * @maxItems 100
 */
processes: {
pid: number
command: string
/**
 * Epoch milliseconds.
 */
since: number
/**
 * Ports that it listens on.
 */
ports: number[]
/**
 * In memory now, with what it shares with others.
 */
memoryBytes: number
/**
 * Who has begun it: a command of the agent's, or a person in a terminal.
 */
from: ("command" | "terminal")
/**
 * Of one core, at the moment.
 */
cpuPercent: number
}[]
/**
 * True where there are more than are listed.
 */
truncated: boolean
}
}
/**
 * End a process
 */
"DELETE /api/studio/sessions/{id}/processes/{pid}": {
params: {
id: string
pid: string
}
result: null
}
/**
 * List open terminals
 */
"GET /api/studio/sessions/{id}/terminals": {
params: {
id: string
}
result: {
terminals: {
id: string
}[]
}
}
/**
 * Open a terminal
 */
"POST /api/studio/sessions/{id}/terminals": {
params: {
id: string
}
body: {
cols: number
rows: number
}
result: {
id: string
}
}
/**
 * Close a terminal
 */
"DELETE /api/studio/sessions/{id}/terminals/{terminal}": {
params: {
id: string
terminal: string
}
result: null
}
/**
 * Stream a terminal's output
 */
"GET /api/studio/sessions/{id}/terminals/{terminal}/output": {
params: {
id: string
terminal: string
}
result: null
}
/**
 * Type into a terminal
 */
"POST /api/studio/sessions/{id}/terminals/{terminal}/input": {
params: {
id: string
terminal: string
}
body: {
data: string
}
result: Ok
}
/**
 * Resize a terminal
 */
"POST /api/studio/sessions/{id}/terminals/{terminal}/resize": {
params: {
id: string
terminal: string
}
body: {
cols: number
rows: number
}
result: Ok
}
/**
 * List what a workspace changes of the project
 */
"GET /api/studio/sessions/{id}/project": {
params: {
id: string
}
result: {
environment: ("development" | "production")
/**
 * The revision that the workspace is compared with.
 */
base: number
/**
 * What the environment is at.
 */
revision: number
/**
 * When the workspace was looked at; null before the first time.
 */
at: (number | null)
/**
 * Why the last look came to nothing.
 */
problem: (string | null)
changes: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
change: ("created" | "updated" | "deleted")
file: string
/**
 * Of the JSON text in the workspace, SHA-256 in hex; null where it is deleted there.
 */
hash: (string | null)
/**
 * The same at the base; null where it was not there.
 */
before: (string | null)
/**
 * Whether the environment has something else than the base had.
 */
moved: boolean
/**
 * Paths of the fields that are different, 20 at most; empty where it is new or deleted.
 */
fields: string[]
fieldCount: number
}[]
/**
 * Changes that found no room in the list.
 */
unlisted: number
faults: {
file: string
line?: number
column?: number
path?: string
message: string
}[]
/**
 * Of all of the changes together.
 */
effects: {
kind: string
name: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}
message: string
}[]
/**
 * The revision of this session's last push, while nothing has changed since.
 */
pushed: (number | null)
}
}
/**
 * Compare a workspace with the project now
 */
"POST /api/studio/sessions/{id}/project/look": {
params: {
id: string
}
result: Ok
}
/**
 * See one changed definition
 */
"GET /api/studio/sessions/{id}/project/definition": {
params: {
id: string
}
query: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}
result: {
file: string
/**
 * JSON text; null where it isn't there.
 */
base: (string | null)
/**
 * JSON text; null where it isn't there.
 */
workspace: (string | null)
/**
 * JSON text; null where it isn't there.
 */
current: (string | null)
}
}
/**
 * Push chosen changes to the environment
 */
"POST /api/studio/sessions/{id}/project/push": {
params: {
id: string
}
body: {
/**
 * The one that was shown as `base`.
 */
revision: number
/**
 * @minItems 1
 * @maxItems 1000
 */
definitions: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
seen: (string | null)
}[]
allowDeletions?: boolean
/**
 * "production", where that is changed.
 */
confirm?: string
/**
 * Says what it would mean, and changes nothing.
 */
dryRun?: boolean
}
result: {
revision: number
dryRun: boolean
created: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}[]
updated: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}[]
deleted: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}[]
effects: {
kind: string
name: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}
message: string
}[]
}
}
/**
 * Take back the session's last push
 */
"POST /api/studio/sessions/{id}/project/take-back": {
params: {
id: string
}
body: {
revision: number
}
result: {
revision: number
dryRun: boolean
created: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}[]
updated: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}[]
deleted: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}[]
effects: {
kind: string
name: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}
message: string
}[]
}
}
/**
 * Discard chosen changes
 */
"POST /api/studio/sessions/{id}/project/discard": {
params: {
id: string
}
body: {
/**
 * @minItems 1
 * @maxItems 100
 */
definitions: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
}[]
}
result: {
files: string[]
}
}
/**
 * Send changes back to the agent
 */
"POST /api/studio/sessions/{id}/project/hand-over": {
params: {
id: string
}
body: {
/**
 * @maxItems 100
 */
definitions: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * Its slug, a role's name, or a file's path.
 */
slug: string
comment?: string
}[]
/**
 * Whether the problems of the workspace's files go with it.
 */
faults?: boolean
message?: string
}
result: {
runId: string
}
}
/**
 * Bring what others have changed into the workspace
 */
"POST /api/studio/sessions/{id}/project/update": {
params: {
id: string
}
result: Ok
}
/**
 * Compare a workspace with the latest revision
 */
"POST /api/studio/sessions/{id}/project/compare": {
params: {
id: string
}
body: {
revision: number
}
result: Ok
}
/**
 * Run a command in a session's sandbox
 */
"POST /api/v1/sessions/{id}/tools/shell": {
params: {
id: string
}
body: {
command: string
/**
 * A folder below the workspace; empty for the workspace itself.
 */
working_dir?: string
timeout_seconds?: number
}
result: {
stdout: string
stderr: string
/**
 * Null where it did not end by itself.
 */
exit_code: (number | null)
duration_ms: number
timed_out: boolean
/**
 * Whether it printed more than is here.
 */
truncated: boolean
}
}
/**
 * Read, list or write files of a session
 */
"POST /api/v1/sessions/{id}/tools/filesystem": {
params: {
id: string
}
body: ({
action: "read"
/**
 * Below the workspace.
 */
path: string
} | {
action: "list"
/**
 * Below the workspace.
 */
path?: string
} | {
action: "write"
/**
 * Below the workspace.
 */
path: string
/**
 * UTF-8 text of at most 500000 bytes.
 */
content: string
/**
 * The `hash` of the file as you read it, null for a new one; without it, whatever is there is replaced.
 */
expected_hash?: (string | null)
})
result: (Folder | File)
}
/**
 * Drive a browser in a session's sandbox
 */
"POST /api/v1/sessions/{id}/tools/browser": {
params: {
id: string
}
result: Ok
}
/**
 * Search the saved files
 */
"GET /api/studio/sessions/{id}/files/search": {
params: {
id: string
}
query: {
/**
 * Words as they stand in a line, in any case.
 */
text: string
}
result: {
/**
 * When the files were saved that were searched.
 */
savedAt: (number | null)
matches: {
path: string
line: number
/**
 * The line, or the part of it around the words where it is long.
 */
text: string
}[]
truncated: boolean
}
}
/**
 * See how much is saved
 */
"GET /api/v1/saved-work": {
result: {
/**
 * What all checkpoints take up; what branches share counts once.
 */
used_bytes: number
/**
 * At that, nothing more is saved.
 */
limit_bytes: number
/**
 * A larger file is left out.
 */
max_file_bytes: number
/**
 * Beyond, the largest files are left out.
 */
max_workspace_bytes: number
max_files: number
/**
 * Names that are left out, in whatever folder: what can be made again.
 */
not_saved: string[]
}
}
/**
 * Compare checkpoints
 */
"GET /api/studio/sessions/{id}/checkpoints/compare": {
params: {
id: string
}
query?: {
/**
 * The earlier checkpoint; without it, an empty workspace.
 */
from?: string
/**
 * The later checkpoint.
 */
to?: string
/**
 * A run, in place of both: what changed between the checkpoints before and after it.
 */
run?: string
}
result: {
from: ({
id: string
/**
 * The session's last event when it was begun.
 */
seq: number
savedAt: number
} | null)
to: {
id: string
/**
 * The session's last event when it was begun.
 */
seq: number
savedAt: number
}
files: {
path: string
change: ("added" | "changed" | "deleted")
}[]
/**
 * As `git diff` writes it, without git's own folders and the sandbox's keys.
 */
patch: string
/**
 * Whether there are more files, or lines, than are here.
 */
truncated: boolean
}
}
/**
 * List runs
 */
"GET /api/v1/runs": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
status?: ("pending" | "running" | "completed" | "failed" | "cancelled")
/**
 * The runs of one session alone.
 */
session_id?: string
/**
 * The runs of one agent alone.
 */
agent_id?: string
provider?: string
model?: string
/**
 * Those that were asked for from then on.
 */
from?: string
/**
 * Those that were asked for before then.
 */
until?: string
/**
 * Those that cost so much at least.
 */
min_cost_usd?: number
/**
 * The runs of one person alone.
 */
user_id?: string
/**
 * Whether to list the caller's own runs only.
 */
mine?: boolean
}
result: {
runs: Run[]
next_cursor: (string | null)
}
}
/**
 * Start a run in a session of its own
 */
"POST /api/v1/runs": {
body: {
input: string
/**
 * The agent that works. Its model is the run's, unless another is given.
 */
agent_id?: string
/**
 * Rules of this run's session: each whole, or by the `id` of one of the organization's, or the name of a `set`. They count before all others, but lift nothing that is denied for more than this session. `tool_pattern` of `*` with `action` of `auto_approve` approves everything that no rule holds back.
 * 
 * @maxItems 50
 */
auto_approve_rules?: ({
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
} | {
id: string
} | {
set: ("careful" | "balanced" | "trusting")
})[]
environment?: ("development" | "production")
/**
 * Folders of the workspace with skills, as for `POST /api/v1/sessions`.
 */
skills_roots?: (string[] | null)
/**
 * Who is told when the run has ended, at least once, in a signed request.
 */
webhook?: {
/**
 * HTTPS, at a public address.
 */
url: string
/**
 * What deliveries are signed with, as Standard Webhooks writes it; without it one is made, and shown once.
 */
secret?: string
}
/**
 * One of those that `GET /api/studio/models` lists; with `model`.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
}
result: {
id: string
agent_id: (string | null)
agent_name: (string | null)
session_id: string
input: string
status: ("pending" | "running" | "completed" | "failed" | "cancelled")
output: (string | null)
error: (string | null)
error_kind: (string | null)
/**
 * Of the session's log, from the run's start to its end, or to now; 0 before it starts.
 */
total_events: number
total_tokens: number
total_cost_usd: number
/**
 * What of it was given back to the credits, since the run failed for the platform's fault.
 */
returned_usd: number
duration_ms: (number | null)
created_at: string
started_at: (string | null)
completed_at: (string | null)
/**
 * The same as `id`.
 */
run_id: string
/**
 * What deliveries to the webhook are signed with. It is shown this once.
 */
webhook_secret?: string
}
}
/**
 * Run the same input again
 */
"POST /api/v1/runs/{run_id}/rerun": {
params: {
run_id: string
}
body?: {
/**
 * One of those that `GET /api/studio/models` lists; with `model`.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
}
result: {
id: string
agent_id: (string | null)
agent_name: (string | null)
session_id: string
input: string
status: ("pending" | "running" | "completed" | "failed" | "cancelled")
output: (string | null)
error: (string | null)
error_kind: (string | null)
/**
 * Of the session's log, from the run's start to its end, or to now; 0 before it starts.
 */
total_events: number
total_tokens: number
total_cost_usd: number
/**
 * What of it was given back to the credits, since the run failed for the platform's fault.
 */
returned_usd: number
duration_ms: (number | null)
created_at: string
started_at: (string | null)
completed_at: (string | null)
/**
 * The same as `id`.
 */
run_id: string
/**
 * What deliveries to the webhook are signed with. It is shown this once.
 */
webhook_secret?: string
}
}
/**
 * List what all agents ask leave for
 */
"GET /api/v1/approvals": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * By default those that nobody has decided on yet. `bypassed`: it ran before anyone had.
 */
status?: ("pending" | "approved" | "denied" | "bypassed")
environment?: ("development" | "production")
/**
 * Those of one session alone.
 */
session_id?: string
/**
 * Those that do this, among other things.
 */
kind?: ("read" | "write" | "run" | "network" | "mcp" | "push")
/**
 * Which come first.
 */
order?: ("newest" | "oldest")
}
result: {
approvals: {
id: string
session_id: string
run_id: string
approval_key: string
tool_name: string
tool_input: {
[k: string]: unknown
}
summary: string
environment: ("development" | "production")
/**
 * What it does.
 */
kinds: ("read" | "write" | "run" | "network" | "mcp" | "push")[]
/**
 * Who started the run.
 */
asked_by: string
requested_at: string
expires_at: string
/**
 * What becomes of it then: it is denied, or its session is parked until somebody answers.
 */
on_expiry: ("deny" | "park")
status: ("pending" | "approved" | "denied" | "bypassed")
/**
 * How the decision came about.
 */
reason: (string | null)
decided_by: (string | null)
decided_at: (string | null)
}[]
next_cursor: (string | null)
}
}
/**
 * Approve or deny what an agent asks for
 */
"POST /api/v1/approvals/{id}": {
params: {
id: string
}
body: {
approve: boolean
/**
 * With a denial: what the agent is told.
 */
reason?: string
}
result: Ok
}
/**
 * Get a run, with what it was configured with and what decided
 */
"GET /api/v1/runs/{run_id}": {
params: {
run_id: string
}
result: {
run: {
id: string
agent_id: (string | null)
agent_name: (string | null)
session_id: string
input: string
status: ("pending" | "running" | "completed" | "failed" | "cancelled")
output: (string | null)
error: (string | null)
error_kind: (string | null)
/**
 * Of the session's log, from the run's start to its end, or to now; 0 before it starts.
 */
total_events: number
total_tokens: number
total_cost_usd: number
/**
 * What of it was given back to the credits, since the run failed for the platform's fault.
 */
returned_usd: number
duration_ms: (number | null)
created_at: string
started_at: (string | null)
completed_at: (string | null)
config_summary: {
/**
 * The agent that the session was started with.
 */
profile_id: (string | null)
models: {
planner: string
executor: string
}
llm: {
payer: string
temperature: (number | null)
max_tokens: (number | null)
}
limits: {
budget_cap_usd: (number | null)
idle_timeout_ms: number
run_timeout_ms: number
approval_timeout_ms: number
approval_timeout_action: ("auto" | "park" | "deny")
}
safety: {
tools_mode: string
auto_approve: boolean
}
config_overlays: string[]
/**
 * Where each value came from: `agent:<id>`, `session`, `organization`, or `default`.
 */
sources: {
[k: string]: string
}
}
/**
 * What its agent asked leave for, and what decided: the last 100, newest first.
 */
decisions: {
approval_key: string
tool_name: string
summary: string
decision: ("pending" | "approved" | "denied" | "bypassed")
/**
 * `timeout`: nobody answered by the deadline; null while nothing is decided.
 */
reason: (("person" | "rule" | "timeout" | "run_ended" | "agent_restarted" | "withdrawn" | "violation") | null)
/**
 * The person, the rules, or that the session approves by itself.
 */
decided_by: (string | null)
requested_at: string
decided_at: (string | null)
}[]
/**
 * How its end is told; null where nobody is to be told.
 */
webhook: ({
url: string
/**
 * `waiting` for the run's end; `due`: its delivery is tried until one is taken.
 */
status: ("waiting" | "due" | "delivered" | "failed")
attempts: number
next_attempt_at: (string | null)
/**
 * HTTP status of the last attempt; null where there was no response.
 */
last_status: (number | null)
last_error: (string | null)
delivered_at: (string | null)
} | null)
}
}
}
/**
 * Cancel a run
 */
"POST /api/v1/runs/{run_id}/cancel": {
params: {
run_id: string
}
result: Ok
}
/**
 * Stream a run's events
 */
"GET /api/v1/runs/{run_id}/events/stream": {
params: {
run_id: string
}
query?: {
/**
 * The `seq` behind which the stream begins; by default what `Last-Event-ID` says, or the start.
 */
after?: number
}
result: null
}
/**
 * List pending approvals
 */
"GET /api/v1/runs/{run_id}/approvals/pending": {
params: {
run_id: string
}
result: {
run_id: string
approvals: PendingApproval[]
}
}
/**
 * Decide an approval
 */
"POST /api/v1/runs/{run_id}/approvals/{approval_key}": {
params: {
run_id: string
approval_key: string
}
body: {
/**
 * `approved_for_session` also covers what is like it for the rest of the session; `abort` denies and cancels the run. The other words mean the same in other dialects.
 */
decision: ("approved" | "once" | "true" | "approved_for_session" | "always" | "denied" | "reject" | "false" | "abort")
/**
 * With a denial: what the agent is told.
 */
reason?: string
/**
 * With an approval: allows its like from now on, by a rule that has to cover this.
 */
rule?: {
tool_pattern: string
scope: ("session" | "environment")
}
}
result: Ok
}
/**
 * List pending questions
 */
"GET /api/v1/runs/{run_id}/questions/pending": {
params: {
run_id: string
}
result: {
run_id: string
questions: {
run_id: string
question_key: string
questions: Question[]
age_ms: number
}[]
}
}
/**
 * Answer or dismiss a question
 */
"POST /api/v1/runs/{run_id}/questions/{question_key}": {
params: {
run_id: string
question_key: string
}
body: ({
/**
 * One list for each question, in order: labels of its options, or the person's own words.
 * 
 * @maxItems 20
 */
answers: string[][]
} | {
dismiss: true
})
result: Ok
}
/**
 * Stream all of the organization's events
 */
"GET /api/v1/events/stream": {
query?: {
/**
 * An `id` of this stream, to continue behind it; by default what `Last-Event-ID` says, or now.
 */
after?: string
}
result: null
}
/**
 * Send a message and wait for the answer
 */
"POST /api/v1/chat": {
body: {
session_id: string
message: string
/**
 * What the session was created with: anything else is refused, since a session keeps its configuration.
 */
agent_config?: {
/**
 * One of those that `GET /api/studio/models` lists; with `model`.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
system_prompt?: string
temperature?: number
max_tokens?: number
/**
 * None: what a session's agent may use is said when the session is created.
 * 
 * @maxItems 0
 */
tools?: {
name: string
[k: string]: unknown
}[]
}
}
result: {
session_id: string
run_id: string
content: string
model: string
provider: string
usage: {
input_tokens: number
output_tokens: number
}
cost_usd: number
}
}
/**
 * Ask a model once, without a session
 */
"POST /api/v1/chat/direct": {
body: {
message: string
/**
 * What was said before, oldest first: nothing is kept between calls.
 * 
 * @maxItems 200
 */
history?: {
role: ("user" | "assistant")
content: string
}[]
/**
 * Without a model, the organization's default one writes.
 */
agent_config?: {
/**
 * One of those that `GET /api/studio/models` lists; with `model`.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
system_prompt?: string
temperature?: number
max_tokens?: number
/**
 * None: what a session's agent may use is said when the session is created.
 * 
 * @maxItems 0
 */
tools?: {
name: string
[k: string]: unknown
}[]
}
/**
 * What it may cost at most. The answer is cut to what that buys; with too little for one it is refused.
 */
max_cost_usd?: number
/**
 * Whether to send the answer as it comes, as server-sent events.
 */
stream?: boolean
}
result: {
content: string
model: string
provider: string
/**
 * `stop`, `length`, `content-filter`, or another reason of the model's.
 */
stop_reason: string
usage: {
input_tokens: number
output_tokens: number
}
/**
 * Null where nobody has set a price for the model.
 */
cost_usd: (number | null)
}
}
/**
 * List approval rules
 */
"GET /api/v1/approval-rules": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * Without it: all but those of sessions.
 */
scope?: ("session" | "agent" | "environment" | "organization")
/**
 * With the scope `agent`.
 */
agent_id?: string
/**
 * With the scope `environment`.
 */
environment?: ("development" | "production")
/**
 * With the scope `session`.
 */
session_id?: string
}
result: {
rules: ApprovalRule[]
next_cursor: (string | null)
}
}
/**
 * Create an approval rule
 */
"POST /api/v1/approval-rules": {
body: {
name: string
/**
 * A glob over `server:tool:arguments`, such as `builtin:shell:npm test *`, `builtin:write_file:src/*`, `builtin:fetch:https://example.com/*` or `github:*`. `*` stands for any text; alone in a command, for any number of words.
 */
tool_pattern: string
/**
 * `auto_deny` denies, and tells the agent why; `ask` has a person asked, whatever a later rule says.
 */
action: ("auto_approve" | "auto_deny" | "ask")
/**
 * Within its scope the higher counts first; of the same, the older.
 */
priority?: number
enabled?: boolean
/**
 * Rules of a session count first, then the agent's, the environment's, and the organization's.
 */
scope?: ("session" | "agent" | "environment" | "organization")
/**
 * With the scope `agent`.
 */
agent_id?: string
/**
 * With the scope `environment`.
 */
environment?: ("development" | "production")
/**
 * With the scope `session`.
 */
session_id?: string
}
result: ApprovalRule
}
/**
 * Change an approval rule
 */
"PATCH /api/v1/approval-rules/{id}": {
params: {
id: string
}
body: {
name?: string
/**
 * A glob over `server:tool:arguments`, such as `builtin:shell:npm test *`, `builtin:write_file:src/*`, `builtin:fetch:https://example.com/*` or `github:*`. `*` stands for any text; alone in a command, for any number of words.
 */
tool_pattern?: string
/**
 * `auto_deny` denies, and tells the agent why; `ask` has a person asked, whatever a later rule says.
 */
action?: ("auto_approve" | "auto_deny" | "ask")
/**
 * Within its scope the higher counts first; of the same, the older.
 */
priority?: number
enabled?: boolean
}
result: ApprovalRule
}
/**
 * Delete an approval rule
 */
"DELETE /api/v1/approval-rules/{id}": {
params: {
id: string
}
result: null
}
/**
 * Move an approval rule
 */
"POST /api/v1/approval-rules/{id}/move": {
params: {
id: string
}
body: {
/**
 * The rule of the same place that comes next; null moves behind all of them.
 */
before: (string | null)
}
result: null
}
/**
 * Ask what rules say of one call
 */
"POST /api/v1/approval-rules/test": {
body: {
/**
 * As the agent calls it, such as `bash` or `edit`.
 */
tool?: string
kind?: ("execute" | "edit" | "delete" | "move" | "read" | "fetch" | "other")
/**
 * The tool's arguments, such as `{"command": "npm test"}`.
 */
request: {
[k: string]: unknown
}
environment?: ("development" | "production")
/**
 * Without it: the organization's rules as they are.
 * 
 * @maxItems 100
 */
rules?: {
name?: string
/**
 * A glob over `server:tool:arguments`, such as `builtin:shell:npm test *`, `builtin:write_file:src/*`, `builtin:fetch:https://example.com/*` or `github:*`. `*` stands for any text; alone in a command, for any number of words.
 */
tool_pattern: string
/**
 * `auto_deny` denies, and tells the agent why; `ask` has a person asked, whatever a later rule says.
 */
action: ("auto_approve" | "auto_deny" | "ask")
}[]
}
result: {
action: ("auto_approve" | "auto_deny" | "ask")
rules: {
id: string
name: string
}[]
why: string
/**
 * Patterns that each allow it by themselves, the most useful first.
 */
proposals: string[]
}
}
/**
 * Try unsaved rules on past calls
 */
"POST /api/v1/approval-rules/simulate": {
body: {
/**
 * @minItems 1
 * @maxItems 100
 */
rules: {
name?: string
/**
 * A glob over `server:tool:arguments`, such as `builtin:shell:npm test *`, `builtin:write_file:src/*`, `builtin:fetch:https://example.com/*` or `github:*`. `*` stands for any text; alone in a command, for any number of words.
 */
tool_pattern: string
/**
 * `auto_deny` denies, and tells the agent why; `ask` has a person asked, whatever a later rule says.
 */
action: ("auto_approve" | "auto_deny" | "ask")
}[]
/**
 * Whether the organization's rules stand behind them.
 */
with_existing?: boolean
/**
 * Calls to look at.
 */
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
looked_at: number
/**
 * Calls that were too long to be kept for this.
 */
not_kept: number
/**
 * Newest first; calls that none of the rules decides are left out.
 */
matches: {
session_id: string
approval_key: string
summary: string
requested_at: string
/**
 * What became of it.
 */
decision: ("pending" | "approved" | "denied" | "bypassed")
/**
 * Whether a person decided.
 */
by_person: boolean
/**
 * What the rules say.
 */
action: ("auto_approve" | "auto_deny" | "ask")
rules: {
id: string
name: string
}[]
why: string
/**
 * True where a person decided the other way.
 */
differs: boolean
}[]
next_cursor: (string | null)
}
}
/**
 * List patterns that would allow a pending approval
 */
"GET /api/v1/runs/{run_id}/approvals/{approval_key}/proposals": {
params: {
run_id: string
approval_key: string
}
result: {
proposals: {
pattern: string
/**
 * Of the last calls that were looked at.
 */
matches: number
examples: string[]
}[]
looked_at: number
}
}
/**
 * List agents
 */
"GET /api/v1/agents": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
agents: Agent[]
next_cursor: (string | null)
}
}
/**
 * Create an agent
 */
"POST /api/v1/agents": {
body: {
name: string
description?: string
/**
 * One of those that `GET /api/studio/models` lists.
 */
provider: string
/**
 * One of the provider's models.
 */
model: string
/**
 * Takes the place of the agent's own instructions; empty leaves them as they are.
 */
system_prompt?: string
/**
 * Not sent to models that take none, such as OpenAI's reasoning models. Anthropic takes 1 at most.
 */
temperature?: number
/**
 * Output of one model call, at most.
 */
max_tokens?: number
/**
 * `sandboxed`: reads only; tools that change, execute or go to the web are not offered. `restricted`: all tools, and a person is asked. `full`: all tools, and every approval is granted by itself, and logged.
 */
tools_mode?: ("sandboxed" | "restricted" | "full")
/**
 * Names of the MCP servers that its sessions get, while they are on; with `sandboxed`, none.
 * 
 * @minItems 0
 * @maxItems 20
 */
mcp_servers?: string[]
/**
 * Names of the skills that its sessions get; null for all of the organization's.
 */
skills?: (string[] | null)
/**
 * Names of the variables that its sessions get; null for all of the organization's. Those of set-up come all the same.
 */
variables?: (string[] | null)
/**
 * What its sessions start from, where the session names no repository.
 */
repository?: ({
/**
 * One of the organization's git connections.
 */
connection: string
/**
 * Its URL, or its path, such as `acme/shop`.
 */
url: string
/**
 * A branch, a tag, or a commit's whole id; null for the main branch.
 */
ref?: (string | null)
} | null)
/**
 * The rules with the scope `agent` that it has, as `/api/v1/approval-rules` shows them. Those that are sent take the place of all that there are; a key needs `rules:write` for it. An `id` is passed over.
 * 
 * @maxItems 100
 */
approval_rules?: {
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
}
result: Agent
}
/**
 * Get an agent
 */
"GET /api/v1/agents/{id}": {
params: {
id: string
}
result: Agent
}
/**
 * Change an agent
 */
"PATCH /api/v1/agents/{id}": {
params: {
id: string
}
body: {
name?: string
description?: string
/**
 * One of those that `GET /api/studio/models` lists.
 */
provider?: string
/**
 * One of the provider's models.
 */
model?: string
/**
 * Takes the place of the agent's own instructions; empty leaves them as they are.
 */
system_prompt?: string
/**
 * Not sent to models that take none, such as OpenAI's reasoning models. Anthropic takes 1 at most.
 */
temperature?: number
/**
 * Output of one model call, at most.
 */
max_tokens?: number
/**
 * `sandboxed`: reads only; tools that change, execute or go to the web are not offered. `restricted`: all tools, and a person is asked. `full`: all tools, and every approval is granted by itself, and logged.
 */
tools_mode?: ("sandboxed" | "restricted" | "full")
/**
 * Names of the MCP servers that its sessions get, while they are on; with `sandboxed`, none.
 * 
 * @minItems 0
 * @maxItems 20
 */
mcp_servers?: string[]
/**
 * Names of the skills that its sessions get; null for all of the organization's.
 */
skills?: (string[] | null)
/**
 * Names of the variables that its sessions get; null for all of the organization's. Those of set-up come all the same.
 */
variables?: (string[] | null)
/**
 * What its sessions start from, where the session names no repository.
 */
repository?: ({
/**
 * One of the organization's git connections.
 */
connection: string
/**
 * Its URL, or its path, such as `acme/shop`.
 */
url: string
/**
 * A branch, a tag, or a commit's whole id; null for the main branch.
 */
ref?: (string | null)
} | null)
/**
 * The rules with the scope `agent` that it has, as `/api/v1/approval-rules` shows them. Those that are sent take the place of all that there are; a key needs `rules:write` for it. An `id` is passed over.
 * 
 * @maxItems 100
 */
approval_rules?: {
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
}
result: Agent
}
/**
 * Delete an agent
 */
"DELETE /api/v1/agents/{id}": {
params: {
id: string
}
result: null
}
/**
 * Duplicate an agent
 */
"POST /api/v1/agents/{id}/duplicate": {
params: {
id: string
}
result: Agent
}
/**
 * Export an agent
 */
"GET /api/v1/agents/{id}/export": {
params: {
id: string
}
result: {
export_version: 1
exported_at: string
agent: {
name: string
description: string
provider: string
model: string
system_prompt: string
temperature: number
max_tokens: number
tools_mode: ("sandboxed" | "restricted" | "full")
mcp_servers: string[]
skills: (string[] | null)
variables: (string[] | null)
repository: ({
connection: string
url: string
ref: (string | null)
} | null)
approval_rules: {
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
}
}
}
/**
 * Import an agent
 */
"POST /api/v1/agents/import": {
body: {
export_version: 1
exported_at?: string
agent: {
name: string
description?: string
/**
 * One of those that `GET /api/studio/models` lists.
 */
provider: string
/**
 * One of the provider's models.
 */
model: string
/**
 * Takes the place of the agent's own instructions; empty leaves them as they are.
 */
system_prompt?: string
/**
 * Not sent to models that take none, such as OpenAI's reasoning models. Anthropic takes 1 at most.
 */
temperature?: number
/**
 * Output of one model call, at most.
 */
max_tokens?: number
/**
 * `sandboxed`: reads only; tools that change, execute or go to the web are not offered. `restricted`: all tools, and a person is asked. `full`: all tools, and every approval is granted by itself, and logged.
 */
tools_mode?: ("sandboxed" | "restricted" | "full")
/**
 * Names of the MCP servers that its sessions get, while they are on; with `sandboxed`, none.
 * 
 * @minItems 0
 * @maxItems 20
 */
mcp_servers?: string[]
/**
 * Names of the skills that its sessions get; null for all of the organization's.
 */
skills?: (string[] | null)
/**
 * Names of the variables that its sessions get; null for all of the organization's. Those of set-up come all the same.
 */
variables?: (string[] | null)
/**
 * What its sessions start from, where the session names no repository.
 */
repository?: ({
/**
 * One of the organization's git connections.
 */
connection: string
/**
 * Its URL, or its path, such as `acme/shop`.
 */
url: string
/**
 * A branch, a tag, or a commit's whole id; null for the main branch.
 */
ref?: (string | null)
} | null)
/**
 * The rules with the scope `agent` that it has, as `/api/v1/approval-rules` shows them. Those that are sent take the place of all that there are; a key needs `rules:write` for it. An `id` is passed over.
 * 
 * @maxItems 100
 */
approval_rules?: {
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
}
}
result: {
agent: Agent
/**
 * What it named that there is none of here; it was left out.
 */
missing: {
field: ("mcp_servers" | "skills" | "variables" | "repository")
name: string
}[]
}
}
/**
 * Get what an agent's runs used and cost
 */
"GET /api/v1/agents/{id}/usage": {
params: {
id: string
}
query?: {
/**
 * Today included, in UTC.
 */
days?: number
}
result: {
from: string
to: string
/**
 * Runs that were asked for in these days.
 */
runs: number
calls: number
input_tokens: number
cached_tokens: number
output_tokens: number
cost_micro_usd: number
/**
 * Calls whose cost is what they could cost, since the provider's figures were absent or odd.
 */
estimated_calls: number
/**
 * Calls whose cost is not known, since no admin has set a price: they count as 0.
 */
unpriced_calls: number
/**
 * How long sandboxes ran, up to their last count.
 */
sandbox_seconds: number
days: {
day: string
runs: number
calls: number
input_tokens: number
cached_tokens: number
output_tokens: number
cost_micro_usd: number
/**
 * Calls whose cost is what they could cost, since the provider's figures were absent or odd.
 */
estimated_calls: number
/**
 * Calls whose cost is not known, since no admin has set a price: they count as 0.
 */
unpriced_calls: number
/**
 * How long sandboxes ran, up to their last count.
 */
sandbox_seconds: number
}[]
}
}
/**
 * List an agent's versions
 */
"GET /api/v1/agents/{id}/versions": {
params: {
id: string
}
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
versions: {
version: number
/**
 * Null for what it was before its versions were kept.
 */
author: ({
id: string
name: string
} | null)
/**
 * The version that it brought back; else null.
 */
restored_from: (number | null)
created_at: string
/**
 * What is different from the version before; null for the first that is kept.
 */
changes: ({
field: string
before: (string | number | null | string[] | {
connection: string
url: string
ref: (string | null)
})
after: (string | number | null | string[] | {
connection: string
url: string
ref: (string | null)
})
}[] | null)
}[]
next_cursor: (string | null)
}
}
/**
 * Get a version of an agent
 */
"GET /api/v1/agents/{id}/versions/{version}": {
params: {
id: string
version: string
}
result: {
version: number
/**
 * Null for what it was before its versions were kept.
 */
author: ({
id: string
name: string
} | null)
/**
 * The version that it brought back; else null.
 */
restored_from: (number | null)
created_at: string
/**
 * What is different from the version before; null for the first that is kept.
 */
changes: ({
field: string
before: (string | number | null | string[] | {
connection: string
url: string
ref: (string | null)
})
after: (string | number | null | string[] | {
connection: string
url: string
ref: (string | null)
})
}[] | null)
agent: {
name: string
description: string
provider: string
model: string
system_prompt: string
temperature: number
max_tokens: number
tools_mode: ("sandboxed" | "restricted" | "full")
mcp_servers: string[]
skills: (string[] | null)
variables: (string[] | null)
repository: ({
connection: string
url: string
ref: (string | null)
} | null)
}
}
}
/**
 * Restore a version of an agent
 */
"POST /api/v1/agents/{id}/versions/{version}/restore": {
params: {
id: string
version: string
}
result: Agent
}
/**
 * List the project's definitions
 */
"GET /api/v1/project/{environment}": {
params: {
environment: ("development" | "production")
}
result: {
/**
 * Counts the changes of the environment, from 0.
 */
revision: number
definitions: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
/**
 * Of its JSON text, in hex.
 */
sha256: string
bytes: number
/**
 * Counts the definition's own changes, from 1.
 */
version: number
}[]
}
}
/**
 * Get a definition
 */
"GET /api/v1/project/{environment}/definition": {
params: {
environment: ("development" | "production")
}
query: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}
result: {
/**
 * JSON text; null where it was deleted.
 */
definition: (string | null)
/**
 * Counts the changes of the environment, from 0.
 */
revision: number
version: number
}
}
/**
 * Create, change, rename, or delete a definition
 */
"PUT /api/v1/project/{environment}/definition": {
params: {
environment: ("development" | "production")
}
body: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * What it is called now; null for a new one. With another name in its text, it is renamed.
 */
slug: (string | null)
/**
 * JSON text; null to delete it.
 */
definition: (string | null)
/**
 * The revision at which you saw it. Where the same definition has changed since, nothing is changed.
 */
base_revision: number
}
result: {
/**
 * Counts the changes of the environment, from 0.
 */
revision: number
created: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
updated: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
deleted: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
}
}
/**
 * Restore a version of a definition
 */
"POST /api/v1/project/{environment}/restore": {
params: {
environment: ("development" | "production")
}
body: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
version: number
/**
 * The revision at which you saw it. Where the same definition has changed since, nothing is changed.
 */
base_revision: number
}
result: {
/**
 * Counts the changes of the environment, from 0.
 */
revision: number
created: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
updated: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
deleted: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
}
}
/**
 * List the project's changes
 */
"GET /api/v1/project/{environment}/changes": {
params: {
environment: ("development" | "production")
}
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
changes: {
/**
 * Counts the changes of the environment, from 0.
 */
revision: number
source: ("page" | "cli" | "api" | "session" | "start")
/**
 * Null for what was there before changes were kept.
 */
author: ({
id: string
name: string
} | null)
at: string
created: number
updated: number
deleted: number
/**
 * The change that it took back; else null.
 */
undoes: (number | null)
/**
 * The change that took it back; else null.
 */
undone_by: (number | null)
}[]
next_cursor: (string | null)
}
}
/**
 * Take a change of the project back
 */
"POST /api/v1/project/{environment}/changes/{revision}/undo": {
params: {
environment: ("development" | "production")
revision: string
}
result: {
/**
 * Counts the changes of the environment, from 0.
 */
revision: number
created: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
updated: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
deleted: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
}
}
/**
 * Promote definitions from another environment
 */
"POST /api/v1/project/{environment}/promote": {
params: {
environment: ("development" | "production")
}
body: {
from: ("development" | "production")
from_revision: number
base_revision: number
/**
 * One that `from` doesn't have is deleted.
 * 
 * @minItems 1
 * @maxItems 1000
 */
names: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
}
result: {
/**
 * Counts the changes of the environment, from 0.
 */
revision: number
created: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
updated: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
deleted: {
kind: ("agent" | "entityType" | "role" | "trigger" | "file")
/**
 * A slug, a role's name, or a file's path.
 */
slug: string
}[]
}
}
/**
 * List MCP servers
 */
"GET /api/v1/mcp/servers": {
result: {
servers: {
id: string
name: string
transport: ("stdio" | "sse" | "streamable-http")
command?: string
args?: string[]
url?: string
env: {
[k: string]: string
}
headers: {
[k: string]: string
}
enabled: boolean
last_status: ("connected" | "disconnected" | "error")
last_error?: string
server_info?: string
latency_ms?: number
/**
 * Of a remote server: whether an admin has signed in to it; `lost` where that has ended.
 */
sign_in: (("active" | "lost") | null)
tested_at: (string | null)
tools_count: number
/**
 * Of the tools that it was last found to offer.
 */
tools_digest: (string | null)
/**
 * Whether it offers other tools than were approved: agents don't get those that differ.
 */
has_changed: boolean
created_at: string
updated_at: string
}[]
}
}
/**
 * Add an MCP server
 */
"POST /api/v1/mcp/servers": {
body: {
/**
 * What stands before the colon in `server:tool`: small letters, digits and `-`.
 */
name: string
/**
 * `stdio`: a program that runs inside each session's sandbox. The others are reached through Studio, and their secrets never come into a sandbox; `sse` is the protocol's older form.
 */
transport: ("stdio" | "sse" | "streamable-http")
/**
 * Of `stdio`: the program, such as `npx`.
 */
command?: string
/**
 * @maxItems 50
 */
args?: string[]
/**
 * Of `sse` and `streamable-http`.
 */
url?: string
/**
 * Of `stdio`: variables of its process, stored encrypted. A value sent as it is listed (masked) stays what it was.
 */
env?: {
[k: string]: string
}
/**
 * Of the others: sent with each request, stored encrypted, as `env`.
 */
headers?: {
[k: string]: string
}
}
result: {
id: string
name: string
transport: ("stdio" | "sse" | "streamable-http")
command?: string
args?: string[]
url?: string
env: {
[k: string]: string
}
headers: {
[k: string]: string
}
enabled: boolean
last_status: ("connected" | "disconnected" | "error")
last_error?: string
server_info?: string
latency_ms?: number
/**
 * Of a remote server: whether an admin has signed in to it; `lost` where that has ended.
 */
sign_in: (("active" | "lost") | null)
tested_at: (string | null)
tools_count: number
/**
 * Of the tools that it was last found to offer.
 */
tools_digest: (string | null)
/**
 * Whether it offers other tools than were approved: agents don't get those that differ.
 */
has_changed: boolean
created_at: string
updated_at: string
}
}
/**
 * Change an MCP server
 */
"PATCH /api/v1/mcp/servers/{id}": {
params: {
id: string
}
body: {
/**
 * What stands before the colon in `server:tool`: small letters, digits and `-`.
 */
name?: string
/**
 * `stdio`: a program that runs inside each session's sandbox. The others are reached through Studio, and their secrets never come into a sandbox; `sse` is the protocol's older form.
 */
transport?: ("stdio" | "sse" | "streamable-http")
/**
 * Of `stdio`: the program, such as `npx`.
 */
command?: string
/**
 * @maxItems 50
 */
args?: string[]
/**
 * Of `sse` and `streamable-http`.
 */
url?: string
/**
 * Of `stdio`: variables of its process, stored encrypted. A value sent as it is listed (masked) stays what it was.
 */
env?: {
[k: string]: string
}
/**
 * Of the others: sent with each request, stored encrypted, as `env`.
 */
headers?: {
[k: string]: string
}
/**
 * Whether sessions get it. To turn it on approves the tools that it was last found to offer.
 */
enabled?: boolean
/**
 * With `enabled`: the tools that you have seen. Where it offers others by now, nothing changes; without it, tools that differ from those approved before are not approved.
 */
tools_digest?: string
}
result: {
id: string
name: string
transport: ("stdio" | "sse" | "streamable-http")
command?: string
args?: string[]
url?: string
env: {
[k: string]: string
}
headers: {
[k: string]: string
}
enabled: boolean
last_status: ("connected" | "disconnected" | "error")
last_error?: string
server_info?: string
latency_ms?: number
/**
 * Of a remote server: whether an admin has signed in to it; `lost` where that has ended.
 */
sign_in: (("active" | "lost") | null)
tested_at: (string | null)
tools_count: number
/**
 * Of the tools that it was last found to offer.
 */
tools_digest: (string | null)
/**
 * Whether it offers other tools than were approved: agents don't get those that differ.
 */
has_changed: boolean
created_at: string
updated_at: string
}
}
/**
 * Remove an MCP server
 */
"DELETE /api/v1/mcp/servers/{id}": {
params: {
id: string
}
result: null
}
/**
 * List an MCP server's tools
 */
"GET /api/v1/mcp/servers/{id}/tools": {
params: {
id: string
}
result: {
server: {
id: string
name: string
transport: ("stdio" | "sse" | "streamable-http")
command?: string
args?: string[]
url?: string
env: {
[k: string]: string
}
headers: {
[k: string]: string
}
enabled: boolean
last_status: ("connected" | "disconnected" | "error")
last_error?: string
server_info?: string
latency_ms?: number
/**
 * Of a remote server: whether an admin has signed in to it; `lost` where that has ended.
 */
sign_in: (("active" | "lost") | null)
tested_at: (string | null)
tools_count: number
/**
 * Of the tools that it was last found to offer.
 */
tools_digest: (string | null)
/**
 * Whether it offers other tools than were approved: agents don't get those that differ.
 */
has_changed: boolean
created_at: string
updated_at: string
}
approved: ({
name: string
title?: string
description?: string
input_schema: {
[k: string]: unknown
}
read_only?: boolean
destructive?: boolean
}[] | null)
found: ({
name: string
title?: string
description?: string
input_schema: {
[k: string]: unknown
}
read_only?: boolean
destructive?: boolean
}[] | null)
/**
 * What differs between the two; null where nothing does, or one is missing.
 */
changes: ({
added: string[]
removed: string[]
changed: {
name: string
parts: string[]
}[]
} | null)
}
}
/**
 * List an MCP server's calls by day
 */
"GET /api/v1/mcp/servers/{id}/calls": {
params: {
id: string
}
result: {
days: {
day: string
calls: number
errors: number
total_ms: number
max_ms: number
/**
 * What agents were given: models read, and are paid for, that much.
 */
result_bytes: number
}[]
failures: {
at: string
tool: string
message: string
}[]
}
}
/**
 * Test an MCP server
 */
"POST /api/v1/mcp/servers/{id}/test": {
params: {
id: string
}
result: {
success: boolean
tools: string[]
error?: string
tool_details: {
name: string
title?: string
description?: string
input_schema: {
[k: string]: unknown
}
read_only?: boolean
destructive?: boolean
}[]
latency_ms?: number
server_info?: string
tools_digest?: string
}
}
/**
 * Sign in to a remote MCP server
 */
"POST /api/v1/mcp/servers/{id}/sign-in": {
params: {
id: string
}
result: {
/**
 * Where the person's browser goes; it comes back to Settings, MCP servers.
 */
authorization_url: string
}
}
/**
 * Sign out of a remote MCP server
 */
"DELETE /api/v1/mcp/servers/{id}/sign-in": {
params: {
id: string
}
result: null
}
/**
 * End a sign-in to a remote MCP server
 */
"POST /api/v1/mcp/sign-ins": {
body: {
state: string
/**
 * Without it the sign-in was refused there.
 */
code?: string
iss?: string
}
result: {
id: string
name: string
transport: ("stdio" | "sse" | "streamable-http")
command?: string
args?: string[]
url?: string
env: {
[k: string]: string
}
headers: {
[k: string]: string
}
enabled: boolean
last_status: ("connected" | "disconnected" | "error")
last_error?: string
server_info?: string
latency_ms?: number
/**
 * Of a remote server: whether an admin has signed in to it; `lost` where that has ended.
 */
sign_in: (("active" | "lost") | null)
tested_at: (string | null)
tools_count: number
/**
 * Of the tools that it was last found to offer.
 */
tools_digest: (string | null)
/**
 * Whether it offers other tools than were approved: agents don't get those that differ.
 */
has_changed: boolean
created_at: string
updated_at: string
}
}
/**
 * Add, test and turn on an MCP server
 */
"POST /api/v1/mcp/connect": {
body: {
/**
 * What stands before the colon in `server:tool`: small letters, digits and `-`.
 */
name: string
/**
 * `stdio`: a program that runs inside each session's sandbox. The others are reached through Studio, and their secrets never come into a sandbox; `sse` is the protocol's older form.
 */
transport: ("stdio" | "sse" | "streamable-http")
/**
 * Of `stdio`: the program, such as `npx`.
 */
command?: string
/**
 * @maxItems 50
 */
args?: string[]
/**
 * Of `sse` and `streamable-http`.
 */
url?: string
/**
 * Of `stdio`: variables of its process, stored encrypted. A value sent as it is listed (masked) stays what it was.
 */
env?: {
[k: string]: string
}
/**
 * Of the others: sent with each request, stored encrypted, as `env`.
 */
headers?: {
[k: string]: string
}
}
result: {
status: ("connected" | "error")
tools: string[]
error?: string
}
}
/**
 * Turn off an MCP server
 */
"POST /api/v1/mcp/disconnect": {
body: {
/**
 * What stands before the colon in `server:tool`: small letters, digits and `-`.
 */
name: string
}
result: {
status: "disconnected"
}
}
/**
 * List the tools that agents can have
 */
"GET /api/v1/mcp/tools": {
query?: {
cursor?: string
}
result: {
tools: {
server: string
name: string
description: string
}[]
next_cursor: (string | null)
}
}
/**
 * Use an MCP server from a sandbox
 */
"POST /api/mcp/{server}": {
params: {
server: string
}
result: null
}
/**
 * Say from a sandbox whether an MCP server runs
 */
"POST /api/mcp/{server}/report": {
params: {
server: string
}
result: null
}
/**
 * List skills
 */
"GET /api/v1/skills": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * Those of one root alone.
 */
root?: string
}
result: {
skills: {
id: string
name: string
description: string
title: string
root: string
/**
 * Its SKILL.md in a sandbox's workspace.
 */
path: string
enabled: boolean
dependencies: {
env_vars: string[]
}
revision: number
/**
 * The text that sessions in production have: the last that an admin has written, or approved.
 */
production_revision: (number | null)
size_bytes: number
created_by: string
created_at: string
updated_at: string
}[]
next_cursor: (string | null)
}
}
/**
 * Create a skill
 */
"POST /api/v1/skills": {
body: {
/**
 * The folder's name, and what a mention says.
 */
name: string
/**
 * When to use it: by this the model finds it.
 */
description: string
body_markdown: string
title?: string
dependencies?: {
/**
 * Variables that the skill needs in the sandbox.
 * 
 * @minItems 0
 * @maxItems 20
 */
env_vars: string[]
}
/**
 * The skill root; by default `/workspace/.skills_runtime_sdk/skills`.
 */
root?: string
enabled?: boolean
}
result: {
id: string
name: string
description: string
title: string
root: string
/**
 * Its SKILL.md in a sandbox's workspace.
 */
path: string
enabled: boolean
dependencies: {
env_vars: string[]
}
revision: number
/**
 * The text that sessions in production have: the last that an admin has written, or approved.
 */
production_revision: (number | null)
size_bytes: number
created_by: string
created_at: string
updated_at: string
}
}
/**
 * Import skills from an archive, a folder or a repository
 */
"POST /api/v1/skills/import": {
body: {
/**
 * A .zip, .tar or .tar.gz file: every SKILL.md in it is a skill.
 */
archive_base64?: string
/**
 * The files of a folder, in place of an archive.
 * 
 * @maxItems 100
 */
files?: {
path: string
content: string
}[]
/**
 * A repository, in place of both: every SKILL.md in it is a skill.
 */
repository?: {
/**
 * A git connection of the organization.
 */
connection: string
/**
 * The repository's URL, or its path, such as `acme/skills`.
 */
url: string
/**
 * A branch, a tag, or a commit's whole id; by default the main branch.
 */
ref?: string
/**
 * A folder of it, alone.
 */
folder?: string
}
/**
 * The skill root; by default `/workspace/.skills_runtime_sdk/skills`.
 */
root?: string
/**
 * Whether skills of the same name get the imported text.
 */
replace?: boolean
}
result: {
created: {
id: string
name: string
}[]
updated: {
id: string
name: string
}[]
skipped: {
path: string
reason: string
}[]
}
}
/**
 * Get a skill, with its text
 */
"GET /api/v1/skills/{id}": {
params: {
id: string
}
query?: {
/**
 * An earlier text of the skill.
 */
revision?: number
}
result: {
id: string
name: string
description: string
title: string
root: string
/**
 * Its SKILL.md in a sandbox's workspace.
 */
path: string
enabled: boolean
dependencies: {
env_vars: string[]
}
revision: number
/**
 * The text that sessions in production have: the last that an admin has written, or approved.
 */
production_revision: (number | null)
size_bytes: number
created_by: string
created_at: string
updated_at: string
body_markdown: string
/**
 * The whole file, with its front matter.
 */
skill_md: string
}
}
/**
 * Change a skill
 */
"PATCH /api/v1/skills/{id}": {
params: {
id: string
}
body: {
/**
 * The folder's name, and what a mention says.
 */
name?: string
/**
 * When to use it: by this the model finds it.
 */
description?: string
title?: string
body_markdown?: string
dependencies?: {
/**
 * Variables that the skill needs in the sandbox.
 * 
 * @minItems 0
 * @maxItems 20
 */
env_vars: string[]
}
enabled?: boolean
/**
 * The text that sessions in production have; null for none. For admins.
 */
production_revision?: (number | null)
/**
 * Refuse the change where the skill is at another revision by now.
 */
expected_revision?: number
}
result: {
id: string
name: string
description: string
title: string
root: string
/**
 * Its SKILL.md in a sandbox's workspace.
 */
path: string
enabled: boolean
dependencies: {
env_vars: string[]
}
revision: number
/**
 * The text that sessions in production have: the last that an admin has written, or approved.
 */
production_revision: (number | null)
size_bytes: number
created_by: string
created_at: string
updated_at: string
}
}
/**
 * Delete a skill
 */
"DELETE /api/v1/skills/{id}": {
params: {
id: string
}
result: null
}
/**
 * List the kept texts of a skill
 */
"GET /api/v1/skills/{id}/revisions": {
params: {
id: string
}
result: {
revisions: {
revision: number
changed_by: string
changed_at: string
}[]
}
}
/**
 * List what agents have made of skills
 */
"GET /api/v1/skill-offers": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
offers: {
id: string
/**
 * Null for a skill that isn't the organization's yet.
 */
skill_id: (string | null)
session_id: string
name: string
path: string
/**
 * The one that is there now, which the change would follow; 0 where none is.
 */
revision: number
body_before: string
body_markdown: string
created_at: string
}[]
next_cursor: (string | null)
}
}
/**
 * Take an agent's change of a skill
 */
"POST /api/v1/skill-offers/{id}/take": {
params: {
id: string
}
result: Ok
}
/**
 * Dismiss an agent's change of a skill
 */
"POST /api/v1/skill-offers/{id}/dismiss": {
params: {
id: string
}
result: Ok
}
/**
 * List the skills of a session's roots
 */
"GET /api/v1/sessions/{id}/skills": {
params: {
id: string
}
result: {
roots: string[]
/**
 * The same as `roots`.
 */
filesystem_sources: string[]
disabled_paths: string[]
skills: {
id: string
name: string
description: string
path: string
enabled: boolean
/**
 * What names it in a message.
 */
mention: string
dependencies: {
env_vars: string[]
}
}[]
}
}
/**
 * Create a skill in one of a session's roots
 */
"POST /api/v1/sessions/{id}/skills": {
params: {
id: string
}
body: {
/**
 * The folder's name, and what a mention says.
 */
name: string
/**
 * When to use it: by this the model finds it.
 */
description: string
body_markdown: string
title?: string
dependencies?: {
/**
 * Variables that the skill needs in the sandbox.
 * 
 * @minItems 0
 * @maxItems 20
 */
env_vars: string[]
}
/**
 * One of the session's skill roots; by default the first.
 */
target_root?: string
}
result: {
ok: true
skill_id: string
/**
 * The skill root.
 */
filesystem_source: string
skill_dir: string
skill_md: string
}
}
/**
 * Choose a session's skill roots
 */
"PUT /api/v1/sessions/{id}/skills/roots": {
params: {
id: string
}
body: {
roots: (string[] | null)
}
result: {
ok: true
roots: string[]
/**
 * The same as `roots`.
 */
filesystem_sources: string[]
}
}
/**
 * Choose a session's skill roots, as sources
 */
"PUT /api/v1/sessions/{id}/skills/sources": {
params: {
id: string
}
body: {
filesystem_sources: (string[] | null)
}
result: {
ok: true
roots: string[]
/**
 * The same as `roots`.
 */
filesystem_sources: string[]
}
}
/**
 * List git connections
 */
"GET /api/v1/git/connections": {
result: {
connections: {
connection: string
kind: ("git" | "github" | "github_app" | "gitlab" | "bitbucket" | "gitea")
name: string
base_url: string
api_url: (string | null)
username: string
app_id: (string | null)
installation_id: (string | null)
repositories: string[]
masked_token: string
status: ("active" | "inactive" | "error")
status_detail: (string | null)
verified_at: (string | null)
updated_at: string
/**
 * Where its host sends webhooks to; null where none are taken.
 */
webhook_url: (string | null)
}[]
}
}
/**
 * Save a git connection
 */
"PUT /api/v1/git/connections/{connection}": {
params: {
/**
 * Small letters, digits and `-`, as you like.
 */
connection: string
}
body: {
/**
 * `git`: any server that speaks git over HTTPS.
 */
kind?: ("git" | "github" | "github_app" | "gitlab" | "bitbucket" | "gitea")
name?: string
/**
 * The address that the repositories are below; the host's own by default, where it has one.
 */
base_url?: string
/**
 * Where the host's REST API is, if not where it usually is.
 */
api_url?: string
/**
 * For `git` alone: hosts take tokens from a user of their own.
 */
username?: string
/**
 * A token or password. Left out, the one before stays, for the same server and user.
 */
token?: string
/**
 * Of a GitHub App: its ID.
 */
app_id?: string
/**
 * Of a GitHub App: the number at the end of the installation's address.
 */
installation_id?: string
/**
 * Of a GitHub App: its private key. Left out, the one before stays, for the same app.
 */
private_key?: string
/**
 * What it is for: `acme/shop`, `acme/*`, or `*`.
 * 
 * @minItems 1
 * @maxItems 100
 */
repositories: string[]
}
result: {
connection: {
connection: string
kind: ("git" | "github" | "github_app" | "gitlab" | "bitbucket" | "gitea")
name: string
base_url: string
api_url: (string | null)
username: string
app_id: (string | null)
installation_id: (string | null)
repositories: string[]
masked_token: string
status: ("active" | "inactive" | "error")
status_detail: (string | null)
verified_at: (string | null)
updated_at: string
/**
 * Where its host sends webhooks to; null where none are taken.
 */
webhook_url: (string | null)
}
}
}
/**
 * Remove a git connection
 */
"DELETE /api/v1/git/connections/{connection}": {
params: {
connection: string
}
result: null
}
/**
 * Test a git connection
 */
"POST /api/v1/git/connections/{connection}/test": {
params: {
connection: string
}
result: {
connection: {
connection: string
kind: ("git" | "github" | "github_app" | "gitlab" | "bitbucket" | "gitea")
name: string
base_url: string
api_url: (string | null)
username: string
app_id: (string | null)
installation_id: (string | null)
repositories: string[]
masked_token: string
status: ("active" | "inactive" | "error")
status_detail: (string | null)
verified_at: (string | null)
updated_at: string
/**
 * Where its host sends webhooks to; null where none are taken.
 */
webhook_url: (string | null)
}
}
}
/**
 * Make a connection's webhook secret
 */
"POST /api/v1/git/connections/{connection}/webhook": {
params: {
connection: string
}
result: {
url: string
secret: string
}
}
/**
 * Take no more webhooks
 */
"DELETE /api/v1/git/connections/{connection}/webhook": {
params: {
connection: string
}
result: null
}
/**
 * See a session's repositories
 */
"GET /api/studio/sessions/{id}/git": {
params: {
id: string
}
result: {
repositories: {
connection: string
/**
 * Null where the connection was removed.
 */
kind: (("git" | "github" | "github_app" | "gitlab" | "bitbucket" | "gitea") | null)
/**
 * Why its host refused the connection's credential the last time; null where it didn't.
 */
connectionProblem: (string | null)
repository: string
folder: string
base: {
ref: (string | null)
commit: string
}
full: boolean
/**
 * Whether the session may push to it.
 */
access: ("write" | "read")
branch: string
pushedAt: (number | null)
pullRequest: ({
number: number
url: string
title: string
state: ("draft" | "open" | "merged" | "closed")
/**
 * Null where the host doesn't say it now.
 */
checks: ({
state: ("none" | "pending" | "passed" | "failed")
total: number
/**
 * The names of those that failed.
 * 
 * @maxItems 20
 */
failed: string[]
} | null)
} | null)
/**
 * How the pull request is brought to green, or was last.
 */
green: ({
maxAttempts: number
maxCostMicroUsd: number
/**
 * Attempts so far.
 */
attempts: number
/**
 * What the attempts that are over have cost.
 */
costMicroUsd: number
/**
 * It looks at the host, the agent works, or what that changed is committed and pushed.
 */
phase: ("looking" | "working" | "leaving")
/**
 * Why it ended; null while it's going.
 */
reason: (("green" | "merged" | "closed" | "attempts" | "cost" | "no_change" | "slow" | "stopped" | "run_failed" | "run_stopped" | "push_failed" | "host_failed" | "session_ended" | "person_left") | null)
detail: (string | null)
startedAt: number
endedAt: (number | null)
} | null)
/**
 * Null where the session isn't live, or with `problem`.
 */
work: ({
branch: (string | null)
head: (string | null)
/**
 * Commits since the session began.
 */
ahead: (number | null)
/**
 * @maxItems 20
 */
commits: {
commit: string
subject: string
}[]
/**
 * @maxItems 2000
 */
files: {
path: string
/**
 * Of a renamed file: its path before.
 */
from?: string
/**
 * In the index: a letter of `git status`, or `.`.
 */
staged: string
/**
 * In the workspace: the same; `?` where git doesn't know it.
 */
unstaged: string
}[]
/**
 * Whether an update waits until its conflicts are decided.
 */
merging: boolean
truncated: boolean
} | null)
problem: (string | null)
proposedMessage: string
}[]
}
}
/**
 * See what has changed in a repository
 */
"GET /api/studio/sessions/{id}/git/diff": {
params: {
id: string
}
query: {
/**
 * The repository's folder in the workspace.
 */
folder: string
/**
 * One file, relative to the repository; by default all.
 */
path?: string
/**
 * What the workspace is compared with: the session's start, the last commit, or the base branch as it was last fetched.
 */
since?: ("start" | "commit" | "base")
/**
 * A commit whose own changes to show instead.
 */
commit?: string
}
result: {
patch: string
}
}
/**
 * Download all changes as a patch
 */
"GET /api/studio/sessions/{id}/git/patch": {
params: {
id: string
}
query: {
/**
 * The repository's folder in the workspace.
 */
folder: string
}
result: null
}
/**
 * Commit changes
 */
"POST /api/studio/sessions/{id}/git/commit": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
message: string
/**
 * Files relative to the repository; without `patch` by default all that has changed.
 * 
 * @minItems 1
 * @maxItems 500
 */
paths?: string[]
/**
 * Chosen changes of other files, as `git/diff` returns them since the last commit.
 */
patch?: string
}
result: {
commit: string
}
}
/**
 * Propose a commit message
 */
"POST /api/studio/sessions/{id}/git/message": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
/**
 * Files relative to the repository; without `patch` by default all that has changed.
 * 
 * @minItems 1
 * @maxItems 500
 */
paths?: string[]
/**
 * Chosen changes of other files, as `git/diff` returns them since the last commit.
 */
patch?: string
}
result: {
message: string
provider: string
model: string
/**
 * Null where nobody has set a price for the model.
 */
costMicroUsd: (number | null)
}
}
/**
 * Take changes back
 */
"POST /api/studio/sessions/{id}/git/discard": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
/**
 * Files that go back to the last commit; new ones are deleted.
 * 
 * @minItems 1
 * @maxItems 500
 */
paths?: string[]
/**
 * Changes to take back in the workspace, as `git/diff` returns them.
 */
patch?: string
}
result: null
}
/**
 * Update from the base branch
 */
"POST /api/studio/sessions/{id}/git/update": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
}
result: {
/**
 * Files in which both sides have changed the same places.
 */
conflicts: string[]
}
}
/**
 * Abandon an update
 */
"DELETE /api/studio/sessions/{id}/git/update": {
params: {
id: string
}
query: {
/**
 * The repository's folder in the workspace.
 */
folder: string
}
result: null
}
/**
 * Push a branch
 */
"POST /api/studio/sessions/{id}/git/push": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
/**
 * A new branch of another name, which is the session's from then on.
 */
branch?: string
}
result: {
commit: string
branch: string
}
}
/**
 * Open a pull request
 */
"POST /api/studio/sessions/{id}/git/pull-request": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
title: string
body?: string
/**
 * The branch that it goes to; by default the one that the session began from.
 */
base?: string
draft?: boolean
/**
 * @maxItems 15
 */
reviewers?: string[]
}
result: {
pullRequest: {
number: number
url: string
title: string
state: ("draft" | "open" | "merged" | "closed")
}
/**
 * What couldn't be done besides, such as asking a reviewer.
 */
warning: (string | null)
}
}
/**
 * See what keeps a pull request from being ready
 */
"GET /api/studio/sessions/{id}/git/findings": {
params: {
id: string
}
query: {
/**
 * The repository's folder in the workspace.
 */
folder: string
}
result: {
checks: {
state: ("none" | "pending" | "passed" | "failed")
total: number
/**
 * The names of those that failed.
 * 
 * @maxItems 20
 */
failed: string[]
}
/**
 * Whether any check is still running.
 */
running: boolean
/**
 * @maxItems 50
 */
findings: {
key: string
kind: ("check" | "comment")
/**
 * The check's name, or the reviewer's.
 */
name: string
path: (string | null)
line: (number | null)
/**
 * As the git host says it, shortened: text from outside.
 */
text: string
url: (string | null)
/**
 * Whether the agent was given this comment before.
 */
handed: boolean
}[]
}
}
/**
 * Hand findings to the agent
 */
"POST /api/studio/sessions/{id}/git/findings": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
/**
 * Their keys.
 * 
 * @minItems 1
 * @maxItems 50
 */
findings: string[]
}
result: {
runId: string
}
}
/**
 * Keep going until a pull request is green
 */
"POST /api/studio/sessions/{id}/git/green": {
params: {
id: string
}
body: {
/**
 * The repository's folder in the workspace.
 */
folder: string
maxAttempts?: number
/**
 * What all attempts together may cost.
 */
maxCostMicroUsd?: number
}
result: {
green: {
maxAttempts: number
maxCostMicroUsd: number
/**
 * Attempts so far.
 */
attempts: number
/**
 * What the attempts that are over have cost.
 */
costMicroUsd: number
/**
 * It looks at the host, the agent works, or what that changed is committed and pushed.
 */
phase: ("looking" | "working" | "leaving")
/**
 * Why it ended; null while it's going.
 */
reason: (("green" | "merged" | "closed" | "attempts" | "cost" | "no_change" | "slow" | "stopped" | "run_failed" | "run_stopped" | "push_failed" | "host_failed" | "session_ended" | "person_left") | null)
detail: (string | null)
startedAt: number
endedAt: (number | null)
}
}
}
/**
 * Stop keeping going
 */
"DELETE /api/studio/sessions/{id}/git/green": {
params: {
id: string
}
query: {
/**
 * The repository's folder in the workspace.
 */
folder: string
}
result: null
}
/**
 * Download the workspace or a folder
 */
"GET /api/studio/sessions/{id}/archive": {
params: {
id: string
}
query?: {
/**
 * A folder, relative to the workspace; by default all of it.
 */
path?: string
}
result: null
}
/**
 * Download the workspace or a folder as a zip
 */
"GET /api/studio/sessions/{id}/archive/zip": {
params: {
id: string
}
query?: {
/**
 * A folder, relative to the workspace; by default all of it.
 */
path?: string
}
result: null
}
/**
 * List package registries
 */
"GET /api/v1/registries": {
result: {
registries: {
registry: string
kind: ("npm" | "pypi")
url: string
username: string
scopes: string[]
masked_token: string
status: ("active" | "inactive" | "error")
status_detail: (string | null)
verified_at: (string | null)
updated_at: string
}[]
}
}
/**
 * Save a package registry
 */
"PUT /api/v1/registries/{registry}": {
params: {
/**
 * Small letters, digits and `-`, as you like.
 */
registry: string
}
body: {
/**
 * `npm`: for npm, pnpm, Yarn 1 and Bun. `pypi`: an index for pip.
 */
kind?: ("npm" | "pypi")
/**
 * The registry's URL; with `pypi`, that of its simple index, such as `https://pypi.example.com/simple`.
 */
url: string
/**
 * Where it wants one besides the token; for an index, `__token__` by default.
 */
username?: string
/**
 * A token or password. Left out, the one before stays, for the same URL and user.
 */
token?: string
/**
 * Of npm: what comes from it, such as `@acme`; none for all packages.
 * 
 * @maxItems 30
 */
scopes?: string[]
}
result: {
registry: {
registry: string
kind: ("npm" | "pypi")
url: string
username: string
scopes: string[]
masked_token: string
status: ("active" | "inactive" | "error")
status_detail: (string | null)
verified_at: (string | null)
updated_at: string
}
}
}
/**
 * Remove a package registry
 */
"DELETE /api/v1/registries/{registry}": {
params: {
registry: string
}
result: null
}
/**
 * Test a package registry
 */
"POST /api/v1/registries/{registry}/test": {
params: {
registry: string
}
result: {
registry: {
registry: string
kind: ("npm" | "pypi")
url: string
username: string
scopes: string[]
masked_token: string
status: ("active" | "inactive" | "error")
status_detail: (string | null)
verified_at: (string | null)
updated_at: string
}
}
}
/**
 * Read a package from a sandbox
 */
"GET /api/registry/{registry}/{path}": {
params: {
registry: string
path: string
}
result: null
}
/**
 * Get all settings
 */
"GET /api/v1/settings": {
result: {
settings: Settings
}
}
/**
 * Get a setting
 */
"GET /api/v1/settings/{key}": {
params: {
key: ("default_model" | "raw_key_injection" | "idle_timeout_minutes" | "max_live_sessions" | "session_log_retention_days" | "saved_work_gb" | "not_saved" | "env_var_missing_policy" | "approvers" | "approval_deadline_minutes" | "approval_deadline_action" | "sandbox_hours_per_month")
}
result: {
key: ("default_model" | "raw_key_injection" | "idle_timeout_minutes" | "max_live_sessions" | "session_log_retention_days" | "saved_work_gb" | "not_saved" | "env_var_missing_policy" | "approvers" | "approval_deadline_minutes" | "approval_deadline_action" | "sandbox_hours_per_month")
value: (({
provider: string
model: string
} | null) | boolean | number | (number | null) | string[] | ("fail_fast" | "skip_skill") | {
environment: ("development" | "production")
kind: ("read" | "write" | "run" | "network" | "mcp" | "push")
role: ("member" | "admin")
/**
 * Whether who started the run may not approve it.
 */
someone_else: boolean
/**
 * After so many minutes without an answer they may all the same; null for never.
 */
someone_else_minutes: (number | null)
}[] | ("auto" | "park" | "deny"))
}
}
/**
 * Change a setting
 */
"PUT /api/v1/settings/{key}": {
params: {
key: ("default_model" | "raw_key_injection" | "idle_timeout_minutes" | "max_live_sessions" | "session_log_retention_days" | "saved_work_gb" | "not_saved" | "env_var_missing_policy" | "approvers" | "approval_deadline_minutes" | "approval_deadline_action" | "sandbox_hours_per_month")
}
body: {
/**
 * As the setting has it in `GET /api/v1/settings`.
 */
value: {
[k: string]: unknown
}
}
result: {
key: ("default_model" | "raw_key_injection" | "idle_timeout_minutes" | "max_live_sessions" | "session_log_retention_days" | "saved_work_gb" | "not_saved" | "env_var_missing_policy" | "approvers" | "approval_deadline_minutes" | "approval_deadline_action" | "sandbox_hours_per_month")
value: (({
provider: string
model: string
} | null) | boolean | number | (number | null) | string[] | ("fail_fast" | "skip_skill") | {
environment: ("development" | "production")
kind: ("read" | "write" | "run" | "network" | "mcp" | "push")
role: ("member" | "admin")
/**
 * Whether who started the run may not approve it.
 */
someone_else: boolean
/**
 * After so many minutes without an answer they may all the same; null for never.
 */
someone_else_minutes: (number | null)
}[] | ("auto" | "park" | "deny"))
}
}
/**
 * See what a retention would delete
 */
"GET /api/v1/retention-preview": {
query: {
/**
 * As `session_log_retention_days` would be.
 */
days: number
}
result: {
as_of: string
/**
 * Ended sessions whose logs and saved files would go.
 */
sessions: number
events: number
checkpoints: number
/**
 * Of saved work that no other session shares.
 */
bytes: number
/**
 * Whether there is more than was counted: then each number is the least.
 */
is_more: boolean
/**
 * Last activity of the oldest of them.
 */
oldest_at: (string | null)
newest_at: (string | null)
}
}
/**
 * Get the operator's support access
 */
"GET /api/v1/support-access": {
result: {
/**
 * Null where the operator may read no session.
 */
support_access: ({
granted_at: string
granted_by: string
until: string
reason: string
} | null)
}
}
/**
 * Let the operator read sessions
 */
"POST /api/v1/support-access": {
body: {
/**
 * How long it lasts.
 */
hours: (1 | 8 | 24 | 168)
/**
 * Why, such as a ticket. The operator and all members see it.
 */
reason: string
}
result: {
until: string
}
}
/**
 * End the operator's support access
 */
"DELETE /api/v1/support-access": {
result: null
}
/**
 * Get the network policies
 */
"GET /api/v1/network": {
result: {
network: {
development: {
/**
 * `closed`: Studio and the project's data only. `listed`: also the presets and hosts below. `open`: every public address. Private addresses are never reached.
 */
mode: ("closed" | "listed" | "open")
/**
 * Sets of well-known hosts: `npm` (registry.npmjs.org, registry.yarnpkg.com); `pypi` (pypi.org, files.pythonhosted.org); `crates` (crates.io, index.crates.io, static.crates.io); `go` (proxy.golang.org, sum.golang.org); `debian` (deb.debian.org, security.debian.org, archive.ubuntu.com, *.archive.ubuntu.com, security.ubuntu.com, ports.ubuntu.com); `github` (github.com, api.github.com, codeload.github.com, *.githubusercontent.com); `gitlab` (gitlab.com); `bitbucket` (bitbucket.org, api.bitbucket.org); `docker` (registry-1.docker.io, auth.docker.io, production.cloudflare.docker.com, ghcr.io, pkg-containers.githubusercontent.com, quay.io, *.quay.io).
 * 
 * @maxItems 50
 */
presets: ("npm" | "pypi" | "crates" | "go" | "debian" | "github" | "gitlab" | "bitbucket" | "docker")[]
/**
 * Host names, `*.` host names, each with `:port` or without.
 * 
 * @maxItems 50
 */
hosts: string[]
revision: number
}
production: {
/**
 * `closed`: Studio and the project's data only. `listed`: also the presets and hosts below. `open`: every public address. Private addresses are never reached.
 */
mode: ("closed" | "listed" | "open")
/**
 * Sets of well-known hosts: `npm` (registry.npmjs.org, registry.yarnpkg.com); `pypi` (pypi.org, files.pythonhosted.org); `crates` (crates.io, index.crates.io, static.crates.io); `go` (proxy.golang.org, sum.golang.org); `debian` (deb.debian.org, security.debian.org, archive.ubuntu.com, *.archive.ubuntu.com, security.ubuntu.com, ports.ubuntu.com); `github` (github.com, api.github.com, codeload.github.com, *.githubusercontent.com); `gitlab` (gitlab.com); `bitbucket` (bitbucket.org, api.bitbucket.org); `docker` (registry-1.docker.io, auth.docker.io, production.cloudflare.docker.com, ghcr.io, pkg-containers.githubusercontent.com, quay.io, *.quay.io).
 * 
 * @maxItems 50
 */
presets: ("npm" | "pypi" | "crates" | "go" | "debian" | "github" | "gitlab" | "bitbucket" | "docker")[]
/**
 * Host names, `*.` host names, each with `:port` or without.
 * 
 * @maxItems 50
 */
hosts: string[]
revision: number
}
}
}
}
/**
 * Change a network policy
 */
"PUT /api/v1/network/{environment}": {
params: {
environment: ("development" | "production")
}
body: {
/**
 * `closed`: Studio and the project's data only. `listed`: also the presets and hosts below. `open`: every public address. Private addresses are never reached.
 */
mode: ("closed" | "listed" | "open")
/**
 * Sets of well-known hosts: `npm` (registry.npmjs.org, registry.yarnpkg.com); `pypi` (pypi.org, files.pythonhosted.org); `crates` (crates.io, index.crates.io, static.crates.io); `go` (proxy.golang.org, sum.golang.org); `debian` (deb.debian.org, security.debian.org, archive.ubuntu.com, *.archive.ubuntu.com, security.ubuntu.com, ports.ubuntu.com); `github` (github.com, api.github.com, codeload.github.com, *.githubusercontent.com); `gitlab` (gitlab.com); `bitbucket` (bitbucket.org, api.bitbucket.org); `docker` (registry-1.docker.io, auth.docker.io, production.cloudflare.docker.com, ghcr.io, pkg-containers.githubusercontent.com, quay.io, *.quay.io).
 * 
 * @maxItems 50
 */
presets: ("npm" | "pypi" | "crates" | "go" | "debian" | "github" | "gitlab" | "bitbucket" | "docker")[]
/**
 * Host names, `*.` host names, each with `:port` or without.
 * 
 * @maxItems 50
 */
hosts: string[]
/**
 * The revision that the change is based on. Where another one is in place, nothing is changed.
 */
revision?: number
}
result: {
policy: {
/**
 * `closed`: Studio and the project's data only. `listed`: also the presets and hosts below. `open`: every public address. Private addresses are never reached.
 */
mode: ("closed" | "listed" | "open")
/**
 * Sets of well-known hosts: `npm` (registry.npmjs.org, registry.yarnpkg.com); `pypi` (pypi.org, files.pythonhosted.org); `crates` (crates.io, index.crates.io, static.crates.io); `go` (proxy.golang.org, sum.golang.org); `debian` (deb.debian.org, security.debian.org, archive.ubuntu.com, *.archive.ubuntu.com, security.ubuntu.com, ports.ubuntu.com); `github` (github.com, api.github.com, codeload.github.com, *.githubusercontent.com); `gitlab` (gitlab.com); `bitbucket` (bitbucket.org, api.bitbucket.org); `docker` (registry-1.docker.io, auth.docker.io, production.cloudflare.docker.com, ghcr.io, pkg-containers.githubusercontent.com, quay.io, *.quay.io).
 * 
 * @maxItems 50
 */
presets: ("npm" | "pypi" | "crates" | "go" | "debian" | "github" | "gitlab" | "bitbucket" | "docker")[]
/**
 * Host names, `*.` host names, each with `:port` or without.
 * 
 * @maxItems 50
 */
hosts: string[]
revision: number
}
}
}
/**
 * Allow a host
 */
"POST /api/v1/network/{environment}/hosts": {
params: {
environment: ("development" | "production")
}
body: {
host: string
}
result: {
policy: {
/**
 * `closed`: Studio and the project's data only. `listed`: also the presets and hosts below. `open`: every public address. Private addresses are never reached.
 */
mode: ("closed" | "listed" | "open")
/**
 * Sets of well-known hosts: `npm` (registry.npmjs.org, registry.yarnpkg.com); `pypi` (pypi.org, files.pythonhosted.org); `crates` (crates.io, index.crates.io, static.crates.io); `go` (proxy.golang.org, sum.golang.org); `debian` (deb.debian.org, security.debian.org, archive.ubuntu.com, *.archive.ubuntu.com, security.ubuntu.com, ports.ubuntu.com); `github` (github.com, api.github.com, codeload.github.com, *.githubusercontent.com); `gitlab` (gitlab.com); `bitbucket` (bitbucket.org, api.bitbucket.org); `docker` (registry-1.docker.io, auth.docker.io, production.cloudflare.docker.com, ghcr.io, pkg-containers.githubusercontent.com, quay.io, *.quay.io).
 * 
 * @maxItems 50
 */
presets: ("npm" | "pypi" | "crates" | "go" | "debian" | "github" | "gitlab" | "bitbucket" | "docker")[]
/**
 * Host names, `*.` host names, each with `:port` or without.
 * 
 * @maxItems 50
 */
hosts: string[]
revision: number
}
}
}
/**
 * List API keys
 */
"GET /api/v1/api-keys": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
api_keys: ApiKey[]
next_cursor: (string | null)
}
}
/**
 * Create an API key
 */
"POST /api/v1/api-keys": {
body: {
name: string
environment?: ("development" | "production")
/**
 * What the key may do; by default all of it, as far as its owner's role allows.
 * 
 * @minItems 1
 * @maxItems 21
 */
scopes?: ("sessions:read" | "sessions:write" | "approvals:write" | "agents:read" | "agents:write" | "rules:read" | "rules:write" | "skills:read" | "skills:write" | "keys:read" | "keys:write" | "project:read" | "project:write" | "billing:read" | "billing:write" | "providers:read" | "providers:write" | "settings:read" | "settings:write" | "organization:export" | "audit:read")[]
/**
 * By default the key does not expire.
 */
expires_at?: string
}
result: {
id: string
key: string
name: string
organization_id: string
}
}
/**
 * Revoke an API key
 */
"DELETE /api/v1/api-keys/{id}": {
params: {
id: string
}
result: null
}
/**
 * List model keys
 */
"GET /api/v1/provider-keys": {
result: {
provider_keys: ProviderKey[]
}
}
/**
 * Save a model key
 */
"PUT /api/v1/provider-keys/{provider}": {
params: {
/**
 * `xai`, `anthropic`, `openai`, `google`, `openrouter`, or `compatible:<name>` for an endpoint of your own.
 */
provider: string
}
body: {
api_key: string
name?: string
base_url?: string
/**
 * @minItems 1
 * @maxItems 100
 */
models?: {
id: string
name?: string
context_tokens?: number
output_tokens?: number
prices?: {
input_micro_usd: number
cached_input_micro_usd?: number
output_micro_usd: number
}
}[]
}
result: {
provider_key: ProviderKey
}
}
/**
 * Remove a model key
 */
"DELETE /api/v1/provider-keys/{provider}": {
params: {
/**
 * `xai`, `anthropic`, `openai`, `google`, `openrouter`, or `compatible:<name>` for an endpoint of your own.
 */
provider: string
}
result: null
}
/**
 * Test a model key
 */
"POST /api/v1/provider-keys/{provider}/test": {
params: {
/**
 * `xai`, `anthropic`, `openai`, `google`, `openrouter`, or `compatible:<name>` for an endpoint of your own.
 */
provider: string
}
result: {
provider_key: ProviderKey
}
}
/**
 * List variables
 */
"GET /api/v1/variables": {
result: {
variables: {
name: string
environment: (("development" | "production") | null)
description: string
reach: ("agent" | "terminals" | "setup")
updated_at: string
}[]
}
}
/**
 * Save a variable
 */
"PUT /api/v1/variables/{name}": {
params: {
/**
 * Letters, digits and `_`, beginning with no digit.
 */
name: string
}
body: {
/**
 * Left out, the value stays as it is.
 */
value?: string
/**
 * `null` for the sessions of every environment.
 */
environment?: (("development" | "production") | null)
description?: string
/**
 * `agent`: set-up, the agent, its commands and terminals. `terminals`: terminals alone. `setup`: the set-up script alone.
 */
reach?: ("agent" | "terminals" | "setup")
}
result: {
variable: {
name: string
environment: (("development" | "production") | null)
description: string
reach: ("agent" | "terminals" | "setup")
updated_at: string
}
}
}
/**
 * Remove a variable
 */
"DELETE /api/v1/variables/{name}": {
params: {
/**
 * Letters, digits and `_`, beginning with no digit.
 */
name: string
}
query?: {
/**
 * Left out, the one for every environment.
 */
environment?: ("development" | "production")
}
result: null
}
/**
 * Read the audit log
 */
"GET /api/v1/audit": {
query?: {
limit?: number
cursor?: string
/**
 * Included.
 */
from?: string
/**
 * Not included.
 */
to?: string
format?: ("json" | "csv")
/**
 * A person's id, a key's, or a kind of actor.
 */
actor?: string
/**
 * An action, as in `api_key.created`, or its area: what stands before the dot.
 */
action?: string
}
result: {
entries: AuditEntry[]
next_cursor: (string | null)
}
}
/**
 * Export your own data
 */
"GET /api/v1/account/export": {
result: {
exported_at: string
profile: {
id: string
name: string
email: string
known_since: string
}
memberships: {
organization_id: string
name: string
slug: string
role: string
}[]
covers: {
organization_id: string
name: string
note: string
}
sessions: {
id: string
title: string
environment: string
status: string
provider: string
model: string
total_input_tokens: number
total_output_tokens: number
total_cost_micro_usd: number
total_credits_consumed: number
created_at: string
stopped_at: (string | null)
}[]
totals: {
sessions: number
input_tokens: number
output_tokens: number
cost_micro_usd: number
credits_consumed: number
}
complete: boolean
}
}
/**
 * Export the organization's data
 */
"GET /api/v1/organization/export": {
result: null
}
/**
 * Get the credit balance
 */
"GET /api/v1/credits": {
result: {
balance_micro_usd: number
held_micro_usd: number
available_micro_usd: number
/**
 * What was spent this month (UTC), less what was given back.
 */
spent_micro_usd: number
}
}
/**
 * List ledger entries
 */
"GET /api/v1/credits/ledger": {
query?: {
limit?: number
cursor?: string
/**
 * Included.
 */
from?: string
/**
 * Not included.
 */
to?: string
format?: ("json" | "csv")
/**
 * Entries of this kind alone.
 */
kind?: ("grant" | "charge" | "refund" | "purchase" | "purchase_return" | "dispute" | "sandbox" | "adjustment")
}
result: {
entries: LedgerEntry[]
next_cursor: (string | null)
}
}
/**
 * Get usage
 */
"GET /api/v1/usage": {
query?: {
/**
 * Today included, in UTC.
 */
days?: number
/**
 * `member`: each person's calls stand alone. `session`, `agent`: adds `parts`.
 */
by?: ("member" | "session" | "agent")
}
result: {
from: string
to: string
calls: number
complete: boolean
/**
 * Where not complete: calls before this moment were left out.
 */
counted_from: (string | null)
usage: {
day: string
provider: string
model: string
key_source: ("platform" | "direct" | "openrouter")
/**
 * With `by=member`; null if no member was recorded.
 */
user_id?: (string | null)
user_name?: (string | null)
calls: number
input_tokens: number
cached_tokens: number
output_tokens: number
cost_micro_usd: number
/**
 * Calls whose cost is what they could cost, since the provider's figures were absent or odd.
 */
estimated_calls: number
/**
 * Calls whose cost is not known, since no admin has set a price: they count as 0.
 */
unpriced_calls: number
/**
 * How long sandboxes ran, up to their last count.
 */
sandbox_seconds: number
}[]
month: {
/**
 * Such as 2026-11, in UTC.
 */
month: string
spent_micro_usd: number
/**
 * What was spent, and for the rest of the month the mean of the last 7 whole days. Null with fewer than 3 days to go by.
 */
forecast_micro_usd: (number | null)
/**
 * What of it credits paid for.
 */
spent_credits_micro_usd: number
forecast_credits_micro_usd: (number | null)
/**
 * Whole days that the mean is of, at most 7.
 */
basis_days: number
/**
 * How long sandboxes ran this month.
 */
sandbox_seconds: number
/**
 * How long they may; null where nothing limits it.
 */
sandbox_hours_limit: (number | null)
}
/**
 * With `by=session` or `by=agent`: the dearest of them, at most 100.
 */
parts?: {
id: string
/**
 * Null where there is none of that id any longer.
 */
name: (string | null)
calls: number
input_tokens: number
cached_tokens: number
output_tokens: number
cost_micro_usd: number
/**
 * Calls whose cost is what they could cost, since the provider's figures were absent or odd.
 */
estimated_calls: number
/**
 * Calls whose cost is not known, since no admin has set a price: they count as 0.
 */
unpriced_calls: number
/**
 * How long sandboxes ran, up to their last count.
 */
sandbox_seconds: number
}[]
/**
 * What is behind those; null where that is nothing.
 */
others?: ({
calls: number
input_tokens: number
cached_tokens: number
output_tokens: number
cost_micro_usd: number
/**
 * Calls whose cost is what they could cost, since the provider's figures were absent or odd.
 */
estimated_calls: number
/**
 * Calls whose cost is not known, since no admin has set a price: they count as 0.
 */
unpriced_calls: number
/**
 * How long sandboxes ran, up to their last count.
 */
sandbox_seconds: number
} | null)
/**
 * Credits that were given back in these days. `cost_micro_usd` is what was charged, without that.
 */
refunded_micro_usd: number
/**
 * The same by day, newest first, of the whole organization.
 */
refunds: {
/**
 * When they were given back, in UTC: the calls may be of the day before.
 */
day: string
/**
 * Entries of the ledger.
 */
refunds: number
amount_micro_usd: number
}[]
}
}
/**
 * Buy credits
 */
"POST /api/v1/credits/checkout": {
body: {
amount_cents: number
}
result: {
id: string
/**
 * Where the person pays. It is open for 24 hours.
 */
url: string
}
}
/**
 * Get a checkout
 */
"GET /api/v1/credits/checkout/{id}": {
params: {
id: string
}
result: {
id: string
state: ("open" | "processing" | "paid" | "expired")
amount_micro_usd: number
}
}
/**
 * List purchases
 */
"GET /api/v1/credits/purchases": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
purchases: {
id: string
state: ("paid" | "returned" | "partly_returned" | "disputed")
bought_micro_usd: number
/**
 * What was refunded, negative.
 */
returned_micro_usd: number
/**
 * What a bank has taken back, negative.
 */
disputed_micro_usd: number
receipt_url: (string | null)
created_at: string
}[]
next_cursor: (string | null)
}
}
/**
 * Get the automatic top-up
 */
"GET /api/v1/credits/top-up": {
result: {
on: boolean
amount_cents: (number | null)
threshold_cents: (number | null)
monthly_max_cents: (number | null)
/**
 * What was topped up this month, or is under way.
 */
month_cents: number
under_way: boolean
/**
 * Why it was turned off by itself; null where it wasn't.
 */
failure: (("declined" | "needs_action" | "no_card" | "refused" | "unknown") | null)
}
}
/**
 * Set the automatic top-up
 */
"PUT /api/v1/credits/top-up": {
body: {
on: boolean
/**
 * What is bought each time.
 */
amount_cents: number
/**
 * It is bought once what is available is at this or below.
 */
threshold_cents: number
/**
 * The most that is bought so in a month (UTC).
 */
monthly_max_cents: number
}
result: {
on: boolean
amount_cents: (number | null)
threshold_cents: (number | null)
monthly_max_cents: (number | null)
/**
 * What was topped up this month, or is under way.
 */
month_cents: number
under_way: boolean
/**
 * Why it was turned off by itself; null where it wasn't.
 */
failure: (("declined" | "needs_action" | "no_card" | "refused" | "unknown") | null)
}
}
/**
 * Open invoices and cards
 */
"POST /api/v1/credits/portal": {
result: {
url: string
}
}
/**
 * List monthly limits
 */
"GET /api/v1/limits": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
limits: {
subject: ("organization" | "member" | "agent" | "api_key")
subject_id: string
/**
 * Null where the member, agent or key is gone.
 */
name: (string | null)
limit_micro_usd: number
/**
 * What model calls of this month have cost, with credits and with own keys alike.
 */
spent_micro_usd: number
/**
 * What calls in progress may still cost.
 */
held_micro_usd: number
/**
 * The highest of 50, 80 and 100 percent that was announced this month; 0 for none.
 */
warned_percent: number
/**
 * `2026-11`, in UTC.
 */
month: string
/**
 * When the month is over.
 */
resets_at: string
}[]
next_cursor: (string | null)
}
}
/**
 * Set a monthly limit
 */
"PUT /api/v1/limits": {
body: {
subject: ("organization" | "member" | "agent" | "api_key")
/**
 * The id of the member (user), agent or API key. Of the organization it can be left out.
 */
subject_id?: string
limit_micro_usd: number
}
result: {
limit: {
subject: ("organization" | "member" | "agent" | "api_key")
subject_id: string
/**
 * Null where the member, agent or key is gone.
 */
name: (string | null)
limit_micro_usd: number
/**
 * What model calls of this month have cost, with credits and with own keys alike.
 */
spent_micro_usd: number
/**
 * What calls in progress may still cost.
 */
held_micro_usd: number
/**
 * The highest of 50, 80 and 100 percent that was announced this month; 0 for none.
 */
warned_percent: number
/**
 * `2026-11`, in UTC.
 */
month: string
/**
 * When the month is over.
 */
resets_at: string
}
}
}
/**
 * Remove a monthly limit
 */
"DELETE /api/v1/limits": {
query: {
subject: ("organization" | "member" | "agent" | "api_key")
/**
 * The id of the member (user), agent or API key. Of the organization it can be left out.
 */
subject_id?: string
}
result: null
}
/**
 * List your notifications
 */
"GET /api/v1/notifications": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
}
result: {
notifications: {
id: string
kind: ("approval" | "question" | "finished" | "failed" | "budget")
session_id: string
run_id: (string | null)
/**
 * Of the request or the question that waits, within its run.
 */
key: (string | null)
title: string
text: string
at: string
read_at: (string | null)
/**
 * When a request or a question was answered, or nobody asked any more.
 */
over_at: (string | null)
}[]
next_cursor: (string | null)
}
}
/**
 * Mark notifications as read
 */
"POST /api/v1/notifications/read": {
body: {
/**
 * One of them; without it, all.
 */
notification_id?: string
}
result: null
}
/**
 * Get your notification settings
 */
"GET /api/v1/notification-settings": {
result: {
settings: {
channels: {
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
approval: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
question: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
finished: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
failed: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
budget: ("page" | "browser" | "email" | "push")[]
}
/**
 * Requests and questions of sessions that you have no part in as well, where you may answer them.
 */
all_sessions: boolean
}
/**
 * The ways that the operator of this Studio has set. By the others nothing comes.
 */
available: ("page" | "browser" | "email" | "push")[]
}
}
/**
 * Set what you are told, and how
 */
"PUT /api/v1/notification-settings": {
body: {
channels: {
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
approval: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
question: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
finished: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
failed: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
budget: ("page" | "browser" | "email" | "push")[]
}
/**
 * Requests and questions of sessions that you have no part in as well, where you may answer them.
 */
all_sessions: boolean
}
result: {
settings: {
channels: {
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
approval: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
question: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
finished: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
failed: ("page" | "browser" | "email" | "push")[]
/**
 * `page`: the list of notifications; `browser`: the browser's own, while a page is open; `email`: to your address; `push`: to devices that you have subscribed.
 * 
 * @maxItems 4
 */
budget: ("page" | "browser" | "email" | "push")[]
}
/**
 * Requests and questions of sessions that you have no part in as well, where you may answer them.
 */
all_sessions: boolean
}
/**
 * The ways that the operator of this Studio has set. By the others nothing comes.
 */
available: ("page" | "browser" | "email" | "push")[]
}
}
/**
 * Have a browser take pushes
 */
"POST /api/v1/push-subscriptions": {
body: {
endpoint: string
p256dh: string
auth: string
}
result: null
}
/**
 * Have a browser take no more pushes
 */
"POST /api/v1/push-subscriptions/remove": {
body: {
endpoint: string
}
result: null
}
/**
 * List destinations of notifications
 */
"GET /api/v1/notification-destinations": {
result: {
destinations: {
id: string
kind: ("slack" | "webhook")
name: string
host: string
kinds: ("approval" | "question" | "finished" | "failed" | "budget")[]
enabled: boolean
/**
 * Why Studio has turned it off; null where it hasn't.
 */
off_because: (string | null)
/**
 * Why the last delivery was given up; null where it got there.
 */
last_error: (string | null)
last_delivered_at: (string | null)
created_at: string
updated_at: string
}[]
}
}
/**
 * Add a destination of notifications
 */
"POST /api/v1/notification-destinations": {
body: {
/**
 * `slack`: an incoming webhook of Slack's, or of what takes the same. `webhook`: signed JSON.
 */
kind: ("slack" | "webhook")
name: string
/**
 * HTTPS, at a public address. It isn't shown again, but for its host.
 */
url: string
/**
 * Of a `webhook`: what deliveries are signed with, as Standard Webhooks writes it; without it one is made, and shown once.
 */
secret?: string
/**
 * What it is told of, in all sessions of the organization.
 * 
 * @minItems 1
 * @maxItems 5
 */
kinds: ("approval" | "question" | "finished" | "failed" | "budget")[]
}
result: {
destination: {
id: string
kind: ("slack" | "webhook")
name: string
host: string
kinds: ("approval" | "question" | "finished" | "failed" | "budget")[]
enabled: boolean
/**
 * Why Studio has turned it off; null where it hasn't.
 */
off_because: (string | null)
/**
 * Why the last delivery was given up; null where it got there.
 */
last_error: (string | null)
last_delivered_at: (string | null)
created_at: string
updated_at: string
}
/**
 * What deliveries are signed with, where one was made. It is shown this once.
 */
secret?: string
}
}
/**
 * Change a destination of notifications
 */
"PATCH /api/v1/notification-destinations/{destination}": {
params: {
destination: string
}
body: {
name?: string
/**
 * What it is told of, in all sessions of the organization.
 * 
 * @minItems 1
 * @maxItems 5
 */
kinds?: ("approval" | "question" | "finished" | "failed" | "budget")[]
/**
 * Turning it on forgets what failed before.
 */
enabled?: boolean
}
result: {
destination: {
id: string
kind: ("slack" | "webhook")
name: string
host: string
kinds: ("approval" | "question" | "finished" | "failed" | "budget")[]
enabled: boolean
/**
 * Why Studio has turned it off; null where it hasn't.
 */
off_because: (string | null)
/**
 * Why the last delivery was given up; null where it got there.
 */
last_error: (string | null)
last_delivered_at: (string | null)
created_at: string
updated_at: string
}
}
}
/**
 * Remove a destination of notifications
 */
"DELETE /api/v1/notification-destinations/{destination}": {
params: {
destination: string
}
result: null
}
/**
 * Send a test to a destination
 */
"POST /api/v1/notification-destinations/{destination}/test": {
params: {
destination: string
}
result: {
sent: boolean
/**
 * What went wrong; null where it got there.
 */
error: (string | null)
}
}
/**
 * List set-up scripts
 */
"GET /api/v1/setup": {
result: {
setups: {
environment: ("development" | "production")
scope: string
script: string
lockfiles: string[]
requires: string[]
timeout_seconds: number
rebuild_hours: (number | null)
version: number
updated_at: string
/**
 * Variables that it requires and that aren't set.
 */
missing: string[]
/**
 * The build of its snapshot that began last.
 */
build: ({
id: string
status: ("running" | "ready" | "failed")
cause: ("changed" | "manual" | "schedule" | "stale" | "broken" | "policy")
started_at: string
ended_at: (string | null)
error: (string | null)
/**
 * Hosts that the network policy kept from the script, where the sandbox service tells of it.
 */
refused: {
host: string
port: number
reason: ("policy" | "private" | "operator")
}[]
} | null)
/**
 * True where a build is to begin.
 */
waiting: boolean
/**
 * Since when there is a snapshot that new sessions begin with; `null` where there is none.
 */
prepared_at: (string | null)
}[]
}
}
/**
 * Save a set-up script
 */
"PUT /api/v1/setup/{environment}": {
params: {
environment: ("development" | "production")
}
body: {
/**
 * What is set up: `project`, or a repository by its connection's slug and its path, such as `github/acme/shop`.
 */
scope?: string
/**
 * Bash, run in the workspace or the repository's folder with `set -e`. Its input is closed.
 */
script: string
/**
 * Paths in the workspace, or in the repository's folder. Where one of them has changed, the script runs again.
 * 
 * @maxItems 10
 */
lockfiles?: string[]
/**
 * Variables without which the script isn't run.
 * 
 * @maxItems 32
 */
requires?: string[]
/**
 * A script that takes longer is ended.
 */
timeout_seconds?: number
/**
 * How often the snapshot is built again; `null` for never by itself.
 */
rebuild_hours?: (number | null)
/**
 * The version that the change is based on. Where another one is in place, nothing is saved.
 */
version?: number
}
result: {
setup: {
environment: ("development" | "production")
scope: string
script: string
lockfiles: string[]
requires: string[]
timeout_seconds: number
rebuild_hours: (number | null)
version: number
updated_at: string
/**
 * Variables that it requires and that aren't set.
 */
missing: string[]
/**
 * The build of its snapshot that began last.
 */
build: ({
id: string
status: ("running" | "ready" | "failed")
cause: ("changed" | "manual" | "schedule" | "stale" | "broken" | "policy")
started_at: string
ended_at: (string | null)
error: (string | null)
/**
 * Hosts that the network policy kept from the script, where the sandbox service tells of it.
 */
refused: {
host: string
port: number
reason: ("policy" | "private" | "operator")
}[]
} | null)
/**
 * True where a build is to begin.
 */
waiting: boolean
/**
 * Since when there is a snapshot that new sessions begin with; `null` where there is none.
 */
prepared_at: (string | null)
}
}
}
/**
 * Remove a set-up script
 */
"DELETE /api/v1/setup/{environment}": {
params: {
environment: ("development" | "production")
}
query?: {
/**
 * What is set up: `project`, or a repository by its connection's slug and its path, such as `github/acme/shop`.
 */
scope?: string
}
result: null
}
/**
 * Build the snapshot again
 */
"POST /api/v1/setup/{environment}/rebuild": {
params: {
environment: ("development" | "production")
}
query?: {
/**
 * What is set up: `project`, or a repository by its connection's slug and its path, such as `github/acme/shop`.
 */
scope?: string
}
result: {
setup: {
environment: ("development" | "production")
scope: string
script: string
lockfiles: string[]
requires: string[]
timeout_seconds: number
rebuild_hours: (number | null)
version: number
updated_at: string
/**
 * Variables that it requires and that aren't set.
 */
missing: string[]
/**
 * The build of its snapshot that began last.
 */
build: ({
id: string
status: ("running" | "ready" | "failed")
cause: ("changed" | "manual" | "schedule" | "stale" | "broken" | "policy")
started_at: string
ended_at: (string | null)
error: (string | null)
/**
 * Hosts that the network policy kept from the script, where the sandbox service tells of it.
 */
refused: {
host: string
port: number
reason: ("policy" | "private" | "operator")
}[]
} | null)
/**
 * True where a build is to begin.
 */
waiting: boolean
/**
 * Since when there is a snapshot that new sessions begin with; `null` where there is none.
 */
prepared_at: (string | null)
}
}
}
/**
 * Read the last build's output
 */
"GET /api/v1/setup/{environment}/output": {
params: {
environment: ("development" | "production")
}
query?: {
/**
 * What is set up: `project`, or a repository by its connection's slug and its path, such as `github/acme/shop`.
 */
scope?: string
}
result: {
build_id: (string | null)
/**
 * Its beginning, and of a long one its end. Variables are masked.
 */
text: string
}
}
/**
 * Get services, queues, failures and sign-ups
 */
"GET /api/operator/overview": {
result: {
status: {
status: ("healthy" | "degraded")
version: string
services: {
/**
 * Such as `database`, `sandboxes`, `disk`, `worker`.
 */
name: string
state: ("up" | "down")
/**
 * How long it took to respond.
 */
latency_ms?: number
}[]
/**
 * Null where the sandbox service doesn't respond.
 */
sandboxes: ({
/**
 * How many there may be at once, live and warm; null where nothing bounds them.
 */
max: (number | null)
/**
 * How many of them are kept warm, with an agent started for nobody yet.
 */
warm: number
} | null)
}
versions: {
name: string
version: string
}[]
queues: {
count: number
isMore: boolean
name: string
}[]
/**
 * Of the last 24 hours.
 */
failures: {
of: ("run" | "session")
kind: string
count: number
}[]
/**
 * Of the last 30 days.
 */
signUps: {
day: string
people: number
}[]
areSignUpsCut: boolean
frozen: {
count: number
isMore: boolean
}
}
}
/**
 * List organizations
 */
"GET /api/operator/organizations": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * Words of its name, what its slug begins with, or the whole address of a member.
 */
search?: string
}
result: {
organizations: {
id: string
name: string
slug: string
createdAt: number
members: {
count: number
isMore: boolean
}
/**
 * Its live sessions.
 */
live: {
count: number
isMore: boolean
}
balanceMicroUsd: number
spentThisMonthMicroUsd: number
frozen: ({
at: number
reason: string
} | null)
}[]
/**
 * Whether a search has more matches than these.
 */
isCut: boolean
nextCursor: (string | null)
}
}
/**
 * Get an organization's use and cost
 */
"GET /api/operator/organizations/{organization}": {
params: {
/**
 * Its slug, or its id.
 */
organization: string
}
result: {
organization: {
id: string
name: string
slug: string
createdAt: number
members: {
count: number
isMore: boolean
}
/**
 * Its live sessions.
 */
live: {
count: number
isMore: boolean
}
balanceMicroUsd: number
spentThisMonthMicroUsd: number
frozen: ({
at: number
reason: string
} | null)
}
days: {
day: string
calls: number
costMicroUsd: number
sandboxMs: number
}[]
/**
 * Whether the oldest days are left out, since there is too much of them.
 */
isCut: boolean
/**
 * Its consent that its sessions are read; null where there is none.
 */
support: ({
at: number
until: number
reason: string
} | null)
}
}
/**
 * List an organization's live sessions
 */
"GET /api/operator/organizations/{organization}/sessions": {
params: {
/**
 * Its slug, or its id.
 */
organization: string
}
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
status?: ("provisioning" | "ready" | "active" | "idle")
}
result: {
sessions: {
id: string
environment: ("development" | "production")
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
/**
 * Why it waits, or where it stands.
 */
cause: string
next: string
provider: string
model: string
createdAt: number
lastActivityAt: number
costMicroUsd: number
}[]
nextCursor: (string | null)
}
}
/**
 * Freeze an organization
 */
"POST /api/operator/organizations/{organization}/freeze": {
params: {
/**
 * Its slug, or its id.
 */
organization: string
}
body: {
/**
 * Why. It is kept in the operator's audit, and the organization sees it.
 */
reason: string
}
result: {
name: string
slug: string
}
}
/**
 * Let a frozen organization go on
 */
"POST /api/operator/organizations/{organization}/thaw": {
params: {
/**
 * Its slug, or its id.
 */
organization: string
}
body: {
/**
 * Why. It is kept in the operator's audit, and the organization sees it.
 */
reason: string
}
result: {
name: string
slug: string
}
}
/**
 * Adjust an organization's credits
 */
"POST /api/operator/organizations/{organization}/credit": {
params: {
/**
 * Its slug, or its id.
 */
organization: string
}
body: {
/**
 * Why. It is kept in the operator's audit, and the organization sees it.
 */
reason: string
/**
 * Below zero, credits are taken back.
 */
amountMicroUsd: number
/**
 * Names this adjustment: the same one again changes nothing.
 */
key: string
}
result: {
name: string
slug: string
balanceMicroUsd: number
}
}
/**
 * End a live session
 */
"POST /api/operator/sessions/{id}/end": {
params: {
id: string
}
body: {
/**
 * Why. It is kept in the operator's audit, and the organization sees it.
 */
reason: string
}
result: null
}
/**
 * List the sessions of an organization that consents
 */
"GET /api/operator/organizations/{organization}/support/sessions": {
params: {
/**
 * Its slug, or its id.
 */
organization: string
}
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * Words of the title, or of what was asked and answered.
 */
text?: string
/**
 * Those that were put away; else the others.
 */
archived?: boolean
}
result: {
sessions: {
id: string
title: string
environment: ("development" | "production")
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
userName: string
provider: string
model: string
createdAt: number
lastActivityAt: number
}[]
/**
 * Whether the search has more matches than were looked at.
 */
truncated: boolean
nextCursor: (string | null)
}
}
/**
 * Read a session's log with its organization's consent
 */
"GET /api/operator/organizations/{organization}/support/sessions/{id}/events": {
params: {
/**
 * Its slug, or its id.
 */
organization: string
id: string
}
query?: {
limit?: number
/**
 * The `seq` behind which the page begins.
 */
cursor?: number
}
result: {
events: Event[]
next_cursor: (string | null)
}
}
/**
 * List what operators have done
 */
"GET /api/operator/audit": {
query?: {
limit?: number
/**
 * From the page before; opaque.
 */
cursor?: string
/**
 * The id of the one organization.
 */
organization?: string
}
result: {
entries: {
id: string
at: number
by: string
via: ("page" | "cli")
address: (string | null)
action: ("freeze" | "thaw" | "credit" | "end_session" | "list_sessions" | "read_session")
organization: string
slug: string
target: (string | null)
reason: string
amountMicroUsd: (number | null)
}[]
nextCursor: (string | null)
}
}
/**
 * Check that the server responds
 */
"GET /api/v1/health": {
result: {
ok: true
/**
 * Whether everything is up that Studio depends on.
 */
status: ("healthy" | "degraded")
version: string
/**
 * Where a session's project lies in its sandbox, as the API names it: skill roots are below it.
 */
workspace_root: string
/**
 * The file that the server's settings were read from; null for none.
 */
env_file: (string | null)
}
}
/**
 * Check what Studio depends on
 */
"GET /api/v1/status": {
result: {
status: ("healthy" | "degraded")
version: string
services: {
/**
 * Such as `database`, `sandboxes`, `disk`, `worker`.
 */
name: string
state: ("up" | "down")
/**
 * How long it took to respond.
 */
latency_ms?: number
}[]
/**
 * Null where the sandbox service doesn't respond.
 */
sandboxes: ({
/**
 * How many there may be at once, live and warm; null where nothing bounds them.
 */
max: (number | null)
/**
 * How many of them are kept warm, with an agent started for nobody yet.
 */
warm: number
} | null)
}
}
/**
 * Get this document
 */
"GET /api/openapi.json": {
result: {
[k: string]: unknown
}
}
/**
 * Get a token for live data
 */
"GET /api/auth/token": {
result: {
token: string
convexUrl: string
expiresAt: number
/**
 * Which build of the pages the server serves: a page of another one is out of date.
 */
build: string
}
}
/**
 * Call a model from a sandbox
 */
"POST /api/gateway/{provider}/{path}": {
params: {
provider: string
path: string
}
result: string
}
/**
 * Begin a fetch or a push from a sandbox
 */
"GET /api/git/{connection}/{path}": {
params: {
connection: string
path: string
}
result: null
}
/**
 * Fetch or push from a sandbox
 */
"POST /api/git/{connection}/{path}": {
params: {
connection: string
path: string
}
result: null
}
/**
 * Receive a git host's webhooks
 */
"POST /api/webhooks/git/{connection}": {
params: {
connection: string
}
result: null
}
/**
 * Receive Stripe's webhooks
 */
"POST /api/webhooks/stripe": {
result: null
}
/**
 * Receive Clerk's webhooks
 */
"POST /api/webhooks/clerk": {
result: null
}
/**
 * Begin a login of the struere command
 */
"POST /api/v1/command-logins": {
body: {
flow: ("browser" | "device")
/**
 * Where the command runs, for the person who confirms.
 */
machine: string
environment?: ("development" | "production")
/**
 * SHA-256 of the key that the command has made for itself.
 */
key_hash: string
key_last4: string
}
result: {
/**
 * What the command asks with. It opens nothing else.
 */
secret: string
/**
 * What the person compares or types.
 */
code: string
/**
 * Where the person confirms.
 */
page: string
poll_ms: number
expires_at: string
}
}
/**
 * Ask what has become of a login
 */
"POST /api/v1/command-logins/claim": {
body: {
secret: string
/**
 * What the browser brought to the command.
 */
handover?: string
}
result: ({
status: "pending"
} | {
status: "denied"
} | {
status: "approved"
organization: {
id: string
slug: string
name: string
}
environment: ("development" | "production")
expires_at: string
/**
 * Where the project's routes are, `/v1/sync` and others.
 */
site_url: string
})
}
/**
 * See a login that is to be confirmed
 */
"GET /api/v1/command-logins/{code}": {
params: {
code: string
}
result: {
code: string
flow: ("browser" | "device")
machine: string
environment: ("development" | "production")
/**
 * Of the person, in the organization that they work in.
 */
role: ("viewer" | "member" | "admin")
started_at: string
expires_at: string
decision: (("approved" | "denied") | null)
}
}
/**
 * Confirm or decline a login
 */
"POST /api/v1/command-logins/{code}/decision": {
params: {
code: string
}
body: {
approve: boolean
}
result: {
/**
 * For the command on the person's own machine; null where it asks by itself.
 */
handover: (string | null)
}
}
/**
 * Create an account
 */
"POST /api/auth/sign-up/email": {
body: {
name: string
email: string
password: string
}
result: {
user: {
id: string
name: string
email: string
[k: string]: unknown
}
[k: string]: unknown
}
}
/**
 * Sign in
 */
"POST /api/auth/sign-in/email": {
body: {
email: string
password: string
}
result: {
user: {
id: string
name: string
email: string
[k: string]: unknown
}
[k: string]: unknown
}
}
/**
 * Sign out
 */
"POST /api/auth/sign-out": {
body: {

}
result: unknown
}
/**
 * Change the password
 */
"POST /api/auth/change-password": {
body: {
currentPassword: string
newPassword: string
revokeOtherSessions?: boolean
}
result: unknown
}
/**
 * Delete the account
 */
"POST /api/auth/delete-user": {
body: {
password: string
}
result: unknown
}
/**
 * List your organizations
 */
"GET /api/auth/organization/list": {
result: {
id: string
name: string
slug: string
[k: string]: unknown
}[]
}
/**
 * Get the organization with its members and invitations
 */
"GET /api/auth/organization/get-full-organization": {
result: {
id: string
name: string
slug: string
members: {
id: string
userId: string
role: string
createdAt: string
user: {
name: string
email: string
[k: string]: unknown
}
[k: string]: unknown
}[]
invitations: {
id: string
organizationId: string
email: string
role: string
status: string
expiresAt: string
[k: string]: unknown
}[]
[k: string]: unknown
}
}
/**
 * Create an organization
 */
"POST /api/auth/organization/create": {
body: {
name: string
slug: string
}
result: {
id: string
name: string
slug: string
[k: string]: unknown
}
}
/**
 * Switch to another organization
 */
"POST /api/auth/organization/set-active": {
body: {
organizationId: string
}
result: unknown
}
/**
 * Rename the organization
 */
"POST /api/auth/organization/update": {
body: {
organizationId: string
data: {
name: string
}
}
result: unknown
}
/**
 * Leave an organization
 */
"POST /api/auth/organization/leave": {
body: {
organizationId: string
}
result: unknown
}
/**
 * Delete an organization
 */
"POST /api/auth/organization/delete": {
body: {
organizationId: string
}
result: unknown
}
/**
 * Invite a person
 */
"POST /api/auth/organization/invite-member": {
body: {
email: string
role: ("owner" | "admin" | "member" | "viewer")
}
result: {
id: string
organizationId: string
email: string
role: string
status: string
expiresAt: string
[k: string]: unknown
}
}
/**
 * Withdraw an invitation
 */
"POST /api/auth/organization/cancel-invitation": {
body: {
invitationId: string
}
result: unknown
}
/**
 * Decline an invitation
 */
"POST /api/auth/organization/reject-invitation": {
body: {
invitationId: string
}
result: unknown
}
/**
 * Accept an invitation
 */
"POST /api/auth/organization/accept-invitation": {
body: {
invitationId: string
}
result: {
invitation: {
organizationId: string
[k: string]: unknown
}
[k: string]: unknown
}
}
/**
 * Change a member's role
 */
"POST /api/auth/organization/update-member-role": {
body: {
memberId: string
role: ("owner" | "admin" | "member" | "viewer")
}
result: unknown
}
/**
 * Remove a member
 */
"POST /api/auth/organization/remove-member": {
body: {
memberIdOrEmail: string
}
result: unknown
}
}
export interface Session {
id: string
organizationId: string
environment: ("development" | "production")
userId: string
userName: string
title: string
status: ("provisioning" | "ready" | "active" | "idle" | "stopped" | "error")
waitingFor: (("capacity" | "sandbox" | "agent-start" | "project-pull" | "setup" | "provider" | "approval" | "budget" | "credits" | "limit" | "mcp" | "rewind") | null)
/**
 * With `waitingFor` of `provider`, `mcp` or `limit` alone.
 */
waitDetail: ({
/**
 * HTTP status; of a monthly limit 402.
 */
status: number
message: string
/**
 * Epoch milliseconds; null where the provider said nothing of it. Of a monthly limit: when the month is over.
 */
retryAt: (number | null)
/**
 * With `waitingFor` of `limit` alone.
 */
limit?: {
subject: ("organization" | "member" | "agent" | "api_key")
subjectId: string
}
} | null)
/**
 * With `waitingFor` of `capacity` alone: its place among the sessions that wait for room, from 1.
 */
queuePlace: (number | null)
/**
 * What ends the wait, or what can be done now, in words for a person.
 */
nextStep: string
errorMessage: (string | null)
sandboxProvider: "e2b"
sandboxId: (string | null)
agentType: "opencode"
/**
 * The agent that it was started with, which it keeps as it was then; null for none.
 */
agentId: (string | null)
agentName: (string | null)
agentSessionId: (string | null)
provider: string
model: string
/**
 * What was asked for, where its provider has retired it; else null.
 */
requestedModel: (string | null)
keySource: ("platform" | "direct" | "openrouter")
/**
 * True where the key itself is in the sandbox, so that its calls are not counted.
 */
rawKey: boolean
/**
 * True where every approval is granted by itself, and logged.
 */
autoApprove: boolean
totalInputTokens: number
totalCachedTokens: number
totalOutputTokens: number
totalCostMicroUsd: number
totalCreditsConsumed: number
/**
 * What the session may cost; null where it has no cap.
 */
budgetCapMicroUsd: (number | null)
idleTimeoutMs: number
lastActivityAt: number
createdAt: number
stoppedAt: (number | null)
/**
 * Its latest verified checkpoint; null where nothing is saved.
 */
checkpointId: (string | null)
/**
 * How its work was then is saved; null where nothing is.
 */
savedAt: (number | null)
/**
 * How large its saved workspace is.
 */
savedBytes: (number | null)
/**
 * The last event before it was last resumed.
 */
resumedSeq: (number | null)
/**
 * The session that it branched from; null where it is no branch.
 */
parentSessionId: (string | null)
/**
 * That session's title when it branched.
 */
parentTitle: (string | null)
/**
 * The last event that it has of that session.
 */
branchFromSeq: (number | null)
/**
 * When a person archived it; null while it stands in the lists.
 */
archivedAt: (number | null)
/**
 * When it was imported from an export, by `userName`; null where it was started here.
 */
importedAt: (number | null)
}
export interface Ok {
ok: true
}
export interface Event {
event_id: string
type: string
ts: string
session_id: string
run_id?: string
seq: number
source: string
payload: {
[k: string]: unknown
}
cost_usd?: number
}
export interface Folder {
kind: "folder"
path: string
entries: FileEntry[]
truncated: boolean
}
export interface FileEntry {
/**
 * With replacement characters where it is not UTF-8.
 */
name: string
/**
 * The name's bytes as base64, where it is not UTF-8.
 */
nameBytes?: string
/**
 * For a link what it leads to; `link` where that is nothing.
 */
kind: ("file" | "folder" | "link" | "socket" | "pipe" | "device" | "unknown")
size: number
modifiedAt: (number | null)
link: boolean
/**
 * False where the sandbox's user may not read it.
 */
readable: boolean
}
export interface File {
kind: "file"
path: string
size: number
modifiedAt: (number | null)
/**
 * SHA-256 of its bytes, in hexadecimal.
 */
hash: string
encoding: ("utf-8" | "unknown")
/**
 * Null where it is not UTF-8 text.
 */
content: (string | null)
}
export interface Run {
id: string
agent_id: (string | null)
agent_name: (string | null)
session_id: string
input: string
status: ("pending" | "running" | "completed" | "failed" | "cancelled")
output: (string | null)
error: (string | null)
error_kind: (string | null)
/**
 * Of the session's log, from the run's start to its end, or to now; 0 before it starts.
 */
total_events: number
total_tokens: number
total_cost_usd: number
/**
 * What of it was given back to the credits, since the run failed for the platform's fault.
 */
returned_usd: number
duration_ms: (number | null)
created_at: string
started_at: (string | null)
completed_at: (string | null)
}
export interface PendingApproval {
run_id: string
approval_key: string
tool: string
summary: string
request: {
[k: string]: unknown
}
diff?: Diff
diffs?: Diff[]
/**
 * How often the agent has made this same call in a row, where that is why it asks.
 */
same_calls?: number
age_ms: number
}
export interface Diff {
path: string
old_text: (string | null)
new_text: string
truncated?: boolean
artifact_id?: string
chars?: number
bytes?: number
sha256?: string
}
export interface Question {
question: string
header: string
options: {
label: string
description: string
}[]
multiple: boolean
custom: boolean
}
export interface ApprovalRule {
id: string
name: string
/**
 * A glob over `server:tool:arguments`, such as `builtin:shell:npm test *`, `builtin:write_file:src/*`, `builtin:fetch:https://example.com/*` or `github:*`. `*` stands for any text; alone in a command, for any number of words.
 */
tool_pattern: string
/**
 * `auto_deny` denies, and tells the agent why; `ask` has a person asked, whatever a later rule says.
 */
action: ("auto_approve" | "auto_deny" | "ask")
/**
 * Within its scope the higher counts first; of the same, the older.
 */
priority: number
enabled: boolean
scope: ("session" | "agent" | "environment" | "organization")
agent_id: (string | null)
environment: (("development" | "production") | null)
session_id: (string | null)
created_at: string
updated_at: string
/**
 * The last day (UTC) on which it had a say in a decision; null where it hasn't yet.
 */
used_on: (string | null)
/**
 * True where it's on, and has had no say for 30 days since it was changed. Never of one that denies: it is there for what shouldn't happen.
 */
unused: boolean
}
export interface Agent {
id: string
/**
 * Counts what it was told to be, from 1.
 */
version: number
name: string
description: string
provider: string
model: string
system_prompt: string
temperature: number
max_tokens: number
tools_mode: ("sandboxed" | "restricted" | "full")
mcp_servers: string[]
skills: (string[] | null)
variables: (string[] | null)
repository: ({
connection: string
url: string
ref: (string | null)
} | null)
approval_rules: {
id?: string
name?: string
tool_pattern: string
action: ("auto_approve" | "auto_deny" | "ask")
priority?: number
enabled?: boolean
}[]
created_at: string
updated_at: string
}
export interface Settings {
default_model: ({
provider: string
model: string
} | null)
raw_key_injection: boolean
idle_timeout_minutes: number
max_live_sessions: number
/**
 * Days after which the log of an ended session is removed; null keeps it.
 */
session_log_retention_days: (number | null)
/**
 * How much saved work there may be, in GB; at that, nothing more is saved.
 */
saved_work_gb: number
/**
 * Names of files and folders that are not saved, wherever they are: what can be made again.
 * 
 * @minItems 0
 * @maxItems 50
 */
not_saved: string[]
/**
 * What happens to a run that mentions a skill whose variable its sandbox doesn't have: it fails at once, or goes on without the skill.
 */
env_var_missing_policy: ("fail_fast" | "skip_skill")
/**
 * Who may approve what: for a kind of act in an environment, the least role. What has no entry is for everyone who may work there; an act of several kinds needs all that they need. Anyone who works there may deny.
 * 
 * @maxItems 12
 */
approvers: {
environment: ("development" | "production")
kind: ("read" | "write" | "run" | "network" | "mcp" | "push")
role: ("member" | "admin")
/**
 * Whether who started the run may not approve it.
 */
someone_else: boolean
/**
 * After so many minutes without an answer they may all the same; null for never.
 */
someone_else_minutes: (number | null)
}[]
/**
 * How long a request or a question of the agent waits for an answer.
 */
approval_deadline_minutes: number
/**
 * What becomes of it then. `deny`: it's denied (a question is skipped), and the agent goes on. `park`: the session is saved and stops, and goes on at the answer or the next message. `auto` parks where a person started the run, and denies for runs of API keys and pursuits.
 */
approval_deadline_action: ("auto" | "park" | "deny")
/**
 * How many hours the organization's sandboxes may run in a month (UTC) in all; then no new one is created. 0 for no limit, null for the operator's default.
 */
sandbox_hours_per_month: (number | null)
}
export interface ApiKey {
id: string
name: string
masked: string
scopes: string[]
environment: ("development" | "production")
created_at: string
expires_at: (string | null)
revoked_at: (string | null)
last_used_at: (string | null)
}
export interface ProviderKey {
provider: string
name: string
has_key: true
masked: string
base_url: (string | null)
models: ({
id: string
name: string
context_tokens: number
output_tokens: number
prices?: {
input_micro_usd: number
cached_input_micro_usd: number
output_micro_usd: number
}
}[] | null)
status: ("active" | "inactive" | "error")
status_detail: (string | null)
verified_at: (string | null)
updated_at: string
}
export interface AuditEntry {
id: string
at: string
action: string
actor: {
kind: (("member" | "apiKey" | "operator" | "system" | "driver") | null)
person: ({
user_id: string
name: string
} | null)
key_id: (string | null)
key_last4: (string | null)
label: (string | null)
}
target: (string | null)
target_person: ({
user_id: string
name: string
} | null)
before: unknown
after: unknown
via: (("page" | "api" | "cli") | null)
address: (string | null)
}
export interface LedgerEntry {
id: string
kind: ("grant" | "charge" | "refund" | "purchase" | "purchase_return" | "dispute" | "sandbox" | "adjustment")
delta_micro_usd: number
balance_after_micro_usd: number
description: string
session_id: (string | null)
created_at: string
}
