#!/usr/bin/env bash
# The guide's chapter 7.5, literally: a session, a run with a mention, its stream, and its approvals, by curl alone, each
# with one more header. Needs STUDIO_URL and STUDIO_API_KEY; both are in <data>/credentials.json.
set -euo pipefail
: "${STUDIO_URL:?}" "${STUDIO_API_KEY:?}"

AUTH="Authorization: Bearer $STUDIO_API_KEY"
# The value of the first field of that name in a JSON text: enough for ids and states.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

WORKSPACE_ROOT=$(curl -s "$STUDIO_URL/api/v1/health" | field workspace_root)
[ "$WORKSPACE_ROOT" = /workspace ] || { echo "the workspace's root is $WORKSPACE_ROOT"; exit 1; }

# 1) Create a session
SESSION_ID=$(curl -s -X POST "$STUDIO_URL/api/v1/sessions" \
  -H "$AUTH" -H 'Content-Type: application/json' \
  -d '{"title":"demo"}' | field session_id)
echo "session $SESSION_ID"

# 4) Start a run, by the guide's other address, too
RUN_ID=$(curl -s -X POST "$STUDIO_URL/studio/api/v1/sessions/${SESSION_ID}/runs" \
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
grep -q '^event: run_completed' "$STREAM" || { echo "the run did not complete"; exit 1; }
tail -n 3 "$STREAM" | grep -q '^event: end' || { echo "the stream did not end"; exit 1; }

curl -s -H "$AUTH" "$STUDIO_URL/api/v1/sessions" | grep -q "\"session_id\":\"$SESSION_ID\"" \
  || { echo "the session is not listed"; exit 1; }
curl -s -X DELETE -H "$AUTH" "$STUDIO_URL/api/v1/sessions/${SESSION_ID}" | grep -q '"deleted"' \
  || { echo "the session was not deleted"; exit 1; }
STATUS=$(curl -s -o /dev/null -w '%{http_code}' -H "$AUTH" "$STUDIO_URL/api/v1/sessions/${SESSION_ID}")
[ "$STATUS" = 404 ] || { echo "the deleted session answers $STATUS"; exit 1; }
echo "The chapter is done."
