#!/usr/bin/env bats
# iq-log: what is in the audit log, whether it is what was written, and what
# follows from it.

load lib

# Jobs of two types that fare in different ways
some_events() {
	iq-enqueue -t notes --raw a b c
	iq-enqueue -t mail --raw --delay 1h x
	iq-work -t notes -j 1 --drain -- sh -c \
		'case $1 in b) exit 65 ;; c) exit 75 ;; esac' sh 2>/dev/null ||
		[[ $? = 1 ]]
	iq-tune set -t notes retry_base=5m
	iq-ctl pause -t mail --reason 'no net' >/dev/null
	iq-ctl cancel 4 >/dev/null
}

# log FILTER [ARGUMENT ...] - of all objects, compact
log() {
	local filter=$1
	shift
	run_split iq-log --json "$@"
	assert_status 0
	assert_stderr ""
	output=$(jq -cs "$filter" <<<"$output")
}

# time_of SEQ - of an event, to the nanosecond
time_of() {
	sqlite3 queue.db "SELECT '@' || (at / 1000000000) || '.' ||
		substr(at, -9) FROM event WHERE seq = $1"
}

# number_of KIND - of the first event of that kind
number_of() {
	iq-log --json --kind "$1" | head -n 1 | jq .seq
}

# tamper SQL - behind the triggers
tamper() {
	sqlite3 queue.db "DROP TRIGGER IF EXISTS event_keep_update;
		DROP TRIGGER IF EXISTS event_keep_delete;
		DROP TRIGGER IF EXISTS event_keep_insert; $1"
}

@test "an event has exactly these members" {
	some_events
	log 'map(keys_unsorted | join(" ")) | unique | .[]'
	assert_stdout '"seq logged_at kind actor moves detail hash"
"seq logged_at kind actor moves detail hash paths"'
	log '[.[].moves[] | keys_unsorted | join(" ")] | unique | .[]'
	assert_stdout '"id count type from to reason"
"id count type from to reason exit duration_seconds"'
	log '[.[].seq] == [range(1; length + 1)]'
	assert_stdout true
	log 'map(.logged_at | test("^[0-9]{4}-[0-9-]{5}T[0-9:.]{12}Z$")) | all'
	assert_stdout true
	log 'map(.hash | test("^[0-9a-f]{64}$")) | all'
	assert_stdout true
}

@test "events say what happened to which jobs" {
	some_events
	log '.[] | select(.kind == "enqueue") |
		[.moves[] | [.id, .count, .type, .from, .to]]'
	assert_stdout '[[1,3,"notes",null,"ready"]]
[[4,1,"mail",null,"delayed"]]'
	log '[.[] | select(.kind == "finish").moves[] |
		[.id, .from, .to, .reason, .exit]] | .[]'
	assert_stdout '[1,"running","succeeded","succeeded",0]
[2,"running","failed","parse_error",65]
[2,"failed","quarantined","parse_error",null]
[3,"running","failed","transient",75]
[3,"failed","delayed","transient",null]'
	log '[.[] | select(.kind == "finish").moves[].duration_seconds |
		select(. != null)] | map(. > 0 and . < 10)'
	assert_stdout '[true,true,true]'
}

@test "events say who did it" {
	some_events
	log 'first(.[] | select(.kind == "enqueue")).actor |
		[.user, .program, (.pid | type), (.host | length > 0)]'
	assert_stdout "[\"$(id -un)\",\"iq-enqueue\",\"number\",true]"
	log '[.[] | select(.kind == "claim").actor] | unique'
	assert_stdout '[{"worker":1}]'
}

@test "events say what an operator changed" {
	some_events
	log '.[] | select(.kind == "setting" or .kind == "pause").detail'
	assert_stdout '[{"type":"notes","key":"retry_base","from":null,"to":"5m"}]
[{"type":"mail","reason":"no net","until_at":null}]'
}

