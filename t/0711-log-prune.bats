#!/usr/bin/env bats
# iq-log: taking the beginning of the audit log away, and seals.

load lib

setup() {
	iq_setup
	PATH=$IQ_BUILD/chaos:$PATH
}

# An old queue: 60 jobs of two days ago, half of them cancelled, and some of
# today
old_log() {
	past queue.db 2d old 60
	iq-enqueue -t new --raw a b
	iq-work -t new --drain -- true
}

# behind SQL - behind the triggers
behind() {
	sqlite3 queue.db "DROP TRIGGER IF EXISTS event_keep_update;
		DROP TRIGGER IF EXISTS event_keep_delete;
		DROP TRIGGER IF EXISTS event_keep_insert;
		DROP TRIGGER IF EXISTS anchor_keep_update;
		DROP TRIGGER IF EXISTS anchor_keep_delete; $1"
}

sound() {
	run_split iq-log --verify
	assert_status 0
	assert_json .ok
	run_split iq-db check
	assert_status 0
	assert_json .ok
}

# finds SENTENCE [ARGUMENT ...] - --verify does
finds() {
	local sentence=$1
	shift
	run_split iq-log --verify "$@"
	assert_status 1
	jq -e --arg s "$sentence" '.findings | index($s)' <<<"$output" \
		>/dev/null || iq_differs "no such finding" "$sentence"
}

