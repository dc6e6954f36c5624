#!/usr/bin/env bats
# iq-db check --repair: mends what can be mended without guessing, and says so.

load lib
load db

tamper() {
	sqlite3 queue.db "PRAGMA foreign_keys=0; $1"
}

# mends SENTENCE ... - each of these is said to be mended, nothing else is, and
# then the queue is sound
mends() {
	run_split iq-db check
	assert_status 1
	run_split iq-db check --repair
	assert_status 0
	assert_stderr ""
	assert_equal "$(jq -r '.mended[]' <<<"$output")" \
		"$(printf '%s\n' "$@")"
	assert_json '[.ok, .findings] | tojson' '[true,[]]'
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
	run_split sqlite3 -readonly queue.db "SELECT detail FROM event
		WHERE kind = 19 ORDER BY seq DESC LIMIT 1"
	assert_equal "$(jq -r '.[]' <<<"$output")" "$(printf '%s\n' "$@")"
}

@test "of a sound queue nothing is mended, and nothing is logged" {
	a_bit_of_everything
	run_split iq-db check --repair
	assert_ran 0 "{\"queue\":\"$IQ_TEST/queue.db\",\"ok\":true,\
\"findings\":[],\"mended\":[]}" ""
	run_split iq-db check --repair --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
	assert_equal "$(iq-log --json --kind repair)" ""
}

@test "counts become those of a recount" {
	a_bit_of_everything
	tamper "UPDATE lane SET ready = ready + 1, running = 7 WHERE id = 1;
		UPDATE lane SET succeeded = 0, cancelled = 5, quarantined = 9
		WHERE id = 2;"
	mends "lane 1 counts ready 3, delayed 1, waiting 1, running 7,\
 quarantined 0; a recount says 2, 1, 1, 0, 0" \
		"lane 2 counts ready 0, delayed 0, waiting 0, running 0,\
 quarantined 9; a recount says 0, 0, 0, 0, 1" \
		"lane 2 counts succeeded 0, cancelled 5; a recount says 1, 1"
	assert_equal "$(iq-stats | jq -c '.depth | [.ready, .delayed,
		.waiting, .running, .quarantined, .succeeded, .cancelled]')" \
		"[2,1,1,0,1,1,1]"
}

@test "for people it says so in lines" {
	a_bit_of_everything
	tamper "UPDATE lane SET ready = 3 WHERE id = 1"
	run_split iq-db check --repair --text
	assert_status 0
	assert_stdout "mended: lane 1 counts ready 3, delayed 1, waiting 1,\
 running 0, quarantined 0; a recount says 2, 1, 1, 0, 0
$IQ_TEST/queue.db: ok"
}

@test "a virtual time that is none" {
	a_bit_of_everything
	tamper "UPDATE lane SET vtime = 9e999 WHERE id = 2"
	mends "lane 2 has a virtual time of Inf, to which no service leads:\
 whose turn it is cannot be told"
}

@test "ids that would be used twice" {
	a_bit_of_everything
	tamper "UPDATE queue SET next_job = 3"
	mends "the next job would be 3, but there is one"
	run_split iq-enqueue -I /new
	assert_ran 0 8 ""
}

@test "states that make no sense" {
	a_bit_of_everything
	tamper "UPDATE job SET run_at = NULL WHERE id = 3;
		UPDATE job SET claim = 5, slot = 0 WHERE id = 1"
	mends "job 1 does not run and has a claim" \
		"job 3 is delayed and has no time to start"
	iq-work -t a -j1 --drain -- true
	assert_equal "$(iq-list -t a)" ""
}