@test "text has a line for each move" {
	some_events
	run_split iq-log --text --job 2
	assert_status 0
	output=$(sed -E 's/^ +[0-9]+//; s/ [0-9-]{5} [0-9:]{8}Z / /; s/[0-9.]+ (us|ms|s)( |$)/SPAN\2/;
		s/ +/ /g' <<<"$output")
	assert_stdout " enqueue $(id -un) iq-enqueue 2 notes new -> ready b
 claim worker 1 2 notes ready -> running b
 finish worker 1 2 notes running -> failed (parse_error), exit 65, SPAN b
 finish worker 1 2 notes failed -> quarantined (parse_error) b"
	run_split iq-log --text --kind pause
	assert_stdout_like '* pause        *  type=mail reason="no net"'
}

@test "text on a terminal is not wider than that, and escaped" {
	iq-enqueue --raw a
	iq-ctl pause --reason $'\e[31mred\n'"$(printf 'x%.0s' {1..200})" >/dev/null
	COLUMNS=110 run_split iq-log --text --kind pause
	assert_status 0
	assert_equal "${#output}" 110
	assert_stdout_like '*reason="\\u001B\[*xx...'
	start work iq-work -- true
	wait_until '[[ $(iq-log --kind worker_join) ]]'
	stop work
	# what comes after the kind is in one column
	COLUMNS=110 run_split iq-log --text
	assert_equal "$(sed -E "s/(worker|$(id -un)) .*//" <<<"$output" |
		awk '{ print length }' | sort -u | wc -l)" 1
	assert_stdout_like '* worker_join  *worker=1 limit=* types=""*'
}

