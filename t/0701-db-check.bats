#!/usr/bin/env bats
# iq-db check: it finds what is wrong, and only that.

load lib
load db

# tamper SQL
tamper() {
	sqlite3 queue.db "PRAGMA foreign_keys=0; DROP TRIGGER event_keep_update;
		DROP TRIGGER event_keep_delete; $1"
}

# finds PATTERN - one finding is like that
finds() {
	run_split iq-db check
	assert_status 1
	assert_json .ok false
	jq -e --arg p "$1" '.findings | any(test($p))' <<<"$output" >/dev/null ||
		iq_differs "no such finding" "$1"
}

@test "a sound queue is ok, in both forms" {
	a_bit_of_everything
	run_split iq-db check
	assert_ran 0 "{\"queue\":\"$IQ_TEST/queue.db\",\"ok\":true,\"findings\":[]}" ""
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

@test "findings are listed, and their number" {
	a_bit_of_everything
	tamper "UPDATE lane SET ready = ready + 1 WHERE id = 1;"
	run_split iq-db check --text
	assert_status 1
	assert_stdout "lane 1 counts ready 3, delayed 1, waiting 1, running 0,\
 quarantined 0; a recount says 2, 1, 1, 0, 0
type a: the audit log accounts for 4 pending jobs, the queue has 5
$IQ_TEST/queue.db: 2 findings"
}

@test "counts of lanes that are not a recount" {
	a_bit_of_everything
	tamper "UPDATE lane SET succeeded = 0;"
	finds 'counts succeeded 0, cancelled 1; a recount says 1, 1'
}

@test "a lane whose virtual time is none" {
	a_bit_of_everything
	tamper "UPDATE lane SET vtime = -1 WHERE id = 1;
		UPDATE lane SET vtime = 9e999 WHERE id = 2;"
	finds '^lane 1 has a virtual time of -1'
	finds '^lane 2 has a virtual time of Inf'
}

@test "rows that somebody else put in or took out" {
	a_bit_of_everything
	tamper "DELETE FROM job WHERE id = 2;
		UPDATE lane SET ready = ready - 1 WHERE id = 1;"
	finds '^type a: the audit log accounts for 4 pending jobs, the queue has 3$'
}

@test "a succeeded job that is made pending again behind iq's back" {
	a_bit_of_everything
	tamper "INSERT INTO job(id, type, lane, state, created_at, eligible_at)
		SELECT job, type, lane, 1, created_at, 1 FROM history
		WHERE state = 6;"
	finds '^job 5 lives, although it has succeeded$'
}

@test "states that make no sense" {
	a_bit_of_everything
	tamper "UPDATE job SET run_at = NULL WHERE id = 3;"
	finds '^job 3 is delayed and has no time to start$'
	tamper_again "UPDATE job SET claim = 5, slot = 0 WHERE id = 3;"
	finds '^job 3 does not run and has a claim$'
	tamper_again "UPDATE job SET state = 4 WHERE id = 1;"
	finds '^job 1 runs without a claim$'
	finds '^job 1 runs without a lease$'
	tamper_again "UPDATE job SET lane = 77 WHERE id = 1;"
	finds '^job 1: its lane 77 does not exist'
	tamper_again "UPDATE history SET attempt = 3 WHERE job = 5;"
	finds '^attempt 3 of job 5 has the place of another$'
}

tamper_again() {
	sqlite3 queue.db "$1"
}

@test "leases without jobs, workers or events" {
	a_bit_of_everything
	tamper "INSERT INTO lease(claim, slot, worker, type, jobs, ahead)
		VALUES(99, 0, 12, 1, 1, 0);"
	finds '^the lease of claim 99, slot 0 is for 1 job; running are 0$'
	finds '^the lease of claim 99, slot 0: its worker 12 does not exist$'
	finds '^the lease of claim 99, slot 0 has no event that claimed it$'
}

@test "a lease that does not say which jobs it was given" {
	make_holder hold
	iq-enqueue /a /b
	start work iq-work -j2 -n2 -- ./hold
	wait_until '[[ $(iq-list -s running | wc -l) = 2 ]]'
	local ids before found="job 2 runs and is not among those that its\
 lease was given"
	before=$(sqlite3 queue.db 'SELECT claim, slot, ids FROM lease')
	for ids in '[]' '[[1,1]]' '[[1' '["a",3,null,[],[2],["x","y"]]'; do
		tamper_again "UPDATE lease SET ids = '$ids' WHERE ids = '[[2,2]]'"
		run_split iq-db check
		assert_status 1
		assert_json '.findings | tojson' "[\"$found\"]"
		run_split iq-list -s running
		assert_json .id 1
		run_split iq-db check --repair
		assert_status 0
		assert_json '.mended | tojson' "[\"$found\"]"
		assert_equal "$(sqlite3 queue.db \
			'SELECT claim, slot, ids FROM lease')" "$before"
	done
	release_holder hold
	wait "$work_pid"
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

@test "two jobs of a key that may run at once" {
	a_bit_of_everything
	tamper "DROP INDEX job_key;
		UPDATE job SET key = (SELECT key FROM job WHERE id = 1) WHERE id = 2;"
	finds '^jobs 1 and 2 have the same key and may run at once$'
}

@test "lists of a key that do not fit" {
	a_bit_of_everything
	tamper "UPDATE job SET newer = 3 WHERE id = 6;
		UPDATE job SET older = 6 WHERE id = 2;"
	finds '^job 6 is followed by job 3 of its key, which does not follow it$'
	finds '^job 2 follows job 6 of its key, which is not followed by it$'
	tamper_again "UPDATE job SET newer = 2 WHERE id = 1;"
	finds '^job 1 was never started and is followed by job 2 of its key$'
}

@test "a list of a key that leads into a circle" {
	a_bit_of_everything
	tamper "UPDATE job SET state = 3, older = 1, run_at = NULL WHERE id = 1;"
	run_split timeout -s KILL 10 iq-db check
	assert_status 1
	finds '^job 1 follows job 1 of its key, which is not followed by it$'
	finds '^job 1 waits for nothing$'
}

@test "waiting for nothing, and not waiting for what it should" {
	a_bit_of_everything
	tamper "DELETE FROM dependency;"
	finds '^job 4 waits for nothing$'
	tamper_again "INSERT INTO dependency VALUES(2, 1), (77, 1), (4, 5);"
	finds '^job 2 may run and has not seen the end of job 1$'
	finds '^job 77 does not live and waits for job 1$'
	finds '^job 4 waits for job 5, which has succeeded$'
}

@test "output of nobody" {
	a_bit_of_everything
	tamper "INSERT INTO output VALUES(5, x'', x'');"
	finds '^output of job 5, which does not live$'
}

@test "an attempt that ended in no state" {
	a_bit_of_everything
	tamper "UPDATE history SET state = 3 WHERE job = 5;"
	finds '^attempt 1 of job 5 is in no state that an attempt can end in'
}

@test "ids that would be used twice" {
	a_bit_of_everything
	tamper "UPDATE queue SET next_job = 7, next_worker = 0;
		UPDATE queue SET next_worker = 0;"
	finds '^the next job would be 7, but there is one$'
	tamper_again "UPDATE queue SET next_job = 8;
		INSERT INTO worker VALUES(3, 'h', 'b', 1, 1, '', 1, 1, 1, 1, 1, 1);
		UPDATE queue SET next_worker = 3;"
	finds '^the next worker would be 3, but there is one$'
}

@test "the audit log: an event that was changed" {
	a_bit_of_everything
	tamper "UPDATE event SET actor = 'nobody' WHERE seq = 3;"
	finds '^event 3 is not what was written: the chain of hashes breaks there$'
	run_split iq-db check
	assert_json '.findings | length' 1
}

@test "the audit log: an event that was changed, with a hash of its own" {
	a_bit_of_everything
	tamper "UPDATE event SET hash = zeroblob(32) WHERE seq = 3;"
	finds '^event 3 is not what was written'
}

@test "the audit log: events that are gone, the last and all included" {
	a_bit_of_everything
	tamper "DELETE FROM event WHERE seq = 4;"
	finds '^events 4 to 4 are missing$'
	tamper_again "DELETE FROM event WHERE seq < 6;"
	finds '^events 1 to 5 are missing$'
	tamper_again "DELETE FROM event;"
	finds '^the audit log is empty$'
}

@test "the audit log: its end is cut off" {
	a_bit_of_everything
	tamper "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event
		WHERE kind = 6);"
	finds 'missing|the audit log accounts for'
}

@test "the audit log: moves that cannot be read" {
	a_bit_of_everything
	tamper "UPDATE event SET moves = x'ff' WHERE seq = 2;"
	finds '^event 2: its moves cannot be read$'
}

@test "a setting that is not valid, or of no type" {
	a_bit_of_everything
	tamper "INSERT INTO setting VALUES(0, 'grace', 'soon'),
		(99, 'lease', '1m'), (0, 'of_a_newer_version', 'x');"
	finds '^setting grace "soon": '
	finds '^setting lease is of type 99, which does not exist$'
	run_split iq-db check
	assert_json '.findings | length' 2
}

@test "a sidecar that was replaced while jobs run" {
	make_holder hold
	iq-enqueue /a
	start work iq-work -n1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	mv queue.db-lock away
	(umask 077 && : >queue.db-lock)
	finds '-run are not the files that the running jobs hold their locks on'
	mv away queue.db-lock
	run_split iq-db check
	assert_status 0
	release_holder hold
	wait "$work_pid"
}

@test "a damaged page is a finding, or 74; never a crash" {
	seq 1 3000 | iq-enqueue --raw
	iq-db backup sound.db
	local page
	for page in $(seq 2 5 $(($(stat -c %s sound.db) / 4096 - 1))); do
		rm -f damaged.db*
		cp sound.db damaged.db
		head -c 4096 /dev/urandom | dd of=damaged.db bs=4096 seek="$page" \
			conv=notrunc status=none
		run_split iq-db -q damaged.db check
		((status == 1 || status == 74)) ||
			iq_differs "page $page" "1 or 74"
	done
}

@test "damage is told line by line, and what to do" {
	seq 1 3000 | iq-enqueue --raw
	iq-db backup damaged.db
	# an index or a table, somewhere behind the first pages
	head -c 40000 /dev/zero | tr '\0' '\377' |
		dd of=damaged.db bs=4096 seek=20 conv=notrunc status=none
	run_split iq-db -q damaged.db check
	assert_status 1
	assert_stderr ""
	assert_json '.findings[0]' "the file is damaged: restore a backup with\
 iq-db restore FILE, and see Damage in iq-db(1)"
	assert_json '.findings | length > 1 and
		(.[1:] | all(startswith("damaged: "))) and
		all(test("\n|[*][*]") | not)'
	run_split iq-db -q damaged.db backup x.db
	assert_status 74
	assert_stderr_like "iq-db: *malformed: it is damaged; restore a backup\
 with iq-db restore FILE, and see Damage in iq-db(1)"
}

@test "check while others work finds nothing" {
	iq-tune set retry_base=0.01s retry_jitter=0
	seq 1 400 | iq-enqueue --raw -t a
	start work iq-work -j2 -- sh -c 'case $IQ_JOB_ID in
		*3) exit 65 ;; *5) exit 75 ;; *7) kill -KILL $$ ;; esac'
	local i
	for i in 1 2 3 4 5 6 7 8 9 10; do
		seq "$i" 9 300 | iq-enqueue --raw -t a
		iq-list -s quarantined --limit 5 | iq-ctl retry >/dev/null
		iq-list -s ready --limit 3 | iq-ctl cancel >/dev/null || :
		iq-list -s cancelled --limit 2 | iq-ctl retry >/dev/null || :
		run_split iq-db check --text
		assert_ran 0 "$IQ_TEST/queue.db: ok" ""
	done
	stop work
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}
