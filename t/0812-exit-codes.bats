#!/usr/bin/env bats
# Each exit status that the pages of these programs name is provoked here.

load lib

# Queues, and what is none; in $IQ_QUEUE two jobs, the first in quarantine
setup() {
	iq_setup
	seen=()
	umask 077
	iq-enqueue -t notes --group G --raw a b
	iq-ctl quarantine 1 >/dev/null
	echo "some text, which is long enough to be looked at" >text.db
	sqlite3 other.db 'CREATE TABLE t(x)'
	iq-db backup newer.db
	sqlite3 newer.db 'PRAGMA user_version=3000'
	iq-db backup open.db
	chmod 644 open.db
	iq-db backup damaged.db
	dd if=/dev/zero of=damaged.db bs=4096 seek=1 count=20 conv=notrunc \
		2>/dev/null
	echo x >file
}

# gives STATUS COMMAND ... - and says why in one line, when it is a failure
gives() {
	local want=$1
	shift
	run_split "$@"
	assert_status "$want"
	if ((want == 64)); then
		assert_stderr_like "$program: *
try '$program --help'"
	elif ((want > 64)); then
		assert_stderr_like "$program: *"
		assert_equal "$(wc -l <<<"$stderr")" 1
	fi
	seen+=("$want")
}

gives_of_files() {
	IQ_QUEUE=text.db gives 74 "$@"
	IQ_QUEUE=open.db gives 77 "$@"
	IQ_QUEUE=other.db gives 78 "$@"
	IQ_QUEUE=newer.db gives 78 "$@"
}

# Of a queue that is not as it has to be
gives_of_queues() {
	IQ_QUEUE=none.db gives 66 "$@"
	IQ_QUEUE=no/such/queue.db gives 66 "$@"
	IQ_QUEUE=file/queue.db gives 66 "$@"
	gives_of_files "$@"
	assert_file_not_exists none.db
}

# Of one that the program would make
gives_of_making() {
	IQ_QUEUE=/proc/no/queue.db gives 73 "$@"
	IQ_QUEUE=file/queue.db gives 73 "$@"
	gives_of_files "$@"
}

gives_when_short_of_files() {
	local n
	for n in {4..30}; do
		run_split bash -c "ulimit -n $n; exec \"\$@\"" bash "$@"
		((status != 75)) || break
	done
	assert_status 75
	assert_stderr_like "$program: *: Too many open files" ||
		assert_stderr_like "$program: * (Too many open files)"
	seen+=(75)
}

gives_with_full_stdout() {
	gives 74 bash -c '"$@" >/dev/full' bash "$@"
}

