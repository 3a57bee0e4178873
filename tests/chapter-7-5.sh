#!/usr/bin/env bash
# The guide's chapter 7.5, literally: a session, its skill roots, a skill, a run with a mention, its stream, and its
# approvals, by curl alone, each with one more header. Needs STUDIO_URL and STUDIO_API_KEY; both are in
# <data>/credentials.json.
set -euo pipefail
: "${STUDIO_URL:?}" "${STUDIO_API_KEY:?}"

AUTH="Authorization: Bearer $STUDIO_API_KEY"
# The value of the first field of that name in a JSON text: enough for ids and states.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

# 1) Create a session
SESSION_ID=$(curl -s -X POST "$STUDIO_URL/api/v1/sessions" \
  -H "$AUTH" -H 'Content-Type: application/json' \
  -d '{"title":"demo"}' | field session_id)
echo "session $SESSION_ID"

# 2) Set skill roots (optional)
WORKSPACE_ROOT=$(curl -s "$STUDIO_URL/api/v1/health" | field workspace_root)
ROOT="${WORKSPACE_ROOT}/.skills_runtime_sdk/skills"
echo "root $ROOT"
curl -s -X PUT "$STUDIO_URL/api/v1/sessions/${SESSION_ID}/skills/roots" \
  -H "$AUTH" -H 'Content-Type: application/json' \
  -d "{\"roots\":[\"${ROOT}\"]}" | grep -q "\"ok\":true,\"roots\":\[\"${ROOT}\"\]" \
  || { echo "the roots were not set"; exit 1; }

# 3) Create a file-based skill
CREATED=$(curl -s -X POST "$STUDIO_URL/studio/api/v1/sessions/${SESSION_ID}/skills" \
  -H "$AUTH" -H 'Content-Type: application/json' \
  -d '{
    "name":"article-writer",
    "description":"writing skill",
    "body_markdown":"# Output structure\n- Title\n- Bullet points",
    "title":"Article Writer"
  }')
SKILL_ID=$(echo "$CREATED" | field skill_id)
echo "$CREATED" | grep -q "\"ok\":true.*\"skill_md\":\"${ROOT}/article-writer/SKILL.md\"" \
  || { echo "the skill was not created: $CREATED"; exit 1; }
echo "skill $SKILL_ID"
curl -s -H "$AUTH" "$STUDIO_URL/api/v1/sessions/${SESSION_ID}/skills" \
  | grep -q "\"name\":\"article-writer\",\"description\":\"writing skill\"" || { echo "the skill is not listed"; exit 1; }

# 4) Start a run
RUN_ID=$(curl -s -X POST "$STUDIO_URL/api/v1/sessions/${SESSION_ID}/runs" \
  -H "$AUTH" -H 'Content-Type: application/json' \
  -d '{"message":"Please call $[web:mvp].article-writer and output 5 test suggestions."}' | field run_id)
echo "run $RUN_ID"

# 5) Subscribe to SSE events
STREAM=$(mktemp)
curl -sN -H "$AUTH" "$STUDIO_URL/api/v1/runs/${RUN_ID}/events/stream" >"$STREAM" &
LISTENER=$!
trap 'kill $LISTENER 2>/dev/null || true; rm -f "$STREAM"' EXIT

# 6) Handle approvals (if any)
for _ in $(seq 1 600); do
  kill -0 $LISTENER 2>/dev/null || break
  APPROVAL_KEY=$(curl -s -H "$AUTH" "$STUDIO_URL/api/v1/runs/${RUN_ID}/approvals/pending" | field approval_key)
  if [ -n "$APPROVAL_KEY" ]; then
    curl -s -X POST "$STUDIO_URL/api/v1/runs/${RUN_ID}/approvals/${APPROVAL_KEY}" \
      -H "$AUTH" -H 'Content-Type: application/json' \
      -d '{"decision":"approved"}' | grep -q '"ok":true'
    echo "approved $APPROVAL_KEY"
  fi
  sleep 0.1
done

grep -q '^event: run_started' "$STREAM" || { echo "the run did not start"; exit 1; }
grep -q '"config_summary":{.*"sources":{"models.planner"' "$STREAM" || { echo "no sources"; exit 1; }
grep -q '^event: skill_injected' "$STREAM" || { echo "the skill did not go to the agent"; exit 1; }
if grep -q '^event: skill_injection_skipped' "$STREAM"; then echo "a skill was left out"; exit 1; fi
grep -q '^event: run_completed' "$STREAM" || { echo "the run did not complete"; exit 1; }
tail -n 3 "$STREAM" | grep -q '^event: end' || { echo "the stream did not end"; exit 1; }

curl -s -H "$AUTH" "$STUDIO_URL/api/v1/sessions" | grep -q "\"session_id\":\"$SESSION_ID\"" \
  || { echo "the session is not listed"; exit 1; }

# An explicitly empty list of roots: no skill can be created.
EMPTY=$(curl -s -X POST "$STUDIO_URL/api/v1/sessions" \
  -H "$AUTH" -H 'Content-Type: application/json' -d '{"title":"empty","skills_roots":[]}' | field session_id)
STATUS=$(curl -s -o /dev/null -w '%{http_code}' -X POST "$STUDIO_URL/studio/api/v1/sessions/${EMPTY}/skills" \
  -H "$AUTH" -H 'Content-Type: application/json' \
  -d '{"name":"no-root","description":"d","body_markdown":"b"}')
[ "$STATUS" = 400 ] || { echo "a skill without roots gives $STATUS"; exit 1; }
curl -s -o /dev/null -X DELETE -H "$AUTH" "$STUDIO_URL/api/v1/sessions/${EMPTY}"

curl -s -X DELETE -H "$AUTH" "$STUDIO_URL/api/v1/sessions/${SESSION_ID}" | grep -q '"deleted"' \
  || { echo "the session was not deleted"; exit 1; }
STATUS=$(curl -s -o /dev/null -w '%{http_code}' -H "$AUTH" "$STUDIO_URL/api/v1/sessions/${SESSION_ID}")
[ "$STATUS" = 404 ] || { echo "the deleted session answers $STATUS"; exit 1; }
curl -s -o /dev/null -X DELETE -H "$AUTH" "$STUDIO_URL/api/v1/skills/${SKILL_ID}"
echo "The chapter is done."