@test "text fits 80 columns: the day has its own line, the states say the kind" {
	iq-enqueue -t mail --raw a "$(printf 'x%.0s' {1..80})"
	iq-work -t mail -j1 --drain -- sh -c 'exit 65' 2>/dev/null || :
	iq-ctl retry 1 >/dev/null
	iq-ctl pause -t mail --reason 'no net' >/dev/null
	COLUMNS=80 run_split iq-log --text
	assert_status 0
	(($(wc -L <<<"$output") <= 80))
	local who
	who=$(id -un)
	output=$(sed -E 's/^[0-9]{4}-[0-9]{2}-[0-9]{2} /DAY /
		s/^ +[0-9]+ [0-9:]{8} //; s/[0-9.]+ (us|ms|s)( |$)/SPAN\2/' \
		<<<"$output")
	assert_equal "$(grep -c DAY <<<"$output")" 1
	assert_stdout_like "DAY UTC
*
$who iq-enqueue 1-2 mail new -> ready  a
*
worker 1  1 mail ready -> running  a
worker 1  1 mail running -> failed (parse_error), exit 65, SPAN*
worker 1  1 mail failed -> quarantined (parse_error)  a
*
$who iq-ctl retry 1 mail quarantined -> ready (operator)  a
$who iq-ctl pause type=mail reason=\"no net\""
	# a path gives way to what happened
	local line width
	line=$(COLUMNS=99 iq-log --text --job 2 | sed -n 's/  *xx.*//; /exit 65/p')
	for width in ${#line} $((${#line} + 1)) $((${#line} + 3)); do
		COLUMNS=$width run_split iq-log --text --job 2
		assert_stdout_like "*
$line*"
	done
}

@test "--job: that job alone, also out of a run" {
	some_events
	log '.[0].moves' --job 2
	assert_stdout '[{"id":2,"count":1,"type":"notes","from":null,"to":"ready",'\
'"reason":null}]'
	log '[.[].moves[].id] | unique' --job 3 --job 1
	assert_stdout '[1,3]'
	run_split iq-log --job 77
	assert_ran 0 "" "iq-log: no event is about what --job selects"
	local others
	for others in "--kind pause" "-t mail" "--until @0" "--since +1h"; do
		# shellcheck disable=SC2086
		run_split iq-log --job 1 $others
		assert_ran 0 "" "iq-log: no event matches"
	done
	run_split iq-log --since 1h
	assert_ran 64 "" "iq-log: --since: time '1h': say -1h for the past or +1h for the\
 future
try 'iq-log --help'"
}

@test "--job: orders to its worker, too" {
	make_holder hold
	iq-enqueue --raw a
	start work iq-work --grace 0 -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-ctl cancel --kill 1 >/dev/null
	log '.[] | select(.kind == "cancel" and .detail).detail' --job 1
	assert_stdout '[{"ordered":1}]'
	run_split iq-log --job 2
	assert_ran 0 "" "iq-log: no event is about what --job selects"
	release_holder hold
	stop work
}

@test "-t: that type and its children, and what concerns them" {
	iq-enqueue -t a/b --raw 1
	iq-enqueue -t ab --raw 2
	iq-tune set -t a timeout=2m
	iq-tune set -t ab timeout=2m
	iq-ctl pause >/dev/null
	log '[.[] | .moves[0].type // .detail[0].type]' -t a
	assert_stdout '["a/b","a",null]'
	iq-ctl resume >/dev/null
	run_split iq-log -t nothing --kind enqueue
	assert_ran 0 "" "iq-log: --type: no type 'nothing' yet"
}

@test "--kind and --actor" {
	some_events
	log '[.[].kind] | unique' --kind enqueue --kind cancel
	assert_stdout '["cancel","enqueue"]'
	log '[.[].kind]' --actor '*iq-ctl'
	assert_stdout '["pause","cancel"]'
	log '[.[].kind] | unique' --actor 'worker 1'
	assert_stdout '["claim","finish","worker_leave"]'
	run_split iq-log --kind nonsense
	assert_status 64
	assert_stderr_like "*--kind: no kind 'nonsense'; there are init *"
}

@test "--since and --until cut where they say" {
	local at
	iq-enqueue --raw {1..5}
	iq-enqueue --raw 6
	at=$(time_of 4)
	log '[.[].seq]' --since "$at"
	assert_stdout '[4]'
	log '[.[].seq]' --until "$at"
	assert_stdout '[1,2,3]'
	log length --since +1h
	assert_stdout 0
	log length --until -1h
	assert_stdout 0
	# a bound like any other
	log length --until @0
	assert_stdout 0
	log length --until 1970-01-01T00:00:00Z --export
	assert_stdout 0
	log length --since @0
	assert_stdout 4
	log length --since -1h
	assert_stdout 4
}

@test "--verify: a log as it was written" {
	some_events
	run_split iq-log --verify
	assert_status 0
	assert_stderr ""
	assert_json '.ok and .findings == [] and .events == .seq'
	assert_json '.seq' "$(iq-log | tail -n 1 | jq .seq)"
	assert_json '.hash' "$(iq-log | tail -n 1 | jq -r .hash)"
	run_split iq-log --verify --text
	assert_ran 0 "$IQ_TEST/queue.db: ok, $(iq-log | wc -l) events" ""
}

# finds PATTERN SQL - alone is found when a copy is so tampered with
finds() {
	cp --reflink=auto queue.db copy.db
	cp queue.db-wal copy.db-wal 2>/dev/null || :
	sqlite3 copy.db "DROP TRIGGER IF EXISTS event_keep_update;
		DROP TRIGGER IF EXISTS event_keep_delete;
		DROP TRIGGER IF EXISTS event_keep_insert; $2"
	run_split iq-log --verify -q copy.db
	assert_status 1
	assert_json '.ok' false
	assert_json '.findings | join("; ") | test("'"$1"'")'
	rm copy.db*
}

@test "--verify finds each thing that was changed" {
	some_events
	finds '^event 3 is not what was written: the chain of hashes breaks there$' \
		"UPDATE event SET at = at + 1 WHERE seq = 3"
	finds '^event 5 is not' "UPDATE event SET actor = 'x' WHERE seq = 5"
	finds '^event 8 is not' \
		"UPDATE event SET moves = CAST(moves || 'x' AS BLOB) WHERE seq = 8"
	finds '^event 4 is not' \
		"UPDATE event SET kind = kind + (1 << 32) WHERE seq = 4"
	finds "^event $(number_of setting) is not" \
		"UPDATE event SET detail = replace(detail, '5m', '6m')
		WHERE detail LIKE '%5m%'"
	# what follows hangs on it
	finds '^event 7 is not what was written: the chain of hashes breaks there$' \
		"UPDATE event SET hash = randomblob(32) WHERE seq = 7"
}

@test "--verify finds what was taken out, put in or moved" {
	local last
	some_events
	last=$(iq-log | wc -l)
	finds '^events 4 to 5 are missing$' "DELETE FROM event WHERE seq IN (4, 5)"
	finds '^events 1 to 3 are missing$' "DELETE FROM event WHERE seq < 4"
	finds '^event 4 is not' "DELETE FROM event WHERE seq = 4;
		UPDATE event SET seq = -seq WHERE seq > 4;
		UPDATE event SET seq = -seq - 1 WHERE seq < 0"
	finds '^event 4 is not' "UPDATE event SET seq = 100 WHERE seq = 4;
		UPDATE event SET seq = 4 WHERE seq = 5;
		UPDATE event SET seq = 5 WHERE seq = 100"
	finds "^event $((last + 1)) is not" \
		"INSERT INTO event SELECT $last + 1, at, kind, actor, moves, detail,
		hash FROM event WHERE seq = $last"
	finds 'the audit log is empty' "DELETE FROM event"
}

@test "--verify finds moves that cannot be read, though they were signed" {
	some_events
	finds 'event 3: its moves cannot be read' \
		"UPDATE event SET moves = x'ff' WHERE seq = 3"
	cp queue.db copy.db
	tamper "UPDATE event SET moves = x'ff' WHERE seq = 3"
	run_split iq-log --replay
	assert_ran 74 "" "iq-log: replay event 3: its moves cannot be read; see\
 iq-log --verify"
	log '[.[].moves | length]' --kind enqueue
	assert_stdout '[0,1]'
}

@test "SQL cannot change the log" {
	local sql
	iq-enqueue --raw a b
	for sql in "UPDATE event SET actor = 'x'" \
		"UPDATE event SET seq = 9 WHERE seq = 2" \
		"DELETE FROM event WHERE seq = 2" "DELETE FROM event"; do
		run sqlite3 queue.db "$sql"
		assert_failure
		assert_output --partial 'the audit log is append-only'
	done
	run_split iq-log --verify
	assert_status 0
}

# states SELECTION - "ID STATE" of iq-list
states() {
	iq-list --json "$@" | jq -c '{id, type, state}'
}

@test "--replay gives each job the state that it has" {
	local all=(-s pending -s running -s quarantined -s succeeded -s cancelled)
	make_holder hold
	some_events
	iq-enqueue -t notes --raw d e f g
	iq-enqueue -t notes --raw --after 6 h
	iq-ctl quarantine 7 >/dev/null
	iq-ctl discard 7 >/dev/null
	iq-ctl retry 4 2 >/dev/null
	iq-ctl quarantine 8 >/dev/null
	start work iq-work -t notes -j 1 -n 1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	run_split iq-log --replay
	assert_status 0
	assert_stdout "$(states "${all[@]}")"
	release_holder hold
	wait "$work_pid" || :
	run_split iq-log --replay
	assert_stdout "$(states "${all[@]}")"
	run_split iq-log --replay -t mail
	assert_stdout "$(states "${all[@]}" -t mail)"
	run_split iq-log --replay --job 7 --job 1 --text
	assert_ran 0 $'1  succeeded  notes\n7  cancelled  notes' ""
}

@test "--replay --until: as it was then" {
	local at
	iq-enqueue --raw a
	iq-ctl cancel 1 >/dev/null
	at=$(time_of 4)
	run_split iq-log --replay --until "$at"
	assert_ran 0 '{"id":1,"type":"default","state":"pending"}' ""
}

@test "options that do not go together" {
	iq-enqueue --raw a
	run_split iq-log --verify --replay
	assert_status 64
	run_split iq-log --verify --job 1
	assert_status 64
	run_split iq-log --replay --since -1h
	assert_status 64
	run_split iq-log -f --until now
	assert_status 64
	run_split iq-log x
	assert_status 64
	run_split iq-log --export -t default
	assert_status 64
	run_split iq-log --export --text
	assert_status 64
	run_split iq-log --anchor --since -1h
	assert_status 64
	run_split iq-log --offline
	assert_status 64
	run_split iq-log --verify --offline
	assert_status 64
	run_split iq-log --redact some
	assert_status 64
	assert_stderr_like "iq-log: --redact: none, hash or full, not 'some'*"
}

@test "no queue, and a queue that may only be read" {
	run_split iq-log
	assert_status 66
	assert_stdout ""
	some_events
	chmod 400 queue.db
	run_split iq-log --verify
	assert_json '.ok' true
	chmod 600 queue.db
}

@test "the paths of jobs that moved" {
	iq-enqueue --raw $'a\xff' b
	iq-enqueue -J <<<'{"payload":1}'
	iq-work --drain -- true
	log '.[] | select(.kind == "enqueue").paths | map(del(.path))'
	assert_stdout '[{"id":1,"path_base64":"Yf8="},{"id":2}]
[]'
	log 'first(.[] | select(.kind == "enqueue")).paths | map(.path)'
	assert_stdout $'["a\xef\xbf\xbd","b"]'
	log '[.[] | select(.kind == "finish").paths[]] | unique | length'
	assert_stdout 2
	log '[.[].paths // empty] | length' --redact full
	assert_stdout 0
}

@test "redacted: equal paths have equal hashes, and none is said" {
	iq-enqueue -t a --raw /secret/1 /secret/2
	iq-enqueue -t b --raw /secret/1
	iq-enqueue --raw $'/secret\xff'
	iq-tune set -t a 'handler=["/secret/command"]' path=/secret/place
	iq-tune set include='secret*' exclude='["*.secret","x"]'
	iq-tune unset -t a path
	mkdir secrets && iq-db backup secrets/copy.db >/dev/null
	iq-db restore secrets/copy.db >/dev/null
	iq-tune set redact=hash
	iq-work --drain -- true
	log '[.[] | select(.kind == "enqueue").paths[].path_hmac] |
		[length, (unique | length), .[0] == .[2],
		(map(test("^[0-9a-f]{32}$")) | all)]'
	assert_stdout '[4,3,true,true]'
	for what in hash full; do
		iq-log --text --redact $what >text
		iq-log --json --redact $what >json
		iq-log --export --redact $what >export
		run grep -a secret text json export
		assert_failure
		jq -r '.canonical_base64 // empty' export | base64 -d >bytes
		run grep -a secret bytes
		assert_failure
		run_split iq-log --verify --offline export
		assert_status 0
		assert_json '[.ok, .withheld] == [true, 4]'
	done
	iq-log --text --redact hash | grep -q ' [0-9a-f]\{32\}$'
	assert_equal "$(stat -c '%a %s' queue.db-key)" '600 32'
}

@test "another key, other hashes; a key that others can read is refused" {
	local before
	iq-enqueue --raw a
	before=$(iq-log --redact hash | jq -c '.paths // empty')
	assert_equal "$(iq-log --redact hash | jq -c '.paths // empty')" "$before"
	rm queue.db-key
	[[ $(iq-log --redact hash | jq -c '.paths // empty') != "$before" ]]
	chmod 644 queue.db-key
	run_split iq-log --redact hash
	assert_status 77
	assert_stderr_like "iq-log: use $PWD/queue.db-key: not a file that only *"
	chmod 600 queue.db-key
	: >queue.db-key
	run_split iq-log --redact hash
	assert_status 74
	run find . -name 'queue.db-key.*'
	assert_output ""	# nothing is left of making one
}

@test "an export can be verified where there is no queue" {
	some_events
	iq-log --export >export
	output=$(head -n 1 export)
	assert_json 'keys_unsorted | join(" ")' \
		'seq logged_at kind actor moves detail hash previous canonical_base64'
	mv queue.db elsewhere
	run_split iq-log --verify --offline - <export
	assert_status 0
	assert_json '[.ok, .first, .events, .seq, .withheld]' \
		"$(jq -c . <<<"[true,1,$(wc -l <export),$(wc -l <export),0]" |
			jq .)"
	run_split iq-log --verify --offline --text export
	assert_ran 0 "export: ok, events 1 to $(wc -l <export)" ""
}

