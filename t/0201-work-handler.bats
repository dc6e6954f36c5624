#!/usr/bin/env bats
# What a handler is given: arguments, environment, descriptors, signals.

load lib

@test "{} in arguments is the path, and without one it comes last" {
	iq-enqueue "a b"
	run_split iq-work -n1 -- printf '<%s>' x{}y {}
	assert_ran 0 "<x$IQ_TEST/a by><$IQ_TEST/a b>" ""
	iq-enqueue "c d"
	run_split iq-work -n1 -- printf '<%s>' -v
	assert_ran 0 "<-v><$IQ_TEST/c d>" ""
}

@test "{id} {type} {key} {attempt} {event} are the job's" {
	iq-enqueue -J <<<'{"path":"/a","type":"notes/x","key":"K","event":"deleted"}'
	run_split iq-work -n1 -- echo '{id} {type} {key} {attempt} {event} {}'
	assert_ran 0 "1 notes/x K 1 deleted /a" ""
}

@test "nothing in a path is looked at by a shell or a second time" {
	iq-enqueue --raw '$(touch x); `touch y` {id} * '\''"'
	run_split iq-work -n1 -- echo '{}'
	assert_ran 0 '$(touch x); `touch y` {id} * '\''"' ""
	assert_file_not_exists x
	assert_file_not_exists y
}

@test "a path of any bytes arrives as it is" {
	printf 'a\nb\377\001\0' | iq-enqueue -0 --raw
	iq-work -n1 --output inherit -- printf %s >out
	printf 'a\nb\377\001' | cmp - out
}

@test "a job without a path gets no path" {
	iq-enqueue -J <<<'{"payload":{"a":[1]},"key":"K"}'
	run_split iq-work -n1 -- sh -c 'echo "$#:$1:$IQ_JOB_PATH:$IQ_JOB_PAYLOAD"' sh
	assert_ran 0 '0:::{"a":[1]}' ""
}

@test "the environment says which job it is" {
	iq-enqueue -J <<<'{"path":"/a","type":"t","key":"K","event":"created","payload":7}'
	run_split iq-work -n1 -- sh -c 'env | grep -E "^IQ_(JOB|QUEUE)" | sort'
	assert_ran 0 "IQ_JOB_ATTEMPT=1
IQ_JOB_EVENT=created
IQ_JOB_ID=1
IQ_JOB_IDS=1
IQ_JOB_KEY=K
IQ_JOB_PATH=/a
IQ_JOB_PAYLOAD=7
IQ_JOB_TYPE=t
IQ_QUEUE=$IQ_QUEUE" ""
}

@test "a handler inside a handler sees its own job only" {
	iq-enqueue -J <<<'{"path":"/outer","key":"K","event":"created"}'
	iq-enqueue -q inner.db /inner
	run_split iq-work -n1 -- iq-work -q inner.db -n1 -- sh -c \
		'echo "$IQ_JOB_PATH $IQ_JOB_KEY $IQ_JOB_EVENT $IQ_QUEUE"'
	assert_ran 0 "/inner /inner  $IQ_TEST/inner.db" ""
}

@test "stdin is empty" {
	iq-enqueue a
	run_split iq-work -n1 -- sh -c 'wc -c; readlink /proc/self/fd/0' <<<"not for it"
	assert_ran 0 "0
/dev/null" ""
}

@test "it works where iq-work was started, with its umask" {
	iq-enqueue a
	umask 027
	run_split iq-work -n1 -- sh -c 'pwd; umask'
	assert_ran 0 "$IQ_TEST
0027" ""
}

@test "it has no descriptors of ours but 3 and the lock of its slot" {
	iq-enqueue a
	cat >clean <<-'END'
	#!/bin/bash
	for fd in /proc/$$/fd/*; do
		fd=${fd##*/}
		((fd < 3 || fd == 255)) || eval "exec $fd>&-"
	done
	exec iq-work -n1 -- sh -c 'ls /proc/$$/fd; readlink /proc/$$/fd/60'
	END
	chmod +x clean
	run_split ./clean
	assert_ran 0 "0
1
2
3
60
$IQ_QUEUE-run" ""
}

@test "what it inherits is no way to the turn, or to what others put in" {
	iq-enqueue --raw a
	start work iq-work -n1 -- bash -c 'flock -x 60; echo x >&60; touch held
		exec sleep 60'
	wait_until '[[ -e held ]]'
	run_split timeout -k 5 20 iq-enqueue -I --raw b
	assert_ran 0 2 ""
	run_split timeout -k 5 20 iq-ctl cancel --kill 1
	assert_status 0
	wait_until '[[ $(iq-list -s cancelled | jq .id) = 1 ]]'
	wait "$work_pid" || :
}

