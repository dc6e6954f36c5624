#!/usr/bin/env bats
# Handlers that are stored in the queue, and whose word it takes to run them.

load lib

# handler NAME - a program ./NAME that says its name and arguments
handler() {
	printf '#!/bin/sh\necho "%s $*"\n' "$1" >"$1"
	chmod +x "$1"
}

trusted_list() {
	cat "$HOME/.config/iq/trusted" 2>/dev/null
}

@test "each type has its handler, where the queue is trusted" {
	handler one
	handler two
	iq-tune set handler="$PWD/one" >/dev/null
	iq-tune set -t mail "handler=[\"$PWD/two\",\"-s\",\"{id}\",\"<{}>\"]"
	iq-enqueue -t notes --raw a
	iq-enqueue -t mail --raw 'in box'
	iq-enqueue -t mail/work --raw b
	run_split iq-work -j1 --drain
	assert_status 77
	run_split iq-db trust
	assert_ran 0 "{\"queue\":\"$IQ_QUEUE\",\"trusted\":true,\"handlers\":[\
{\"type\":null,\"handler\":\"$PWD/one\"},{\"type\":\"mail\",\"handler\":\"[\\\"\
$PWD/two\\\",\\\"-s\\\",\\\"{id}\\\",\\\"<{}>\\\"]\"}]}" ""
	run_split iq-work -j1 --drain
	assert_status 0
	assert_equal "$(sort <<<"$output")" "one a
two -s 2 <in box>
two -s 3 <b>"
	assert_stderr ""
}

@test "a job of a type without a handler stays ready" {
	handler one
	iq-tune set -t notes handler="$PWD/one"
	iq-db trust >/dev/null
	iq-enqueue -t notes --raw a
	iq-enqueue -t mail --raw b
	run_split iq-work -j1 --drain
	assert_ran 1 "one a" "iq-work: 1 succeeded, 0 failed, 1 left (0 ready,\
 0 delayed, 0 waiting, 0 running, 1 held)"
	run_split iq-work -t mail
	assert_ran 78 "" "iq-work: nothing to run: no COMMAND was given, and no\
 selected type has a handler"
}

@test "a handler that is set while a worker runs is used" {
	handler one
	handler two
	iq-tune set -t notes handler="$PWD/one"
	iq-db trust >/dev/null
	start work iq-work -j1
	iq-enqueue -t notes --raw --wait a
	iq-tune set -t notes handler="$PWD/two"
	iq-tune set -t mail handler="$PWD/one"
	iq-enqueue -t notes --raw --wait b
	iq-enqueue -t mail --raw --wait c
	stop work
	assert_equal "$(<work.out)" "one a
two b
one c"
}

@test "it gets only what is listed of the environment, and of the job all" {
	printf '#!/bin/sh\nexec env\n' >show
	chmod +x show
	iq-tune set handler="$PWD/show"
	iq-db trust >/dev/null
	iq-enqueue --raw --payload '{"n":1}' a
	run_split env SECRET=1 LD_BIND_NOW=1 BASH_ENV=x IQ_SET_GRACE=1s \
		LC_TIME=C XDG_DATA_HOME=/d LANG=C SHELL=/bin/sh USER=me \
		LOGNAME=me iq-work --drain
	assert_status 0
	assert_equal "$(cut -d= -f1 <<<"$output" | grep -vE '^(PWD|_|SHLVL)$' |
		sort | paste -sd' ')" "HOME IQ_JOB_ATTEMPT IQ_JOB_EVENT\
 IQ_JOB_ID IQ_JOB_IDS IQ_JOB_KEY IQ_JOB_PATH IQ_JOB_PAYLOAD IQ_JOB_TYPE IQ_QUEUE\
 IQ_RESULT_FD LANG LC_ALL LC_TIME LOGNAME PATH SHELL TMPDIR TZ USER\
 XDG_DATA_HOME"
	assert_equal "$(grep -c "^IQ_QUEUE=$IQ_QUEUE$" <<<"$output")" 1
	# a COMMAND gets all of it
	iq-enqueue --raw b
	run_split env SECRET=1 iq-work --drain -- ./show
	grep -qx SECRET=1 <<<"$output"
}

@test "it gets no privileges by what it executes; a COMMAND may" {
	needs_linux "a set-user-ID program gets its privileges"
	printf '#!/bin/sh\ngrep NoNewPrivs /proc/self/status\n' >show
	chmod +x show
	iq-tune set handler="$PWD/show"
	iq-db trust >/dev/null
	iq-enqueue --raw a
	run_split iq-work --drain
	assert_ran 0 $'NoNewPrivs:\t1' ""
	iq-enqueue --raw b
	run_split iq-work --drain -- ./show
	assert_ran 0 $'NoNewPrivs:\t0' ""
}

@test "one that cannot be executed holds up its own jobs only" {
	handler good
	iq-tune set -t bad handler="$PWD/missing"
	iq-tune set -t worse "handler=[\"$PWD/plain\"]"
	iq-tune set -t good handler="$PWD/good"
	echo text >plain
	iq-db trust >/dev/null
	iq-enqueue -t bad --raw a1 a2 a3
	iq-enqueue -t worse --raw b
	iq-enqueue -t good --raw c d
	run_split iq-work -j2 --drain
	assert_status 1
	assert_equal "$(sort <<<"$output")" "good c
good d"
	assert_equal "$(sort <<<"$stderr")" "iq-work: 2 succeeded, 0 failed, 4\
 left (0 ready, 0 delayed, 0 waiting, 0 running, 4 held)
iq-work: type bad: $PWD/missing: command not found; its jobs wait until that is\
 mended
iq-work: type worse: execute $PWD/plain: Permission denied; its jobs wait until\
 that is mended"
	run_split iq-list --json
	assert_equal "$(jq -r '[.state, .attempt, .attempts] | join(" ")' \
		<<<"$output" | sort -u)" "pending 0 0"
	run_split iq-db check --text
	assert_status 0
}