@test "a running job without a lease goes back, unless a worker lives" {
	make_holder hold
	iq-enqueue /a /b
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	tamper "DELETE FROM lease"
	run_split iq-db check --repair
	assert_status 1
	assert_json '[.findings, .mended] | tojson' \
		'[["job 1 runs without a lease"],[]]'
	kill -KILL "$work_pid" "$(pgrep -P "$work_pid")"
	wait "$work_pid" || :
	run_split iq-db check --repair
	assert_json '.mended | tojson' '[]'
	release_holder hold
	# shellcheck disable=SC2016 # wait_until expands it
	wait_until 'iq-db check --repair >mended'
	assert_equal "$(jq -r '.mended[]' mended)" "job 1 runs without a lease"
	assert_equal "$(iq-list | jq -r .state | paste -sd' ')" \
		"pending pending"
}

# lose_lease - of job 1, which runs; its worker is killed
lose_lease() {
	make_holder hold
	iq-enqueue /a
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-enqueue /a
	tamper "DELETE FROM lease"
	kill -KILL "$work_pid" "$(pgrep -P "$work_pid")"
	wait "$work_pid" || :
	release_holder hold
}

@test "a running job without a lease gives way to a newer one of its key" {
	lose_lease
	wait_until 'iq-db check --repair --text >mended'
	assert_equal "$(<mended)" "mended: job 1 runs without a lease
$IQ_TEST/queue.db: ok"
	assert_equal "$(iq-list --json 1 | jq -r '.state, .reason')" "cancelled
superseded"
	assert_equal "$(iq-list | jq -c '[.id, .state]')" '[2,"pending"]'
}