@test "--prune takes what is before, and what is left proves itself" {
	local last
	old_log
	last=$(sqlite3 queue.db "SELECT max(seq) FROM event
		WHERE at < (SELECT max(at) FROM event) - 86400000000000")
	run_split iq-log --prune --until -1d
	assert_ran 0 "{\"queue\":\"$PWD/queue.db\",\"pruned_events\":$last}" ""
	sound
	run_split iq-log --verify --text
	assert_stdout_like "$PWD/queue.db: ok, * events behind event $last"
	run_split bash -c 'iq-log | head -n 1 | jq .seq'
	assert_stdout $((last + 1))
	run_split iq-log --prune --until -1d --text
	assert_ran 0 '0 events pruned' ""
	# and everything goes on
	iq-ctl retry 2 4 >/dev/null
	iq-work --drain -- true
	sound
}

@test "what is left proves itself after each of several times" {
	local age
	past queue.db 9d old 10
	past queue.db 6d old 10
	past queue.db 3d other 10
	iq-enqueue --raw a
	for age in 7d 4d 2d; do
		run_split iq-log --prune --until -$age
		assert_json '.pruned_events >= 10'
		sound
	done
	assert_equal "$(sqlite3 queue.db 'SELECT count(*) FROM anchor')" 3
}

@test "iq-db check still knows how many jobs there have to be" {
	old_log
	iq-log --prune --until -1d >/dev/null
	behind "DELETE FROM job WHERE id = 1;
		UPDATE lane SET ready = ready - 1 WHERE id = 1"
	run_split iq-db check
	assert_status 1
	assert_json '.findings | join("") |
		test("type old: the audit log accounts for 30 pending jobs, the queue has 29")'
}

@test "many events go in several transactions" {
	past queue.db 2d old 900
	iq-enqueue --raw a
	run_split iq-log --prune --until -1d
	assert_json '.pruned_events > 1300'
	(($(sqlite3 queue.db "SELECT count(*) FROM anchor") == 3))
	sound
}

@test "events of the last hour stay, and those of a running job" {
	past queue.db 90m old 2
	iq-enqueue --raw a
	run_split iq-log --prune --until now
	assert_json '.pruned_events' 5
	assert_stderr "iq-log: --until: events of the last hour stay"
	sound
	rm queue.db*
	make_holder hold
	past queue.db 3h old 2
	start work iq-work -n1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	run_split iq-log --prune --until now
	assert_json '.pruned_events' 5
	release_holder hold
	wait "$work_pid"
	sound
}

@test "an anchor of what was pruned: held by its row, or nothing is known" {
	past queue.db 9d old 3
	iq-log --anchor >anchors
	past queue.db 3d old 3
	iq-log --anchor >>anchors
	iq-enqueue --raw a
	iq-log --anchor >>anchors
	iq-log --prune --until -2d >/dev/null
	run_split iq-log --verify anchors
	assert_status 0
	assert_json '[.ok, .anchors, .anchors_unknown] == [true, 2, 1]'
	run_split iq-log --verify --text anchors
	assert_stdout_like '*, 2 anchors hold, 1 of pruned events cannot be told'
	sed -i '2s/"hash":"......../"hash":"00000000/' anchors
	finds "event $(sed -n 2p anchors | jq .seq) is not the one that an anchor\
 names: the log was written anew from there or before" anchors
}

@test "SQL cannot take the beginning away, nor change anchors" {
	local sql
	old_log
	iq-log --prune --until -1d >/dev/null
	for sql in "DELETE FROM event WHERE seq = (SELECT min(seq) FROM event)" \
		"DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)" \
		"INSERT INTO event SELECT 1, at, kind, actor, moves, detail, hash
			FROM event LIMIT 1" \
		"INSERT OR REPLACE INTO event SELECT seq, at, kind, 'x', moves,
			detail, hash FROM event ORDER BY seq DESC LIMIT 1" \
		"UPDATE anchor SET seq = seq + 1" "DELETE FROM anchor"; do
		run sqlite3 queue.db "$sql"
		assert_failure
		assert_output --partial 'the audit log is append-only'
	done
	sound
}

@test "who takes the beginning away with a row of his own is found" {
	old_log
	sqlite3 queue.db "INSERT INTO anchor SELECT 1, 20, at, 20, hash, 1, NULL,
		NULL FROM event WHERE seq = 20; DELETE FROM event WHERE seq <= 20"
	finds "the log begins behind event 20, and no event tells that what was\
 before was pruned"
	run_split iq-db check
	assert_status 1
	run_split iq-log --prune --until -1d
	assert_status 74
	assert_stderr "iq-log: prune the audit log: its beginning is not what was\
 signed off; see iq-log --verify"
}

@test "rows of anchors and the events that tell of them belong together" {
	old_log
	iq-log --prune --until -1d >/dev/null
	iq-log --new-seal-key >key
	iq-log --seal >/dev/null
	behind "UPDATE anchor SET seq = seq - 1 WHERE id = 2"
	finds "the anchor at event $(sqlite3 queue.db 'SELECT seq FROM anchor
		WHERE id = 2') is not the one that event $(sqlite3 queue.db \
		'SELECT event FROM anchor WHERE id = 2') tells of"
	behind "UPDATE anchor SET seq = seq + 1 WHERE id = 2;
		UPDATE anchor SET hash = randomblob(32) WHERE id = 2"
	finds "event $(sqlite3 queue.db 'SELECT seq FROM anchor WHERE id = 2') is\
 not the one that its anchor names"
	behind "DELETE FROM anchor WHERE id = 2"
	finds "event $(iq-log --kind anchor | jq .seq) tells of an anchor that is\
 gone"
}

@test "nothing is pruned from a log that was tampered with" {
	old_log
	behind "UPDATE event SET actor = 'x' WHERE seq = 10"
	run_split iq-log --prune --until -1d
	assert_ran 74 "" "iq-log: prune the audit log: event 10 is not what was\
 written; see iq-log --verify"
	assert_equal "$(sqlite3 queue.db 'SELECT min(seq) FROM event')" 1
}

@test "400 random things that are done to a log are found" {
	old_log
	iq-log --prune --until -1d >/dev/null
	sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	run_split tamper queue.db 400 7
	assert_status 0
	assert_stdout "80 flipped bits: 0 missed
80 deletions: 0 missed
80 insertions: 0 missed
80 reorderings: 0 missed
80 truncations below an anchor: 0 missed"
}

@test "an export and a replay of what is left" {
	old_log
	iq-log --prune --until -1d >/dev/null
	iq-log --export >export
	run_split iq-log --verify --offline --text export
	assert_stdout_like 'export: ok, events * to *'
	run_split bash -c 'iq-log --replay -t new | jq -r .state'
	assert_stdout $'succeeded\nsucceeded'
	run_split iq-log --replay -t old
	assert_ran 0 "" ""
}

# ---- seals ----

# sealed TIMES - a log with seals, whose first key is in the file key
sealed() {
	local i
	iq-enqueue --raw a
	iq-log --new-seal-key >key
	for ((i = 0; i < $1; i++)); do
		iq-enqueue --raw "$i"
		iq-log --seal
	done >seals
}

@test "seals are genuine, in their order, and anchors as well" {
	sealed 3
	run_split bash -c 'jq -c .epoch seals'
	assert_stdout $'0\n1\n2'
	run_split iq-log --verify --seal-key key seals
	assert_status 0
	assert_json '[.ok, .seals, .anchors] == [true, 3, 3]'
	run_split iq-log --verify --text --seal-key key
	assert_stdout_like '*events, 3 seals are genuine'
	assert_equal "$(stat -c %a queue.db-seal)" 600
	# the key that is left cannot make them again
	run_split iq-log --verify --seal-key queue.db-seal
	assert_json '[.ok, .seals] == [true, 0]'
	! grep -q "$(cut -d' ' -f2 key)" queue.db*
}

@test "no key outlives a seal that was killed and the one after it" {
	sealed 1
	run_split strace -f -qq -o /dev/null -e trace=rename \
		-e inject=rename:signal=KILL iq-log --seal
	assert_status 137
	iq-log --seal
	iq-log --seal
	assert_equal "$(ls -d queue.db-seal*)" queue.db-seal
	run_split iq-log --verify --seal-key key
	assert_json '[.ok, .seals] == [true, 4]'
}

@test "a log that was written anew does not have its seals" {
	local seq
	sealed 2
	cp queue.db-seal keep
	seq=$(sed -n 1p seals | jq .seq)
	# all of it as it should be, but for the one thing that cannot be made
	behind "DELETE FROM event WHERE seq > $seq - 1; DELETE FROM anchor"
	iq-enqueue --raw forged
	rm queue.db-seal
	iq-log --new-seal-key >forged
	iq-log --seal >/dev/null
	run_split iq-log --verify
	assert_json .ok
	finds "seal 0, at event $seq, is not genuine" --seal-key key
}

@test "seals of one key after another are verified with all of them" {
	sealed 2
	iq-log --seal >/dev/null
	mv queue.db-seal aside
	cp key first
	# the one of which there is no seal yet
	iq-log --new-seal-key >>key
	rm queue.db-seal
	iq-log --new-seal-key >>key
	iq-log --seal >/dev/null
	iq-enqueue --raw b
	iq-log --seal | jq -e '.epoch == 4'
	run_split iq-log --verify --seal-key key
	assert_status 0
	assert_json '[.ok, .seals] == [true, 5]'
	run_split iq-log --verify --seal-key first
	assert_status 1
	assert_json '.findings[0] |
		test("^seal 3, at event [0-9]+, is not genuine$")'
	tail -n 1 key >last
	run_split iq-log --verify --seal-key last
	assert_json '[.ok, .seals, .seals_unchecked] == [true, 2, 3]'
	run_split iq-log --verify --text --seal-key last
	assert_stdout_like '*, 2 seals are genuine, 3 before the first key not looked at'
	cat last first >turned
	run_split iq-log --verify --seal-key turned
	assert_status 65
	assert_stderr_like \
		'iq-log: turned: the key of seal 0 comes after a later one*'
	{ cat first; echo what; } >wrong
	run_split iq-log --verify --seal-key wrong
	assert_status 65
	: >empty
	run_split iq-log --verify --seal-key empty
	assert_status 65
	assert_stderr_like 'iq-log: empty: no key for seals*'
}

@test "a seal that was taken away" {
	sealed 3
	behind "DELETE FROM anchor WHERE id = 2;
		UPDATE anchor SET id = 2 WHERE id = 3"
	run_split iq-log --verify --seal-key key
	assert_json '.findings[1]' "seal 1 is missing"
	# and the last ones: the key is further than they are
	behind "DELETE FROM anchor"
	run_split iq-log --seal
	assert_status 74
	assert_stderr_like "iq-log: seal $PWD/queue.db: the key is that of seal 3,\
 and seal 0 is not there*"
}

@test "killed between a seal and the forgetting of its key" {
	sealed 1
	cp queue.db-seal before
	iq-log --seal >/dev/null
	cp before queue.db-seal
	iq-log --seal >/dev/null
	run_split iq-log --verify --seal-key key
	assert_json '[.ok, .seals] == [true, 3]'
}

@test "seals at once, from several processes" {
	local i pids=()
	sealed 0
	for i in {1..6}; do
		iq-log --seal >/dev/null 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	run_split iq-log --verify --seal-key key
	assert_json '[.ok, .seals] == [true, 6]'
	assert_equal "$(cut -d' ' -f1 queue.db-seal)" 6
}

@test "without a key, with one already, and with a wrong file" {
	iq-enqueue --raw a
	run_split iq-log --seal
	assert_ran 66 "" "iq-log: open $PWD/queue.db-seal: there is no key for\
 seals; make one with: iq-log --new-seal-key"
	iq-log --new-seal-key >key
	run_split iq-log --new-seal-key
	assert_ran 73 "" "iq-log: make $PWD/queue.db-seal: there is a key for\
 seals already; for another one, or if what was printed then was not kept, move\
 it aside first"
	run_split iq-log --verify --seal-key absent
	assert_status 66
	echo nonsense >key
	run_split iq-log --verify --seal-key key
	assert_ran 65 "" "iq-log: key: no key for seals"
	run_split iq-log --seal-key key
	assert_status 64
	run_split iq-log --prune
	assert_status 64
	run_split iq-log --prune --seal
	assert_status 64
	assert_stderr_like 'iq-log: --seal: not with --prune*'
}