@test "hashes are what the manual says, as sha256sum has it" {
	iq-enqueue --raw a
	output=$(iq-log --export | sed -n 3p)
	printf %b "$(jq -r .previous <<<"$output" | sed 's/../\\x&/g')" >bytes
	jq -r .canonical_base64 <<<"$output" | base64 -d >>bytes
	assert_json .hash "$(sha256sum <bytes | cut -d' ' -f1)"
}

@test "--export --since, --until: a part without gaps" {
	some_events
	iq-log --export --since "$(time_of 4)" --until "$(time_of 8)" >part
	assert_equal "$(jq -s -c 'map(.seq)' part)" '[4,5,6,7]'
	run_split iq-log --verify --offline --text part
	assert_ran 0 "export: ok, events 4 to 7" ""
}

# finds_offline SENTENCE SED - of an export that was edited so
finds_offline() {
	sed -E "$2" export >edited
	run cmp -s export edited
	assert_failure
	run_split iq-log --verify --offline edited
	assert_status 1
	assert_json '.findings[0]' "$1"
}

@test "an export that was edited does not pass" {
	some_events
	iq-log --export >export
	finds_offline 'event 3: its line does not say what was written' \
		'3s/"count":3/"count":2/'
	finds_offline 'event 3: its line does not say what was written' \
		'3s/notes/other/'
	finds_offline 'event 2: its line does not say what was written' \
		's/"notes"/"other"/g'
	finds_offline 'event 3: its line does not say what was written' \
		'3s/Z/X/'
	finds_offline 'event 3 is not what was written' \
		'3s/(canonical_base64":"aXEtZXZlbnQtMQ)./\1A/'
	finds_offline 'event 3 is not what was written' \
		'3s/("hash":")([0-9a-f])([0-9a-f]+)/\1\3\2/'
	finds_offline 'events 3 to 4 are missing' '3,4d'
	finds_offline 'events 2 to 2 are missing' '2{h;d};3{G}'
	assert_json '.findings[1]' 'event 2 stands behind a later one'
	run_split iq-log --verify --offline /dev/null
	assert_status 1
	echo '{"a":1}' >edited
	run_split iq-log --verify --offline edited
	assert_ran 65 "" "iq-log: edited: line 1: no event and no anchor: it has\
 no seq and hash"
	run_split iq-log --verify --offline absent
	assert_status 66
}

