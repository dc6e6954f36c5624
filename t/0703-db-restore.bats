#!/usr/bin/env bats
# iq-db restore: a queue becomes what a backup of it is.

load lib
load db

# The queue and a backup of its first three jobs, one of which has ended since,
# as have others come
a_backup_and_more() {
	iq-enqueue -t notes --raw a b c
	iq-db backup copy.db
	iq-work -j1 -n1 -- true
	iq-enqueue -t notes --raw d e
	iq-ctl cancel 5 >/dev/null
}

sound() {
	run_split iq-db check --text
	assert_ran 0 "$IQ_TEST/queue.db: ok" ""
}

# What FILE says its jobs are
jobs_of() {
	iq-list -q "$1" -s pending -s running -s quarantined -s succeeded \
		-s cancelled | jq -r '[.id, .path, .state] | join(" ")'
}

@test "the queue is what it was, what was there is kept, and what is lost is said" {
	a_backup_and_more
	local before
	before=$(jobs_of queue.db)
	run_split iq-db restore copy.db
	assert_status 0
	assert_stderr ""
	assert_json 'keys_unsorted | join(" ")' \
		"queue from as_of_at kept lost_jobs again_jobs lost_events"
	assert_json '[.lost_jobs, .again_jobs] | tojson' '[1,1]'
	assert_json '.lost_events > 3'
	assert_equal "$(jobs_of queue.db)" "1 a pending
2 b pending
3 c pending"
	sound
	local kept
	kept=$(echo queue.db.2*)
	assert_equal "$(jobs_of "$kept")" "$before"
	run_split iq-db -q "$kept" check --text
	assert_ran 0 "$IQ_TEST/$kept: ok" ""
	assert_equal "$(stat -c %a queue.db copy.db "$kept" | sort -u)" 600
}

@test "for people it says so in words" {
	a_backup_and_more
	run_split iq-db restore --text copy.db
	assert_status 0
	assert_stdout_like "restored $IQ_TEST/queue.db, as it was at 20*Z
kept     $IQ_TEST/queue.db.20*Z
lost     1 job put in since; 1 that ended since will run again"
	rm queue.db*
	run_split iq-db restore --text copy.db
	assert_stdout_like "restored $IQ_TEST/queue.db, as it was at 20*Z"
	[[ $output != *kept* ]]
}

@test "no id that was given away since is given again" {
	a_backup_and_more
	iq-db restore copy.db >/dev/null
	run_split iq-enqueue -I --raw f
	assert_ran 0 6 ""
	iq-work -j1 -n1 -- true
	run_split sqlite3 -readonly queue.db "SELECT detail FROM event
		WHERE kind = 17 ORDER BY seq"
	assert_json '.[0].worker' 2
}

@test "it leaves nothing but the queue and what it kept" {
	mkdir -m 700 own
	export IQ_QUEUE=$PWD/own/queue.db
	a_backup_and_more
	iq-db restore copy.db >/dev/null
	assert_equal "$(find own -type f | sort | sed 's/2[0-9]*T[0-9]*Z/TIME/; s|.*/||')" "queue.db
queue.db-lock
queue.db-run
queue.db-shm
queue.db-wal
queue.db.TIME"
	# twice in a second
	iq-db restore copy.db >/dev/null
	iq-db restore copy.db >/dev/null
	assert_equal "$(find own -name 'queue.db.2*' | wc -l)" 3
}

@test "the audit log goes on from the backup's and tells of it" {
	a_backup_and_more
	local last
	last=$(sqlite3 -readonly copy.db 'SELECT max(seq) FROM event')
	iq-db restore copy.db >/dev/null
	run_split sqlite3 -readonly queue.db "SELECT detail FROM event
		WHERE kind = 21 AND seq = $last + 1"
	assert_json '.[0] | [.from, .event] | tojson' \
		"[\"$IQ_TEST/copy.db\",$last]"
	assert_json '.[0].kept | startswith("'"$IQ_TEST/queue.db.2"'")'
	assert_json '.[0].lost_events > 3'
}

@test "what was running in the backup runs again" {
	make_holder hold
	iq-enqueue --raw a b
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	iq-db backup copy.db
	release_holder hold
	stop work
	iq-db restore copy.db >/dev/null
	run_split iq-work -j1 --drain -- echo
	assert_status 0
	assert_equal "$(sort <<<"$output")" "a
b"
	sound
}

