#!/usr/bin/env bash
# A whole session by curl alone. Needs STUDIO_URL and STUDIO_API_KEY; both are in <data>/credentials.json.
set -euo pipefail
: "${STUDIO_URL:?}" "${STUDIO_API_KEY:?}"

call() { curl -sS --fail-with-body -H "Authorization: Bearer $STUDIO_API_KEY" -H 'Content-Type: application/json' "$@"; }
# The value of the first field of that name in a JSON text: enough for ids and states.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" | head -n 1; }

SESSION=$(call -X POST "$STUDIO_URL/api/studio/sessions?wait=true" \
  -d '{"environment":"development","provider":"demo","model":"demo"}' | sed 's/,.*//' | field sessionId)
echo "session $SESSION is ready"

# Everything that happens, as it happens.
STREAM=$(mktemp)
curl -sN -H "Authorization: Bearer $STUDIO_API_KEY" "$STUDIO_URL/api/studio/sessions/$SESSION/events" >"$STREAM" &
LISTENER=$!
trap 'kill $LISTENER 2>/dev/null || true; rm -f "$STREAM"' EXIT

RUN=$(call -X POST "$STUDIO_URL/api/studio/sessions/$SESSION/message" \
  -d '{"message":"create a file story.txt containing once upon a time and run `cat story.txt`"}' | field runId)
echo "run $RUN has started"

for _ in $(seq 1 300); do
  KEY=$(call "$STUDIO_URL/api/v1/runs/$RUN/approvals/pending" | field approval_key)
  if [ -n "$KEY" ]; then
    call -X POST "$STUDIO_URL/api/v1/runs/$RUN/approvals/$KEY" -d '{"decision":"approved"}' >/dev/null
    echo "approved $KEY"
  fi
  STATUS=$(call "$STUDIO_URL/api/v1/runs/$RUN" | field status)
  [ "$STATUS" = running ] || break
  sleep 0.1
done
[ "$STATUS" = completed ] || { echo "the run ended as $STATUS"; exit 1; }

call "$STUDIO_URL/api/v1/sessions/$SESSION/events?limit=500" | grep -q 'once upon a time' \
  || { echo "the command's output is missing"; exit 1; }
call -X POST "$STUDIO_URL/api/studio/sessions/$SESSION/keepalive" | grep -q '"ok":true'
call -X DELETE "$STUDIO_URL/api/studio/sessions/$SESSION"
STATUS=$(call "$STUDIO_URL/api/studio/sessions/$SESSION" | field status)
[ "$STATUS" = stopped ] || { echo "the session is $STATUS"; exit 1; }

# The stream ends by itself behind the last event, and its ids have no gap.
for _ in $(seq 1 50); do kill -0 $LISTENER 2>/dev/null || break; sleep 0.1; done
grep -q '^event: end' "$STREAM" || { echo "the stream did not end"; exit 1; }
sed -n 's/^id: //p' "$STREAM" | awk 'NR != $1 { print "gap at " $1; exit 1 }'
echo "The story is told."