ignored() {
	local mask
	mask=$(sed -n 's/^SigIgn:[[:space:]]*//p')
	printf '%x\n' $((0x$mask & ~0x180000000))
}

@test "it has default signals, none blocked, and no core file" {
	iq-enqueue a
	run_split iq-work -n1 -- sh -c 'cat /proc/self/status; ulimit -c' sh
	assert_status 0
	assert_stdout_like '*SigBlk:	0000000000000000
SigIgn:	*
SigCgt:	0000000000000000
*
0'
	# but for the two that are libc's own for threads
	assert_equal "$(ignored <<<"$output")" "$(ignored </proc/self/status)"
}

@test "it leads a process group of its own" {
	iq-enqueue a
	run_split iq-work -n1 -- sh -c 'test "$(ps -o pgid= -p $$)" -eq $$ && echo own'
	assert_ran 0 own ""
}

@test "a COMMAND that went away: its jobs go back uncharged, and 69" {
	iq-enqueue --raw a b c
	printf '#!/bin/sh\nrm "$0"\n' >once
	chmod +x once
	run_split iq-work -j1 --drain -- ./once
	assert_ran 69 "" "iq-work: execute ./once: No such file or directory: stopping"
	run_split iq-list --json
	run jq -c '[.path,.state,.attempts,.error]' <<<"$output"
	assert_output '["b","pending",0,null]
["c","pending",0,null]'
}

@test "a COMMAND that lost its x bit: its jobs go back uncharged, and 77" {
	iq-enqueue --raw a b
	printf '#!/bin/sh\nchmod -x "$0"\n' >once
	chmod +x once
	run_split iq-work -j1 -- ./once
	assert_ran 77 "" "iq-work: execute ./once: Permission denied: stopping"
	run_split iq-list --json
	assert_json '[.path,.state,.attempts] == ["b","pending",0]'
}

@test "a COMMAND that went away: what runs may end" {
	make_holder hold
	cat >one <<-'END'
	#!/bin/sh
	rm "$0"
	exec ./hold
	END
	chmod +x one
	iq-enqueue --raw a
	start work iq-work -j2 --json -- ./one
	wait_until '[[ -s hold.started ]]'
	iq-enqueue --raw b
	wait_until '[[ -s work.err ]]'
	release_holder hold
	status=0
	wait "$work_pid" || status=$?
	assert_equal "$status" 69
	assert_equal "$(jq -c '[.id,.state]' work.out)" '[1,"succeeded"]'
}

@test "a COMMAND that is being written is tried again" {
	iq-enqueue a
	cp "$(type -P true)" ./busy
	exec {writer}>>busy
	start work bash -c "exec iq-work -n1 --json -- ./busy $writer>&-"
	wait_until '[[ -s work.err ]]'
	exec {writer}>&-
	wait "$work_pid"
	assert_equal "$(head -n 1 work.err)" \
		"iq-work: execute ./busy: Text file busy; trying again in a second"
	assert_equal "$(jq -c '[.state,.attempts]' work.out)" '["succeeded",0]'
}

@test "a job whose arguments are too long is quarantined, the others run" {
	{
		head -c 200000 /dev/zero | tr '\0' x
		printf '\nb\n'
	} | iq-enqueue --raw
	run_split iq-work -j1 --drain -- echo
	assert_status 1
	assert_stdout b
	assert_stderr_like "*/echo: Argument list too long: the path, key or payload of this job is longer than an argument or variable may be
iq-work: 1 succeeded, 1 failed, 0 left (*"
	run_split iq-list --json
	assert_json '[.id,.exit,.state,.reason] == [1,64,"quarantined","connector_error"]'
	assert_json '.error | endswith("than an argument or variable may be\n")'
}

@test "a script without #! is 77" {
	iq-enqueue a
	echo 'exit 0' >script
	chmod +x script
	run_split iq-work -n1 -- ./script
	assert_ran 77 "" "iq-work: execute ./script: not a program, and no script with a #! line: stopping"
	run_split iq-list --json
	assert_json '[.state,.attempts] == ["pending",0]'
}

@test "a script whose interpreter is missing says so" {
	iq-enqueue a
	printf '#!/no/such/interpreter\n' >script
	chmod +x script
	run_split iq-work -n1 -- ./script
	assert_ran 69 "" "iq-work: execute ./script: its interpreter was not found: stopping"
}

@test "descriptors that the shell left open do not reach a handler" {
	iq-enqueue a
	exec {left}>left
	run_split iq-work -n 1 -- bash -c 'ls -l /proc/$$/fd'
	exec {left}>&-
	assert_status 0
	[[ $output != *"$PWD/left"* ]] || iq_differs "it has it" "not"
}