@test "a queue with a worker at work is not touched" {
	make_holder hold
	a_backup_and_more
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	local before
	before=$(jobs_of queue.db)
	run_split iq-db restore copy.db
	assert_status 75
	assert_stderr_like "iq-db: restore $IQ_TEST/queue.db: worker [0-9]*\
 lives, or what its handler has left running; stop all iq-work of this queue\
 first"
	assert_equal "$(jobs_of queue.db)" "$before"
	# nor one with a handler whose worker and keeper are dead
	kill -KILL "$work_pid" "$(pgrep -P "$work_pid")"
	wait "$work_pid" || :
	run_split iq-db restore copy.db
	assert_status 75
	assert_equal "$(ls -d queue.db.* 2>/dev/null)" ""
	release_holder hold
	# shellcheck disable=SC2016 # wait_until expands it
	wait_until '[[ $(iq-db restore copy.db 2>&1) = "{"* ]]'
}

@test "a queue with a worker at work is no backup" {
	make_holder hold
	iq-enqueue --raw a b
	start work iq-work -j1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	run_split iq-db -q other.db restore queue.db
	assert_ran 73 "" "iq-db: restore from $IQ_TEST/queue.db: that is a queue\
 in use, worker 1 lives, or what its handler has left running; make a backup of\
 it, and restore from that"
	[[ ! -e other.db ]]
	iq-db backup copy.db
	run_split iq-db -q other.db restore copy.db
	assert_status 0
	release_holder hold
	stop work
}

@test "who puts in jobs meanwhile goes on" {
	a_backup_and_more
	mkfifo records
	start enqueue bash -c 'exec iq-enqueue -t notes -I --raw <records'
	exec {out}>records
	echo f >&"$out"
	wait_until '[[ $(<enqueue.out) = 6 ]]'
	iq-db restore copy.db >/dev/null
	echo g >&"$out"
	exec {out}>&-
	wait "$enqueue_pid"
	assert_equal "$(<enqueue.out)" "6
7"
	assert_equal "$(jobs_of queue.db | tail -n 2)" "3 c pending
7 g pending"
	sound
}

# ---- what is there ----

@test "a queue that is damaged somewhere, cut off, or no database at all" {
	a_backup_and_more
	local how before
	for how in inside head short noise; do
		rm -f queue.db*
		seq 3000 | iq-enqueue --raw
		sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
		case $how in
		head) head -c 4096 /dev/urandom | dd of=queue.db conv=notrunc \
			status=none ;;
		inside) head -c 40960 /dev/urandom | dd of=queue.db bs=4096 \
			seek=4 conv=notrunc status=none ;;
		short) truncate -s 2000 queue.db ;;
		noise) head -c 50000 /dev/urandom >queue.db ;;
		esac
		before=$(sha256sum <queue.db)
		run_split iq-db restore copy.db
		assert_status 0 || iq_differs "$how" 0
		# (nor which queue it is)
		[[ $how = inside ]] || assert_stderr ""
		assert_json '[.lost_jobs, .again_jobs, .lost_events] | tojson' \
			'[null,null,null]'
		# (one that can be opened has got its log back)
		[[ $how = inside ]] ||
			assert_equal "$(sha256sum <queue.db.2*Z)" "$before"
		assert_equal "$(jobs_of queue.db | wc -l)" 3
		sound
	done
}

@test "no queue, and no directory for it" {
	a_backup_and_more
	run_split iq-db -q new/place/queue.db restore copy.db
	assert_status 0
	assert_json .kept null
	assert_equal "$(stat -c %a new/place new/place/queue.db)" "700
600"
	run_split iq-list -q new/place/queue.db
	assert_status 0
	assert_equal "$(jq .id <<<"$output" | paste -sd' ')" "1 2 3"
}

@test "another queue in its place is kept, and its ids are passed over" {
	a_backup_and_more
	rm queue.db*
	seq 10 | iq-enqueue --raw
	local uuid
	uuid=$(iq-db info | jq -r .uuid)
	run_split iq-db restore copy.db
	assert_status 0
	assert_json '.lost_jobs' null
	assert_stderr "iq-db: restore $IQ_TEST/queue.db: what was there is\
 another queue ($uuid) than that of the backup; it is $(echo "$PWD"/queue.db.2*)\
 now"
	assert_equal "$(iq-list -q queue.db.2* | wc -l)" 10
	run_split iq-enqueue -I --raw f
	assert_ran 0 11 ""
	sound
}

@test "another program's database is not overwritten" {
	a_backup_and_more
	rm queue.db*
	(umask 077 && sqlite3 queue.db 'CREATE TABLE t(x)')
	run_split iq-db restore copy.db
	assert_ran 78 "" "iq-db: restore $IQ_TEST/queue.db: it is another\
 program's database; move it away"
	assert_equal "$(ls -d queue.db.* 2>/dev/null)" ""
}

