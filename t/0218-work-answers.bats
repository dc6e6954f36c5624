#!/usr/bin/env bats
# Co-processes: what is an answer, when one is due, and who did not get its job.

load lib

# fates - how each job ended, in the order of their ids
fates() {
	iq-list --json -s pending -s running -s succeeded -s quarantined |
		jq -c '[.id,.state,.attempts,.reason]'
}

# tells N BODY - ./co, in bash: for each line, whose object is in $job, N times
# ten lines of progress in 50 ms, and BODY
tells() {
	cat >co <<-END
	#!/bin/bash
	while IFS= read -r job; do
		for ((i = 0; i < $1; i++)); do
			printf '%s\\n' '{"progress":0.'{0..9}'}'
			read -rt 0.05 <> <(:)
		done
		$2
		echo '{"exit":0}'
	done
	END
	chmod +x co
}

@test "progress is no answer: the timeout of the job goes on" {
	iq-enqueue --raw a
	tells 100
	run_split iq-work -c --format json -n1 --timeout 300ms --json -- ./co
	assert_json '[.reason,.attempts]|tojson' '["timeout",1]'
	assert_json '.duration_seconds >= 0.2' true
}

@test "progress is no answer: a job took all of the time before its answer" {
	iq-enqueue --raw a b
	tells 8
	run_split iq-work -c --format json -j1 -n2 --json -- ./co
	assert_status 0
	assert_equal "$(jq '.duration_seconds >= 0.35' <<<"$output")" \
		$'true\ntrue'
}

@test "progress is no answer: long jobs are not taken ahead for it" {
	make_holder hold
	seq 9 | iq-enqueue --raw
	tells 4 'case $job in "{\"id\":6,"*) ./hold;; esac'
	start work iq-work -c --format json -j1 -- ./co
	wait_until '[[ -s hold.started ]]'
	assert_equal "$(iq-list -s running | jq -c .id)" 6
	release_holder hold
	stop work
}

@test "one that is never answered times out, although others are answered" {
	seq 300 | iq-enqueue --raw
	cat >co <<-'END'
	#!/usr/bin/perl
	$| = 1;
	while (<STDIN>) {
		my ($id) = /"id":(\d+)/;
		if ($id == 50 && !-e "after") {
			open $after, ">>", "after";
			next;
		}
		if ($after) {
			select undef, undef, undef, 0.01;
			syswrite $after, ".";
		}
		print "{\"id\":$id,\"exit\":0}\n";
	}
	END
	chmod +x co
	run_split iq-work -c --format json -j1 --drain --timeout 1s -- ./co
	assert_status 1
	assert_equal "$(iq-list --json 50 | jq -c '[.state,.attempts,.reason]')" \
		'["pending",1,"timeout"]'
	# it had not come to the end of the others
	(($(wc -c <after) < 240))
}

@test "answers in another order: the timeout is that of the oldest job" {
	seq 300 | iq-enqueue --raw
	cat >co <<-'END'
	#!/usr/bin/perl
	$| = 1;
	while (sysread STDIN, $jobs, 65536, length $jobs) {
		for (reverse $jobs =~ /"id":(\d+).*\n/g) {
			select undef, undef, undef, 0.005;
			print "{\"id\":$_,\"exit\":0}\n";
		}
		$jobs =~ s/.*\n//g;
	}
	END
	chmod +x co
	run_split iq-work -c --format json -j1 --drain --timeout 1s -- ./co
	assert_ran 0 "" ""
}

@test "a job that could not be written to it is not charged" {
	seq 100 | iq-enqueue --raw
	run_split iq-work -c -j1 -n2 --grace 200ms --json -- bash -c \
		'read -r p; exec 0<&-; echo 0; exec sleep 60'
	assert_status 0
	assert_equal "$(jq -c '[.id,.state,.attempts]' <<<"$output")" \
		$'[1,"succeeded",0]\n[2,"succeeded",0]'
}

@test "but the one that it was started for is, or it would go on for ever" {
	# more than a pipe takes
	head -c 200000 /dev/zero | tr '\0' x | jq -Rc '{payload: .}' | iq-enqueue -J
	run_split iq-work -c --format json -n1 --grace 200ms --json -- bash -c \
		'exec 0<&-; exec sleep 60'
	assert_status 1
	assert_json '[.id,.outcome,.attempts,.exit]|tojson' '[1,"unknown",1,-15]'
}

@test "what a full pipe keeps from one that does not answer goes back" {
	local pad
	pad=$(printf '%990s' '' | tr ' ' x)
	make_holder hold
	seq -f "%g$pad" 400 | iq-enqueue --raw
	cat >co.py <<-'END'
	import os, sys
	for line in sys.stdin:
	    if line.startswith("200x"):
	        os.system("./hold")
	    print(0, flush=True)
	END
	start work iq-work -c -j1 -- python3 co.py
	wait_until '[[ -s hold.started ]]'
	# what is in the pipe, and what it has read ahead
	wait_until '(($(iq-list -s running | wc -l) < 80))'
	release_holder hold
	wait_until '[[ $(iq-list -s succeeded | wc -l) == 400 ]]'
	stop work
	assert_equal "$(iq-list -s succeeded | jq -s 'map(.attempts) | max')" 0
	iq-db check >/dev/null
}

@test "who does not heed the end of its input, and goes on to print, gets TERM" {
	iq-enqueue --raw a
	run_split timeout -k1 10 iq-work -c --drain --grace 200ms -- bash -c \
		'read -r p; echo 0; while printf .; do read -rt 0.02 <> <(:); done'
	assert_ran 0 "" ""
}