@test "or has its place again, if that is in quarantine" {
	lose_lease
	iq-ctl quarantine 2
	wait_until 'iq-db check --repair --text >mended'
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
	# what it was to do again, the next one does
	iq-enqueue /a
	assert_equal "$(iq-list | jq -c '[.id, .state]' | paste -sd' ')" \
		'[2,"quarantined"] [3,"pending"]'
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

@test "what dead workers left is taken back" {
	make_holder hold
	iq-enqueue /a
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	local keeper=$work_pid worker
	worker=$(pgrep -P "$keeper")
	kill -KILL "$keeper" "$worker"
	wait "$keeper" || :
	run_split iq-db check --repair
	assert_json '.mended | tojson' '[]'
	release_holder hold
	# shellcheck disable=SC2016 # wait_until expands it
	wait_until '[[ $(iq-db check --repair | jq -c .mended) = \
		"[\"1 job of dead workers\"]" ]]'
	assert_equal "$(iq-list | jq -r .state)" pending
	assert_equal "$(iq-stats | jq '.workers.processes | length')" 0
}

@test "leases of nothing, for too many, and of nobody" {
	a_bit_of_everything
	tamper "INSERT INTO lease(claim, slot, worker, type, jobs, ahead)
		VALUES(2, 0, 12, 1, 1, 0);"
	run_split iq-db check --repair
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

@test "output of nobody, and waiting of nobody" {
	a_bit_of_everything
	tamper "INSERT INTO output VALUES(5, x'', x'');
		INSERT INTO dependency VALUES(77, 1)"
	mends "output of job 5, which does not live" \
		"job 77 does not live and waits for job 1"
}

@test "waiting for nothing, and not waiting for what it should" {
	a_bit_of_everything
	tamper "DELETE FROM dependency;
		INSERT INTO dependency VALUES(2, 1), (3, 5)"
	run_split iq-db check --repair
	assert_status 0
	assert_equal "$(jq -r '.mended[]' <<<"$output")" "job 3 waits for job\
 5, which has succeeded
job 2 may run and has not seen the end of job 1
job 4 waits for nothing"
	run_split iq-work -t a -j1 --drain -- echo
	assert_equal "$output" "/ready
/more
/waiting"
}

@test "who has yet to hear of an end is not in need of mending" {
	a_bit_of_everything
	tamper "UPDATE dependency SET parent = 5 WHERE job = 4;
		INSERT INTO dependency VALUES(3, 5);
		INSERT INTO unheard VALUES(5, 6, 3)"
	mends "job 3 waits for job 5, which has succeeded"
	assert_equal "$(iq-list --json -s waiting)" ""
}

@test "more than it lists" {
	seq 1 350 | iq-enqueue --raw
	tamper "INSERT INTO output SELECT id + 1000, x'', x'' FROM job"
	run_split iq-db check --repair
	assert_status 0
	assert_equal "$(jq '.mended | length' <<<"$output")" 101
	assert_json '.mended[100]' "and perhaps more of this kind"
}

@test "what would have to be guessed stays, and is said" {
	a_bit_of_everything
	sqlite3 queue.db "DROP INDEX job_key;
		DROP TRIGGER event_keep_update;
		UPDATE event SET actor = 'nobody' WHERE seq = 3;
		UPDATE job SET key = (SELECT key FROM job WHERE id = 1)
			WHERE id = 2;
		INSERT INTO setting VALUES(0, 'grace', 'soon');
		UPDATE lane SET ready = 9 WHERE id = 1"
	local before
	before=$(sqlite3 queue.db 'SELECT * FROM job; SELECT * FROM setting')
	run_split iq-db check --repair
	assert_status 1
	assert_json '.mended | length' 1
	assert_json '.findings | length' 3
	assert_equal "$(sqlite3 queue.db 'SELECT * FROM job;
		SELECT * FROM setting')" "$before"
}

@test "a job that runs in a lane that is gone stays, all else is mended" {
	iq-enqueue /a /b
	tamper "UPDATE job SET state = 4, claim = 99, slot = id;
		UPDATE job SET lane = 99 WHERE id = 1"
	run_split iq-db check --repair
	assert_status 1
	assert_stderr ""
	run jq -r '.mended[]' <<<"$output"
	assert_line "job 2 runs without a lease"
	refute_line "job 1 runs without a lease"
	assert_equal "$(sqlite3 queue.db 'SELECT id, state FROM job;
		SELECT ready, running FROM lane')" "1|4
2|1
1|0"
}

@test "a list of a key that leads into a circle, either way, has an end" {
	a_bit_of_everything
	tamper "UPDATE job SET state = 3, older = 1, run_at = NULL WHERE id = 1"
	run_split timeout -s KILL 10 iq-db check --repair
	assert_status 1
	assert_json '.mended | index("job 1 waits for nothing") != null' true
	tamper "UPDATE job SET older = 2, newer = 2, state = 5 WHERE id = 1;
		UPDATE job SET older = 1, newer = 1, state = 4, claim = 99,
			slot = 1 WHERE id = 2"
	run_split timeout -s KILL 10 iq-db check --repair
	assert_status 1
	assert_json '.mended | index("job 2 runs without a lease") != null' \
		true
}

@test "a damaged file is left alone" {
	seq 1 3000 | iq-enqueue --raw
	sqlite3 queue.db 'UPDATE lane SET ready = 1;
		PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
	head -c 4096 /dev/urandom | dd of=queue.db bs=4096 seek=20 \
		conv=notrunc status=none
	local before
	before=$(sha256sum <queue.db)
	run_split iq-db check --repair
	((status == 1 || status == 74))
	[[ -z $output ]] || assert_json '.mended | tojson' '[]'
	assert_equal "$(sha256sum <queue.db)" "$before"
}

@test "it goes with check alone, and on a queue that may be written" {
	iq-enqueue /a
	run_split iq-db backup --repair copy.db
	assert_status 64
	assert_stderr_like "iq-db: --repair: not with backup*"
	run_split iq-db -q missing.db check --repair
	assert_status 66
}

@test "others work meanwhile" {
	seq 1 300 | iq-enqueue --raw
	start work iq-work -j2 --drain -- true
	local i
	for i in 1 2 3 4 5 6; do
		run_split iq-db check --repair
		assert_status 0
		assert_json '.mended | tojson' '[]'
		seq "$((i * 1000))" "$((i * 1000 + 20))" | iq-enqueue --raw
	done
	wait "$work_pid"
}