# ---- the backup ----

@test "what is no good backup changes nothing" {
	a_backup_and_more
	local before name
	before=$(jobs_of queue.db)
	(umask 077
	cp copy.db damaged.db
	head -c 20480 /dev/urandom | dd of=damaged.db bs=4096 seek=3 \
		conv=notrunc status=none
	head -c 20000 /dev/urandom >noise
	echo text >text
	: >empty
	sqlite3 other.db 'CREATE TABLE t(x)'
	cp copy.db open.db)
	chmod 644 open.db
	ln copy.db twice.db
	ln -s damaged.db link.db
	mkdir directory
	while read -r name want; do
		run_split iq-db restore "$name"
		assert_status "$want" || iq_differs "$name" "$want"
		assert_stdout ""
		[[ $stderr = "iq-db: "* ]]
		assert_equal "$(jobs_of queue.db)" "$before"
	done <<-END
	damaged.db 74
	noise 74
	text 74
	empty 66
	other.db 78
	missing.db 66
	no/such/file 66
	open.db 77
	twice.db 77
	link.db 77
	directory 77
	queue.db 73
	END
	assert_equal "$(ls -d queue.db?[!lrsw]* 2>/dev/null)" ""
	run_split iq-db restore
	assert_status 64
	run_split iq-db restore ""
	assert_status 64
}

@test "names that look like something else are names" {
	local queue copy
	iq-enqueue -q 'a b' --raw x
	for queue in 'file:x?mode=memory' $'new\nline' '-q' 'ä %41#' 'a b'; do
		for copy in $'b\nb' '--json' 'file:y?immutable=1'; do
			rm -f "./$copy"*
			iq-db -q 'a b' backup "./$copy"
			run_split iq-db -q "./$queue" restore -- "$copy"
			assert_status 0 || iq_differs "$queue $copy" 0
			run_split iq-list -q "./$queue"
			assert_json .path x
		done
	done
}

@test "an interrupted one changes nothing, and dies by the signal" {
	forty_megabytes
	mkdir -m 700 own
	iq-db backup copy.db
	export IQ_QUEUE=$PWD/own/queue.db
	iq-enqueue --raw only
	# until one was caught at work
	for _ in {1..20}; do
		start restore iq-db restore copy.db
		wait_until 'compgen -G "own/iq-copy-*" >/dev/null'
		stop restore
		((status == 0)) || break
		iq-list | jq -r .id | iq-ctl cancel >/dev/null
		iq-enqueue --raw only
	done
	assert_equal "$status" 143
	assert_equal "$(<restore.err)" ""
	assert_equal "$(iq-list | jq -r .path)" only
	assert_equal "$(ls own)" "queue.db
queue.db-lock
queue.db-run
queue.db-shm
queue.db-wal"
}

@test "a backup of an older major version becomes a queue of this one" {
	old_queue
	iq-db backup copy.db
	cp copy.db before
	iq-enqueue --raw later
	run_split iq-db restore copy.db
	assert_status 0
	assert_stderr ""
	assert_json '.lost_jobs' 1
	cmp copy.db before
	assert_equal "$(ls copy.db*)" copy.db
	assert_equal "$(jobs_of queue.db)" "1 /in/a pending
2 /in/b pending
3 /in/c pending
4 /in/d pending
5 SENT succeeded
6 INBOX quarantined
7 JUNK cancelled
8 job running"
	iq-db -q new.db init >/dev/null
	assert_equal "$(sqlite3 -readonly queue.db 'PRAGMA user_version')" \
		"$(sqlite3 -readonly new.db 'PRAGMA user_version')"
	sound
	# in the place of what is of that version itself
	rm queue.db*
	old_queue
	run_split iq-db restore copy.db
	assert_status 0
	assert_json '.lost_jobs' 0
	sound
}

@test "without room for it nothing is begun" {
	seq 20000 | iq-enqueue --raw
	iq-db backup copy.db
	on_small_disk 4000 'iq-enqueue --raw a && iq-db restore ../copy.db
		echo $?; iq-list | jq -r .path; ls'
	assert_stdout "75
a
queue.db
queue.db-lock
queue.db-run
queue.db-shm
queue.db-wal"
	assert_stderr_like "iq-db: restore $IQ_TEST/disk/queue.db: it takes *\
 MiB of room, and * MiB are free"
}