@test "anchors hold, and show what the chain does not" {
	local last
	some_events
	run_split iq-log --anchor
	assert_status 0
	assert_json 'keys_unsorted | join(" ")' "seq hash queue uuid anchored_at"
	assert_json .hash "$(iq-log | tail -n 1 | jq -r .hash)"
	last=$(jq .seq <<<"$output")
	echo "$output" >anchors
	iq-enqueue --raw more
	iq-log --anchor >>anchors
	run_split iq-log --verify anchors
	assert_status 0
	assert_json '[.ok, .anchors] == [true, 2]'
	# cut off: all that is left fits
	tamper "DELETE FROM event WHERE seq > $last - 1"
	run_split iq-log --verify
	assert_status 0
	run_split iq-log --verify anchors
	assert_status 1
	assert_json '.findings[0]' "event $last, which an anchor names, is\
 missing: the log was cut off"
	# and written anew from there
	iq-ctl pause >/dev/null
	iq-ctl resume >/dev/null
	run_split iq-log --verify
	assert_status 0
	run_split iq-log --verify anchors
	assert_status 1
	assert_json '.findings[0]' "event $last is not the one that an anchor\
 names: the log was written anew from there or before"
}

@test "an export is as good as an anchor for each of its lines" {
	some_events
	iq-log --export --redact full >export
	run_split iq-log --verify - <export
	assert_json '[.ok, .anchors]' "$(jq . <<<"[true,$(wc -l <export)]")"
	iq-log >plain
	run_split iq-log --verify plain
	assert_json .anchors "$(wc -l <plain)"
}

@test "an anchor of another queue" {
	iq-enqueue --raw a
	iq-log --anchor >anchor
	iq-enqueue -q other.db --raw a
	run_split iq-log -q other.db --verify anchor
	assert_status 1
	assert_json '.findings[0]' 'an anchor is of another queue'
}

@test "what is anchored or exported is on disk" {
	iq-enqueue --raw a
	for what in --anchor --export; do
		strace -y -e trace=fdatasync,write -o trace iq-log $what >out
		grep -nE 'fdatasync\(.*queue.db-wal|write\(1<' trace |
			head -n 1 | grep -q fdatasync
	done
}
