#!/usr/bin/env bats
# Older and newer queue files.  The program `newer` knows steps of the schema
# that will never exist; what is built is the old program beside it.

load lib

setup() {
	iq_setup
	PATH=$IQ_BUILD/chaos:$PATH
}

version() {
	sqlite3 -readonly queue.db 'PRAGMA user_version'
}

# The steps that the log tells of
steps() {
	sqlite3 -readonly queue.db "SELECT json_extract(detail, '\$[0].from') ||
		'-' || json_extract(detail, '\$[0].to') FROM event
		WHERE kind = 2 ORDER BY seq" | paste -sd' '
}

sound() {
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

@test "a queue of the oldest version becomes what a new one is" {
	old_queue
	iq-db -q new.db init >/dev/null
	iq-db init >/dev/null
	shape new.db >new
	shape queue.db >old
	run diff old new
	assert_success
	# the text, too, but for its blanks
	local text="SELECT type, name, replace(sql, ' ', '')
		FROM sqlite_schema ORDER BY 1, 2"
	assert_equal "$(sqlite3 queue.db "$text")" "$(sqlite3 new.db "$text")"
	local pragma
	for pragma in application_id user_version page_size auto_vacuum \
		journal_mode; do
		assert_equal "$(sqlite3 queue.db "PRAGMA $pragma")" \
			"$(sqlite3 new.db "PRAGMA $pragma")"
	done
	sound
}

@test "and everything that was in it is still there, and runs" {
	old_queue
	iq-enqueue --raw first
	run_split bash -c 'iq-list -s pending -s running -s quarantined \
		-s succeeded -s cancelled | jq -r "[.id, .state, .path] | @tsv"'
	assert_stdout $'1\tpending\t/in/a
2\tpending\t/in/b
3\tpending\t/in/c
4\tpending\t/in/d
5\tsucceeded\tSENT
6\tquarantined\tINBOX
7\tcancelled\tJUNK
8\trunning\tjob
9\tpending\tfirst'
	sound
	iq-ctl retry 6 7 >/dev/null
	run_split iq-work -j1 --drain -- true
	assert_stderr_like "*1 job was taken back from a worker that is gone*"
	run_split bash -c 'iq-list | jq .id'
	assert_stdout 3
	sound
}

@test "who only reads leaves an older major version alone" {
	old_queue
	cp queue.db before
	local line
	for line in "iq-list list" "iq-stats read" "iq-log read"; do
		run_split "${line% *}"
		assert_ran 78 "" "${line% *}: read $IQ_TEST/queue.db: made by\
 an older iq (schema 1.0, this one reads 2); upgrade it with: iq-db init -q\
 $IQ_TEST/queue.db"
	done
	cmp queue.db before
}

@test "but it is told of, and backed up as it is" {
	old_queue
	cp queue.db before
	run_split iq-db info
	assert_json '[.schema_version, .jobs, .history] | tojson' '[1000,6,2]'
	run_split iq-db backup copy.db
	assert_ran 0 "" ""
	run_split iq-db check
	assert_status 78
	cmp queue.db before
	assert_equal "$(sqlite3 -readonly copy.db 'PRAGMA user_version;
		SELECT count(*) FROM job; SELECT count(*) FROM attempt')" \
		"$(sqlite3 -readonly queue.db 'PRAGMA user_version;
		SELECT count(*) FROM job; SELECT count(*) FROM attempt')"
	# an older backup of it is replaced when it has been upgraded
	iq-db init >/dev/null
	iq-db backup copy.db
	assert_equal "$(sqlite3 -readonly copy.db 'PRAGMA user_version')" \
		"$(version)"
}

@test "an upgrade that copies the history is not begun without room for it" {
	old_queue
	# 9 MiB
	sqlite3 queue.db "UPDATE attempt SET error = zeroblob(2500);
		WITH RECURSIVE n(i) AS (
			SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000)
		INSERT INTO attempt(job, attempt, type, state, reason,
			created_at, finished_at, finish, error)
		SELECT job, attempt + i, type, state, reason, created_at,
			finished_at, finish, error FROM attempt, n
			WHERE job IN (5, 6);"
	on_small_disk 12000 'cp ../queue.db . && iq-enqueue --raw a
		echo $?; iq-db init; echo $?
		wc -c <queue.db-wal; cmp queue.db ../queue.db &&
		iq-db backup ../copy.db
		mount -o remount,size=40000k . && iq-db init --text
		sqlite3 -readonly queue.db "SELECT count(*) FROM history"'
	assert_stdout_like "75
75
0
upgraded $IQ_TEST/disk/queue.db from schema 1.0 to *
2003"
	assert_stderr_like "iq-enqueue: upgrade $IQ_TEST/disk/queue.db: it takes *\
 MiB of room, and * MiB are free
iq-db: upgrade $IQ_TEST/disk/queue.db: it takes * MiB of room, and * MiB are free"
}

# A worker of the old version says it in these words.
@test "what a worker of version 1 hands in after the upgrade is kept" {
	iq-enqueue --raw a b
	iq-db init >/dev/null
	local attempt
	for attempt in 1 2 1; do
		sqlite3 queue.db "
			INSERT INTO attempt(job, attempt, type, state, reason,
				outcome, exit, created_at, finished_at, finish,
				system_cpu, error)
			VALUES(1, $attempt, 1, 1, 4, 2, 75, 1, 2, 3, 50.0,
				x'6f')
			ON CONFLICT(job, attempt) DO NOTHING"
	done
	assert_equal "$(sqlite3 queue.db 'SELECT count(*) FROM attempt;
		SELECT job, attempt, exit, system_cpu, CAST(error AS TEXT)
		FROM history')" $'0\n1|1|75|50.0|o\n1|2|75|50.0|o'
}

@test "a job that has started a million times has a last attempt" {
	iq-enqueue --raw a
	sqlite3 queue.db 'UPDATE job SET attempt = 1048574'
	iq-tune set retry_strategy=immediate
	for _ in 1 2; do
		iq-work -n1 --drain -- sh -c 'exit 75' 2>/dev/null || :
	done
	iq-work --drain -- true
	assert_equal "$(sqlite3 queue.db 'SELECT job, attempt, state
		FROM history')" "1|1048577|6"
	run_split iq-list --json 1
	assert_json '[.state, .attempt] | tojson' '["succeeded",1048577]'
	iq-enqueue --raw b
	iq-work --drain -- true
	assert_equal "$(iq-list -s succeeded | wc -l)" 2
}

@test "a step is one transaction, and the next try goes on after it" {
	iq-enqueue --raw a b
	run_split newer broken queue.db
	assert_ran 70 "" "newer: upgrade to schema 2.902 (note): use\
 $IQ_TEST/queue.db: no such table: nowhere"
	assert_equal "$(version)" 2901
	refute grep -q note <(sqlite3 queue.db .schema)
	sound
	run_split newer minor queue.db
	assert_ran 0 "2901 2902" ""
	run_split newer minor queue.db
	assert_ran 0 "" ""
	assert_equal "$(steps)" "$(created)-2901 2901-2902"
	sound
}

# The version that the programs under test make
created() {
	sqlite3 queue.db "SELECT json_extract(detail, '\$[0].version')
		FROM event WHERE seq = 1"
}

@test "many at once upgrade it once, between others that use it" {
	iq-db init >/dev/null
	local i
	for i in 1 2 3 4 5 6; do
		start "newer$i" newer minor queue.db
		start "enqueue$i" iq-enqueue --raw "job $i"
	done
	for i in 1 2 3 4 5 6; do
		local -n newer=newer${i}_pid enqueue=enqueue${i}_pid
		wait "$newer"
		wait "$enqueue"
		assert_equal "$(cat "newer$i.err" "enqueue$i.err")" ""
	done
	assert_equal "$(steps)" "$(created)-2901 2901-2902"
	assert_equal "$(iq-list | wc -l)" 6
	sound
}

@test "a newer minor version is used as if nothing were" {
	iq-enqueue -t notes --raw a
	make_holder hold
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	newer minor queue.db >/dev/null
	iq-enqueue -t notes --raw b
	run_split iq-list -s pending
	assert_json .path b
	run_split iq-stats
	assert_json .depth.running 1
	run_split iq-ctl priority high 2
	assert_status 0
	release_holder hold
	wait_until '[[ $(wc -l <hold.started) = 2 ]]'
	wait_until '[[ -z $(iq-list) ]]'
	stop work
	assert_equal "$status $(<work.err)" "0 "
	run_split iq-db backup copy.db
	assert_ran 0 "" ""
	run_split iq-db info
	assert_json .schema_version 2902
	sound
}

@test "a newer major version is refused by everything" {
	iq-enqueue --raw a
	newer major queue.db
	local line
	for line in "iq-enqueue --raw b" "iq-work -- true" iq-list iq-stats \
		"iq-ctl cancel 1" "iq-ctl wait 1" "iq-tune set grace=1s" \
		"iq-db init" "iq-db check" "iq-db backup copy.db"; do
		# shellcheck disable=SC2086
		run_split $line
		assert_ran 78 "" "${line%% *}: use $IQ_TEST/queue.db: made by a\
 newer iq (schema 3.0, this one knows 2); upgrade iq"
	done
}

@test "a version that never was is damage" {
	iq-enqueue --raw a
	sqlite3 queue.db 'PRAGMA user_version = 999'
	run_split iq-list
	assert_ran 74 "" "iq-list: use $IQ_TEST/queue.db: damaged, there is no\
 schema 0.999"
	run_split iq-enqueue --raw b
	assert_status 74
}

@test "a worker that runs when a newer major comes finishes, and ends with 75" {
	iq-enqueue --raw a b
	make_holder hold
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	newer major queue.db >/dev/null
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 75
	assert_equal "$(<work.err)" \
		"iq-work: the queue has been upgraded by a newer iq: stopping"
	assert_equal "$(wc -l <hold.started)" 1
	assert_equal "$(sqlite3 queue.db 'SELECT state FROM history;
		SELECT count(*) FROM worker; SELECT id, state FROM job' |
		paste -sd' ')" "6 0 2|1"
}