@test "no program, and what is no handler at all, are the same" {
	echo text >plain
	chmod +x plain
	iq-tune set -t a handler="$PWD/plain"
	iq-tune set -t b handler=/bin/true
	iq-db trust >/dev/null
	sqlite3 queue.db "UPDATE setting SET value = 'rm -rf /'
		WHERE type = (SELECT id FROM type WHERE name = 'b')"
	iq-enqueue -t a --raw a
	iq-enqueue -t b --raw b
	run_split iq-work -j1 --drain
	assert_status 1
	[[ $stderr = *"iq-work: type a: execute $PWD/plain: not a program, and \
no script with a #! line; its jobs wait until that is mended"* ]]
	[[ $stderr = *"iq-work: type b: "*"; its jobs wait until that is mended"* ]]
	run_split iq-list --json -s pending
	assert_equal "$(jq .attempts <<<"$output" | paste -sd' ')" "0 0"
}

# ---- trust ----

@test "trust is for this queue in this place" {
	handler one
	iq-tune set handler="$PWD/one"
	iq-enqueue --raw a
	iq-db trust >/dev/null
	# a copy of it elsewhere
	iq-db backup copy.db
	run_split iq-work -q copy.db --drain
	assert_status 77
	# another one in its place
	mkdir -m 700 aside
	mv queue.db* aside
	iq-tune set handler="$PWD/one"
	iq-enqueue --raw b
	run_split iq-work --drain
	assert_status 77
	# the same again
	rm queue.db*
	mv aside/queue.db* .
	run_split iq-work --drain
	assert_ran 0 "one a" ""
	# a backup of it in its place
	iq-enqueue --raw c
	iq-db restore copy.db >/dev/null
	run_split iq-work --drain
	assert_ran 0 "one a" ""
}

@test "untrust takes it back, also of a queue that is gone" {
	iq-tune set handler=/bin/true
	iq-db trust >/dev/null
	run_split iq-db untrust
	assert_ran 0 "{\"queue\":\"$IQ_QUEUE\",\"trusted\":false,\
\"was_trusted\":true}" ""
	run_split iq-work --drain
	assert_status 77
	run_split iq-db untrust --text
	assert_ran 0 "not trusted: $IQ_QUEUE" ""
	iq-db trust >/dev/null
	rm queue.db*
	run_split iq-db untrust --text
	assert_ran 0 "no longer trusted: $IQ_QUEUE" ""
	assert_equal "$(trusted_list)" ""
	assert_file_not_exists queue.db
}

@test "a worker that runs stops soon after its queue is no longer trusted" {
	iq-tune set handler=/bin/true
	iq-db trust >/dev/null
	start work iq-work
	wait_until '[[ $(iq-stats | jq ".workers.processes | length") = 1 ]]'
	iq-db untrust >/dev/null
	wait_until '! kill -0 "$work_pid" 2>/dev/null' 20
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 77
	assert_equal "$(<work.err)" \
		"iq-work: $IQ_QUEUE is no longer trusted: stopping"
}

@test "the list is the user's own, and keeps every queue once" {
	local name queues=() i
	for name in a 'b c' $'new\nline' 'back\slash' 'back\nslash' ä; do
		queues+=("$PWD/$name")
		iq-tune -q "./$name" set handler=/bin/true
		start trust iq-db -q "./$name" trust
		iq-db -q "./$name" trust >/dev/null
		wait "$trust_pid"
	done
	assert_equal "$(trusted_list | wc -l)" 6
	assert_equal "$(stat -c %a "$HOME/.config/iq" \
		"$HOME/.config/iq/trusted" | paste -sd' ')" "700 600"
	assert_equal "$(ls -A "$HOME/.config/iq")" trusted
	for i in 1 2 4; do
		iq-db -q "${queues[i]}" untrust >/dev/null
	done
	for i in 0 3 5; do
		run_split iq-work -q "${queues[i]}" --drain
		assert_status 0
	done
	for i in 1 2 4; do
		run_split iq-work -q "${queues[i]}" --drain
		assert_status 77
	done
	XDG_CONFIG_HOME=$PWD/config run_split iq-work -q a --drain
	assert_status 77
	XDG_CONFIG_HOME=$PWD/config iq-db -q a trust >/dev/null
	assert_file_exists config/iq/trusted
}

@test "a list that others could have written is not believed" {
	iq-tune set handler=/bin/true
	iq-db trust >/dev/null
	local list=$HOME/.config/iq/trusted
	chmod 620 "$list"
	run_split iq-work --drain
	assert_ran 77 "" "iq-work: use $list: others may read or write it; chmod\
 600 it"
	run_split iq-db trust
	assert_status 77
	chmod 600 "$list"
	chmod 777 "$HOME/.config"
	run_split iq-work --drain
	assert_status 77
	chmod 700 "$HOME/.config"
	mv "$list" elsewhere
	ln -s "$PWD/elsewhere" "$list"
	run_split iq-work --drain
	assert_ran 77 "" "iq-work: use $list: it is a symbolic link, not a\
 regular file"
	unset HOME
	run_split iq-work --drain
	assert_status 78
}

@test "root runs no handlers of somebody else's queue" {
	((EUID == 0)) || skip "only root has what is for him"
	iq-tune set handler=/bin/true
	iq-db trust >/dev/null
	chown 65534 . queue.db*
	run_split iq-work --drain
	assert_ran 77 "" "iq-work: trust: use $IQ_QUEUE: it belongs to another\
 user"
	run_split iq-db trust
	assert_status 77
	run_split iq-work --drain -- true
	assert_status 0
}
