#!/usr/bin/env bats
# Workers that are killed by a job, or with many in their hands: who is to blame
# ends in quarantine, and nobody else.

load lib

# until_it_lives ARG ... - iq-work, again and again while it is killed; how
# often it was stands in $killed.  The last one, which only takes the job back,
# tells that not all succeeded.
until_it_lives() {
	local status=137
	killed=0
	while ((status == 137 && killed < 20)); do
		run_split iq-work -j1 --drain --grace 0 "$@"
		((status != 137)) || killed=$((killed + 1))
	done
	assert_status 1
	assert_stderr_like "*succeeded, 1 failed, 0 left*"
}

# blamed - what is in quarantine, and of the others how many succeeded, and the
# most that one of these was charged
blamed() {
	iq-list --json -s quarantined | jq -c '[.path,.reason,.crashes,.attempts]'
	iq-list --json -s succeeded | jq -sc \
		'[length, (map(.crashes) | max), (map(.attempts) | max)]'
}

@test "killed five times with 1,024 jobs in hand: nobody is charged" {
	local type
	# answers at once, until it has so many
	cat >co <<-'END'
	#!/usr/bin/perl
	use IO::Select;
	my $in = IO::Select->new(\*STDIN);
	my $jobs = 0;
	$| = 1;
	while (sysread STDIN, my $text, 65536) {
		$jobs += $text =~ tr/\n//;
		kill "KILL", getppid if $jobs >= 1024;
		next if $in->can_read(0.005);
		print "0\n" x $jobs;
		$jobs = 0;
	}
	END
	chmod +x co
	for type in a b c d e; do
		seq 3500 | iq-enqueue -t "$type" --raw
		run_split iq-work -t "$type" -c -j1 -- ./co
		assert_status 137
		run iq-list --json -t "$type" -s running
		assert_equal "${#lines[@]}" 1024
	done
	# the first takes back what the last one had, and runs one by one
	run_split iq-work -t a -c -j1 -n 50 -- "$IQ_BUILD/perf/answer"
	assert_ran 0 "" "iq-work: 1024 jobs were taken back from a worker that is gone"
	run jq -sc 'map(.state) as $s | [($s | unique), length,
		(map(.crashes) | max)]' <(iq-list --json -s pending -s running \
		-s quarantined -s succeeded)
	assert_output '[["pending","succeeded"],17500,0]'
}

@test "a job that kills its worker: a process each" {
	seq 9 | iq-enqueue --raw
	until_it_lives -- sh -c 'test "$1" != 4 || kill -KILL "$PPID"' sh
	run blamed
	assert_output '["4","crash",5,0]
[8,0,0]'
	assert_equal "$killed" 5
}

@test "a job that kills its worker: a batch" {
	seq 9 | iq-enqueue --raw
	until_it_lives -b 9 -- sh -c \
		'case " $* " in *" 4 "*) kill -KILL "$PPID";; esac' sh
	run blamed
	assert_output '["4","crash",5,0]
[8,0,0]'
	# the first time in company
	assert_equal "$killed" 6
}

@test "a job that kills its worker: a co-process" {
	seq 200 | iq-enqueue --raw
	cat >co <<-'END'
	#!/bin/bash
	while read -r path; do
		test "$path" != 150 || kill -KILL "$PPID"
		echo 0
	done
	END
	chmod +x co
	until_it_lives -c -- ./co
	run blamed
	assert_output '["150","crash",5,0]
[199,0,0]'
	assert_equal "$killed" 6
}

@test "whoever takes back a job of another type is not asked about it" {
	iq-tune set -t other crash_limit=1 >/dev/null
	iq-enqueue --raw -t other 1
	iq-enqueue --raw 2
	# shellcheck disable=SC2016
	run_split iq-work -t other --drain -- sh -c 'kill -KILL "$PPID"'
	assert_status 137
	run_split iq-work -t default --drain -- true
	assert_ran 0 "" "iq-work: 1 job was taken back from a worker that is gone"
	output=$(iq-list --json -s quarantined)
	assert_json '.id == 1 and .type == "other"'
}

@test "how long an attempt ran that nobody saw end is not known" {
	iq-enqueue --raw 1 2
	iq-tune set crash_limit=1
	until_it_lives -- sh -c 'test "$1" != 1 || kill -KILL "$PPID"' sh
	run jq -c '[.outcomes.crashed, .duration_seconds.count,
		.wait_seconds.count]' <(iq-stats)
	assert_output '[1,1,2]'
	run jq -c '[.reason, .duration_seconds, .started_at != null]' \
		<(iq-list -s quarantined)
	assert_output '["crash",null,true]'
	run jq -c 'select(.kind == "reap").moves[] | [.exit, .duration_seconds]' \
		<(iq-log)
	assert_output '[null,null]'
	run_split iq-log --text --kind reap
	assert_stdout_like "* running -> quarantined (crash)*"
	refute grep -q exit <<<"$output"
}

@test "nor that of one that was superseded since" {
	iq-enqueue --raw job
	# shellcheck disable=SC2016
	run_split iq-work -n1 -- sh -c 'kill -KILL "$PPID"'
	assert_status 137
	iq-enqueue -t other --raw job
	run_split iq-work -t other --drain -- true
	assert_stderr_like "*1 job was taken back*"
	iq-enqueue --raw job
	run jq -c '[.state, .reason, .duration_seconds, .started_at != null]' \
		<(iq-list --json 1)
	assert_output '["cancelled","superseded",null,true]'
}

@test "a lease that no longer says which jobs it was given" {
	local ids
	for ids in '[]' '[[1' '[[1,2],[1,2],[1,2]]'; do
		rm -rf queue.db*
		iq-enqueue --raw 1 2 3 4
		# shellcheck disable=SC2016
		run_split iq-work -b 3 -j1 -- sh -c 'kill -KILL "$PPID"'
		assert_status 137
		assert_equal "$(sqlite3 queue.db 'SELECT jobs, ids FROM lease')" \
			'3|[[1,3]]'
		sqlite3 queue.db "UPDATE lease SET ids = '$ids'"
		run_split timeout 20 iq-work --drain -- true
		assert_ran 0 "" "iq-work: 3 jobs were taken back from a worker\
 that is gone"
		assert_equal "$(iq-list -s succeeded | wc -l)" 4
		run_split iq-db check --text
		assert_status 0
	done
}