# All that the page names was seen here, and nothing else.
assert_as_the_page_says() {
	local page
	page=$(awk '/^\.Sh/ { on = /EXIT STATUS/ }
		on && /^\.It [0-9]/ { print $2 }' \
		"$IQ_SOURCE/man/$program.1" | sort -n | paste -sd' ')
	assert_equal "$(printf '%s\n' "${seen[@]}" | sort -nu | paste -sd' ')" \
		"$page"
}

@test "iq-list" {
	program=iq-list
	gives 0 iq-list
	gives 0 iq-list -s running
	gives 64 iq-list --bogus
	gives 64 iq-list --limit x
	gives 66 iq-list 99
	gives 66 iq-list --why 99
	gives 66 iq-list --output 2
	gives_of_queues iq-list
	gives 74 iq-list -q damaged.db
	gives_with_full_stdout iq-list
	gives_when_short_of_files iq-list
	assert_as_the_page_says
}

@test "iq-stats" {
	program=iq-stats
	gives 0 iq-stats
	gives 64 iq-stats --since never
	gives 66 iq-stats -t none
	gives_of_queues iq-stats
	gives 74 iq-stats -q damaged.db
	gives_with_full_stdout iq-stats
	gives_when_short_of_files iq-stats
	assert_as_the_page_says
}

# A terminal on which q is pressed; what is said goes to standard error
on_terminal() {
	local status=0
	keys=q script -qec "{ ${*@Q}; } 2>said" /dev/null >/dev/null || status=$?
	cat said >&2
	return $status
}

@test "iq-top" {
	local n
	program=iq-top
	gives 0 on_terminal iq-top
	gives 64 on_terminal iq-top --bogus
	gives 64 iq-top
	gives 66 on_terminal iq-top -t none
	gives 69 on_terminal env TERM=dumb iq-top
	gives_of_queues on_terminal iq-top
	gives 74 on_terminal iq-top -q damaged.db
	for n in {4..30}; do
		run_split on_terminal bash -c "ulimit -n $n; exec iq-top"
		((status != 75)) || break
	done
	gives 75 on_terminal bash -c "ulimit -n $n; exec iq-top"
	assert_as_the_page_says
}

@test "iq-enqueue" {
	program=iq-enqueue
	gives 0 iq-enqueue -t notes --raw c
	run_split iq-enqueue -t notes --raw --on-duplicate fail c
	assert_ran 65 "" "iq-enqueue: record 1: job 3 has its key already"
	seen+=(65)
	gives 64 iq-enqueue --bogus
	gives 64 iq-enqueue -k K --raw d e
	gives 75 iq-enqueue --wait --wait-timeout 10ms --raw f
	gives 75 iq-enqueue -t notes --max-queue 1 --on-full fail --raw g
	iq-work -t notes --drain -- true
	iq-enqueue -t notes --raw parent
	parent=$(iq-list -t notes -s ready | jq .id)
	iq-ctl quarantine "$parent" >/dev/null
	gives 1 iq-enqueue --after "$parent" --on-parent-failure cancel --wait \
		--raw h
	gives_of_making iq-enqueue --raw i
	iq-enqueue -q gone.db --raw i
	rm gone.db
	gives 66 iq-enqueue -q gone.db --raw i
	gives 74 iq-enqueue -q damaged.db --raw j
	gives 74 bash -c 'exec iq-enqueue <&-'
	gives_with_full_stdout iq-enqueue -I --raw k
	gives_when_short_of_files iq-enqueue --raw l
	IQ_SET_ON_FULL=never gives 78 iq-enqueue --raw m
	assert_as_the_page_says
}

@test "iq-work" {
	program=iq-work
	# (or a test that fails would wait for it)
	local work=(timeout -k 5 20 iq-work)
	printf '#!/bin/sh\n' >script
	gives 64 iq-work --bogus
	gives 64 iq-work -b 0 -- true
	gives 69 iq-work -- iq-no-such-command
	gives_of_making "${work[@]}" -- true
	gives 73 iq-work --results file/dir -- true
	gives 73 iq-work --joblog file/log -- true
	gives 74 "${work[@]}" -q damaged.db -- true
	gives 77 iq-work -- ./script
	gives 78 iq-work
	iq-tune set handler=/bin/true
	gives 77 iq-work
	IQ_SET_GRACE=soon gives 78 "${work[@]}" -- true
	gives_when_short_of_files iq-work -t notes/none --drain -- true
	iq-enqueue -q gone.db --raw g
	gives 0 "${work[@]}" -t notes -n1 -- true
	iq-enqueue -t notes --raw c d e
	gives 1 "${work[@]}" -t notes -n1 -- false
	gives 1 "${work[@]}" -t notes -n1 --drain -- true
	gives_with_full_stdout "${work[@]}" -t notes -n1 -- echo
	# what is beside the queue, or the queue itself, goes meanwhile
	make_holder hold
	iq-enqueue -t notes -p critical --raw f
	start work iq-work -n1 -- ./hold
	wait_until '[[ -s hold.started ]]'
	rm "$IQ_QUEUE-lock"
	gives 70 "${work[@]}" --drain -- true
	release_holder hold
	wait "$work_pid" || :
	run_split "${work[@]}" -q gone.db -- sh -c 'rm gone.db*'
	assert_ran 66 "" "iq-work: use $PWD/gone.db: what was opened is not there any more, somebody moved, deleted or replaced it
iq-work: 1 finished job could not be recorded and will run again"
	seen+=(66)
	assert_as_the_page_says
}

@test "iq-ctl" {
	program=iq-ctl
	gives 0 iq-ctl priority high 2
	gives 1 iq-ctl discard --text 2
	gives 1 iq-ctl wait 1
	gives 64 iq-ctl bogus
	gives 64 iq-ctl cancel x
	gives 65 iq-ctl retry <<<x
	gives 66 iq-ctl retry 99
	gives 66 iq-ctl wait 99
	gives 66 iq-ctl wait --group none
	gives 66 iq-ctl resume -t none
	gives_of_queues iq-ctl retry 1
	gives_of_queues iq-ctl wait 1
	gives_of_making iq-ctl pause
	gives 74 iq-ctl retry 1 -q damaged.db
	gives_with_full_stdout iq-ctl priority low 2
	gives 75 iq-ctl wait --timeout 10ms 2
	gives_when_short_of_files iq-ctl priority low 2
	assert_as_the_page_says
}

@test "iq-tune" {
	program=iq-tune
	gives 0 iq-tune get grace
	gives 1 iq-tune get workers
	gives 64 iq-tune bogus
	gives 65 iq-tune import <<<x
	gives_of_queues iq-tune get grace
	gives_of_queues iq-tune unset grace
	gives_of_making iq-tune set grace=1s
	gives 74 iq-tune get grace -q damaged.db
	gives_with_full_stdout iq-tune get grace
	gives_when_short_of_files iq-tune set grace=1s
	gives 78 iq-tune set grace=soon
	assert_as_the_page_says
}

@test "iq-db" {
	program=iq-db
	gives 0 iq-db check
	gives 1 iq-db check -q damaged.db
	assert_json '.ok == false and (.findings | length) > 0'
	gives 64 iq-db bogus
	gives_of_queues iq-db info
	gives_of_queues iq-db check
	gives_of_queues iq-db backup copy.db
	gives_of_making iq-db init
	gives 73 iq-db backup file
	gives 73 iq-db backup no/such/copy.db
	gives 74 iq-db info -q damaged.db
	gives 74 iq-db backup copy.db -q damaged.db
	assert_file_not_exists copy.db
	gives_with_full_stdout iq-db info
	gives_when_short_of_files iq-db check
	gives_when_short_of_files iq-db backup copy.db
	assert_as_the_page_says
}

@test "iq" {
	program=iq
	mkdir bin
	cp "$IQ_BUILD/iq" bin
	: >bin/iq-empty
	chmod +x bin/iq-empty
	gives 0 bin/iq help
	run_split bin/iq bogus
	assert_status 64
	seen+=(64)
	gives 69 bin/iq help 7
	gives 71 bin/iq empty
	gives_with_full_stdout bin/iq version
	assert_as_the_page_says
}