@test "a worker that waits ends, too" {
	iq-db init >/dev/null
	start work iq-work -- true
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") = 1 ]]'
	newer major queue.db >/dev/null
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 75
}

@test "who enqueues when a newer major comes is told to start again" {
	mkfifo records
	start enqueue bash -c 'exec iq-enqueue -I --raw <records'
	exec {out}>records
	echo a >&"$out"
	wait_until '[[ $(<enqueue.out) = 1 ]]'
	newer major queue.db >/dev/null
	echo b >&"$out"
	exec {out}>&-
	status=0
	wait "$enqueue_pid" || status=$?
	assert_equal "$status" 75
	assert_equal "$(<enqueue.out)" "1
-"
	assert_equal "$(<enqueue.err)" "iq-enqueue: use $IQ_TEST/queue.db: a\
 newer iq has upgraded it meanwhile (schema 3.0, this one knows 2)"
	assert_equal "$(sqlite3 queue.db 'SELECT count(*) FROM job')" 1
}

@test "who waits for a job when a newer major comes is told so" {
	iq-enqueue --raw a
	start wait iq-ctl wait 1
	# shellcheck disable=SC2016 # wait_until expands it
	wait_until 'ls -l /proc/$wait_pid/fd | grep -q queue.db-shm'
	newer major queue.db >/dev/null
	status=0
	wait "$wait_pid" || status=$?
	# (78 where it had not yet looked when the upgrade came)
	((status == 75 || status == 78))
}
