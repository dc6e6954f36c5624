#!/usr/bin/env bats
# Keys: what a repeat does.

load lib

job() {
	iq-list --json | jq -c "$1"
}

@test "a repeat of a pending job is merged and answers its id" {
	run_split iq-enqueue -I a a b a
	assert_ran 0 "1
1
2
1" ""
}

@test "a merge takes the higher priority and the newest event" {
	iq-enqueue -J <<<'{"path":"/a","priority":"low","event":"created","payload":1}'
	run_split iq-enqueue -J -I \
		<<<'{"path":"/a","priority":"high","event":"deleted","payload":2}'
	assert_ran 0 1 ""
	run_split job '[.id,.priority,.event,.payload]'
	assert_stdout '[1,2,"deleted",1]'
	iq-enqueue -p batch /a
	run_split job .priority
	assert_stdout 2
}

@test "a merge takes the earlier start" {
	iq-enqueue --delay 1h /a
	iq-enqueue --delay 2h /a
	run_split job '(.run_at | sub("\\.[0-9]+"; "") | fromdate) - now | . < 3601'
	assert_stdout true
	iq-enqueue /a
	run_split job '.run_at'
	assert_stdout null
	run_split iq-list --json -s ready
	assert_json '.id == 1'
}

@test "keys are per type" {
	run_split iq-enqueue -I -t x /a
	run_split iq-enqueue -I -t y /a
	assert_ran 0 2 ""
}

@test "--key stands for the path" {
	iq-enqueue -k K /a
	run_split iq-enqueue -I -k K /b
	assert_ran 0 1 ""
	run_split job '[.path,.key]'
	assert_stdout '["/a","K"]'
}

@test "--key with several operands is 64" {
	run_split iq-enqueue -k K /a /b
	assert_status 64
	assert_stderr_like "iq-enqueue: --key:*"
}

@test "--key with several records is 64 and enqueues none" {
	run_split iq-enqueue -k K --batch-wait 1ms < <(printf '/a\n/b\n')
	assert_status 64
	run_split job .
	assert_stdout ""
}

@test "--on-duplicate replace keeps only the id" {
	iq-enqueue -J <<<'{"path":"/a","priority":1,"payload":1,"event":"created"}'
	run_split iq-enqueue -J -I --on-duplicate replace \
		<<<'{"path":"/a","priority":4,"payload":2}'
	assert_ran 0 1 ""
	run_split job '[.id,.priority,.payload,.event]'
	assert_stdout '[1,4,2,null]'
}

@test "--on-duplicate allow makes another job" {
	run_split iq-enqueue -I --on-duplicate allow /a /a
	assert_ran 0 "1
2" ""
}

@test "--no-key makes another job" {
	run_split iq-enqueue -I --no-key /a /a
	assert_ran 0 "1
2" ""
}

@test "--on-duplicate fail refuses, with 65" {
	run_split iq-enqueue -I --on-duplicate fail /a /a /b
	assert_status 65
	assert_stdout "1
-
2"
	assert_stderr "iq-enqueue: record 2: job 1 has its key already"
}

@test "a path enqueued while its job runs becomes a new job that starts after it" {
	make_holder slow
	iq-enqueue /a
	start w iq-work -n 2 -j 2 -- ./slow {}
	wait_until '[[ -s slow.started ]]'
	run_split iq-enqueue -I /a
	assert_ran 0 2 ""
	run_split iq-list --json -s waiting
	assert_json '.id == 2'
	run_split iq-enqueue -I /a
	assert_stdout 2
	assert_equal "$(cat slow.started)" "1 /a"
	release_holder slow
	wait "$w_pid"
	assert_equal "$(cat slow.started)" "1 /a
2 /a"
}

@test "a repeat after the job has ended is a new job" {
	iq-enqueue /a
	iq-work --drain -- true
	run_split iq-enqueue -I /a
	assert_ran 0 2 ""
}

@test "--unique-for: an ended job of that age answers" {
	run_split iq-enqueue -I -k K --unique-for 1h /a
	assert_ran 0 1 ""
	iq-work --drain -- true
	run_split iq-enqueue -I -k K --unique-for 1h /a
	assert_ran 0 1 ""
	run_split iq-enqueue -I -k K /a
	assert_ran 0 2 ""
}

@test "--unique-for: a job that is about to retry answers" {
	iq-tune set retry_base=1h
	iq-enqueue -k K --unique-for 1h /a
	iq-work -n 1 -- false || :
	run_split iq-enqueue -I -k K --unique-for 1h /a
	assert_ran 0 1 ""
}

@test "--unique-for counts jobs from before it was first used" {
	iq-enqueue -k K /a
	iq-work --drain -- true
	run_split iq-enqueue -I -k K --unique-for 1h /a
	assert_ran 0 1 ""
}

@test "--unique-for: an older job does not count" {
	iq-enqueue -k K /a
	iq-work --drain -- true
	run_split iq-enqueue -I -k K --unique-for 1us /a
	assert_ran 0 2 ""
}

@test "--debounce moves the start with each repeat, --max-delay bounds it" {
	iq-enqueue --debounce 1h /a
	first=$(job .run_at)
	iq-enqueue --debounce 2h /a
	run_split job ".run_at > $first"
	assert_stdout true
	iq-enqueue --debounce 5h --max-delay 30m /a
	run_split job '(.run_at | sub("\\.[0-9]+"; "") | fromdate) - now | . < 1801'
	assert_stdout true
}

@test "--max-delay without --debounce is 64" {
	run_split iq-enqueue --max-delay 1s /a
	assert_status 64
}

@test "a job that is about to retry gives way to a newer one" {
	iq-tune set retry_base=1h
	iq-enqueue /a
	iq-work -n 1 -- false || :
	run_split iq-list --json -s retrying
	assert_json '.id == 1'
	run_split iq-enqueue -I /a
	assert_ran 0 2 ""
	run_split iq-list --json 1
	assert_json '.state == "cancelled" and .reason == "superseded"'
}

@test "a quarantined follower does not let a third job run beside the first" {
	make_holder slow
	iq-enqueue -k K /a
	start w iq-work -n 2 -j 2 -- ./slow {}
	wait_until '[[ -s slow.started ]]'
	iq-enqueue -k K /b
	iq-ctl quarantine 2 >/dev/null
	run_split iq-enqueue -I -k K /c
	assert_ran 0 3 ""
	run_split job .id
	run_split iq-list --json -s waiting
	assert_json '.id == 3'
	run_split iq-list --why 3 --text
	assert_stdout_like '*job 1 of the same key is running*'
	run_split iq-db check --json
	assert_json '.findings == []'
	release_holder slow
	wait "$w_pid"
	assert_equal "$(cat slow.started)" "1 /a
3 /c"
}

@test "a failure is retried when the newer job of its key is in quarantine" {
	iq-tune set retry_base=1h
	iq-enqueue -k K /a
	iq-work -n 1 -- sh -c \
		'iq-enqueue -k K /b; iq-ctl quarantine 2 >/dev/null; exit 75' || :
	run_split iq-list --json 1
	assert_json '.state == "pending" and .attempts == 1'
}

# A job that will be retried, with a newer one of its key in quarantine
retried_before_quarantine() {
	iq-tune set retry_base=1h
	iq-enqueue -k K /a
	iq-work -n 1 -- sh -c \
		'iq-enqueue -k K /b; iq-ctl quarantine 2 >/dev/null; exit 75' || :
}

@test "a retry behind a quarantined job of its key gives way to a newer one" {
	retried_before_quarantine
	run_split iq-enqueue -I -k K /c
	assert_ran 0 3 ""
	run_split iq-list --json 1
	assert_json '.state == "cancelled" and .reason == "superseded"'
	run_split iq-db check
	assert_status 0
}

@test "of a retry and a quarantined job of its key only one is ever pending" {
	retried_before_quarantine
	run_split iq-db check
	assert_status 0
	iq-ctl retry 2 >/dev/null
	run_split job .id
	assert_stdout 1
	run_split iq-list --json 2
	assert_json '.state == "cancelled" and .reason == "superseded"'
}

@test "who waits for a superseded job waits for the one that replaced it" {
	iq-tune set retry_base=1h
	iq-enqueue /p
	iq-enqueue --after 1 --on-parent-failure cancel /child
	iq-work -n 1 -- false || :
	run_split iq-enqueue -I /p
	assert_ran 0 3 ""
	run_split iq-list --json -s waiting
	assert_json '.id == 2'
	iq-work -n 1 -- true
	run_split iq-list --json -s ready
	assert_json '.id == 2'
}

@test "--on-duplicate replace takes the new record's --after, and none of the old" {
	iq-enqueue /p /q
	iq-enqueue --after 1 /c
	run_split iq-enqueue -I --on-duplicate replace --after 2 /c
	assert_ran 0 3 ""
	run_split iq-list --text --why 3
	assert_stdout_like "it waits for job 2, which is pending
no live*"
	iq-enqueue --on-duplicate replace /c
	run_split iq-list --json -s ready
	assert_equal "$(jq .id <<<"$output" | paste -sd' ')" "1 2 3"
	iq-enqueue --on-duplicate replace --delay 1h /c
	run_split iq-list --json -s delayed
	assert_json '.id == 3'
	iq-enqueue --on-duplicate replace --after 1 /c
	run_split iq-list --json -s waiting
	assert_json '.id == 3'
	run_split iq-db check --text
	assert_status 0
}

@test "--on-duplicate replace: a parent that has failed cancels, when asked to" {
	iq-enqueue /p /c
	iq-ctl cancel 1 >/dev/null
	run_split iq-enqueue -I --on-duplicate replace --after 1 \
		--on-parent-failure cancel /c
	assert_ran 0 2 ""
	run_split iq-list --json 2
	assert_json '[.state, .reason] | tojson' '["cancelled","dependency_failure"]'
}

@test "--on-duplicate replace waits on behind a running job of its key" {
	make_holder slow
	iq-enqueue /a
	start w iq-work -n 2 -j 2 -- ./slow {}
	wait_until '[[ -s slow.started ]]'
	iq-enqueue --delay 1h /b
	iq-enqueue --after 2 /a
	iq-enqueue --on-duplicate replace /a
	run_split iq-list --json -s waiting
	assert_json '.id == 3'
	run_split iq-list --text --why 3
	assert_stdout_like "job 1 of the same key is running*"
	release_holder slow
	wait "$w_pid"
	run_split iq-db check --text
	assert_status 0
}

@test "a job that would wait for itself is refused" {
	iq-enqueue /a
	iq-enqueue --after 1 /b
	iq-enqueue --after 2 /c
	run_split iq-enqueue -I --on-duplicate replace --after 3 /a
	assert_ran 65 - "iq-enqueue: record 1: a job that it is to run after waits\
 for job 1, which has its key"
	run_split iq-enqueue --on-duplicate replace --after 1 /a
	assert_status 65
	run_split iq-list --json -s ready
	assert_json '.id == 1'
	# started before: the new one would follow it
	iq-tune set retry_base=1h
	iq-work -n 1 -- false || :
	run_split iq-enqueue --after 3 /a
	assert_status 65
	run_split iq-list --json 1
	assert_json '.state == "pending"'
	run_split iq-enqueue -I --after 1 /a
	assert_ran 0 4 ""
	run_split iq-list --json -s ready
	assert_json '.id == 4'
	run_split iq-db check --text
	assert_status 0
}

@test "who waits for both, the superseded job and the one that replaces it, goes on" {
	make_holder slow
	iq-tune set retry_base=1h
	iq-enqueue /a
	start w iq-work -n 1 -- sh -c './slow; exit 75'
	wait_until '[[ -s slow.started ]]'
	iq-enqueue --after 1 /a
	iq-enqueue --after 1,2 /child
	release_holder slow
	wait "$w_pid" || :
	run_split iq-list --json 1
	assert_json '.reason == "superseded"'
	run_split iq-list --json -s ready
	assert_json '.id == 2'
	iq-work -n 1 -- true
	run_split iq-list --json -s ready
	assert_json '.id == 3'
	run_split iq-db check --text
	assert_status 0
}

@test "--after a superseded job waits for the one that does its work" {
	iq-tune set retry_base=1h
	iq-enqueue /p
	iq-work -n 1 -- false || :
	iq-enqueue /p
	run_split iq-enqueue -I --after 1 --on-parent-failure cancel /child
	assert_ran 0 3 ""
	run_split iq-list --text --why 3
	assert_stdout_like "it waits for job 2, which is pending*"
	iq-work --drain -- true
	run_split iq-enqueue -I --after 1 /another
	run_split iq-list --json -s ready
	assert_json '.id == 4'
}

@test "a merge does not make a ready job younger" {
	iq-enqueue /a
	before=$(job .eligible_at)
	iq-enqueue -p high /a
	run_split job .eligible_at
	assert_stdout "$before"
}

@test "--debounce with --at, --delay or run_at: the later of both holds" {
	local two_hours='.run_at | sub("\\.[0-9]+"; "") | fromdate - now | . > 7100 and . < 7300'
	iq-enqueue --debounce 1h --delay 2h /a
	iq-enqueue --debounce 1h --at +2h /b
	iq-enqueue --debounce 2h --delay 1h /c
	iq-enqueue --debounce 1h -J <<<'{"path":"/d","delay_seconds":7200}'
	iq-enqueue --debounce 1h /e
	iq-enqueue --debounce 1h --max-delay 1m --delay 2h /e
	run_split job "$two_hours"
	assert_stdout "true
true
true
true
true"
}

@test "--unique-for: a longer time looks further back" {
	iq-enqueue -k old /a
	iq-enqueue -k new /a
	iq-work --drain -- true
	# as if the first had been enqueued two hours ago
	sqlite3 queue.db "UPDATE history SET created_at = created_at -
		7200000000000 WHERE job = 1"
	run_split iq-enqueue -I -k new --unique-for 1h /a
	assert_ran 0 2 ""
	run_split iq-enqueue -I -k old --unique-for 3h /a
	assert_ran 0 1 ""
	run_split iq-enqueue -I -k new --unique-for 3h /a
	assert_ran 0 2 ""
	run_split iq-enqueue -I -k old --unique-for 1h /a
	assert_ran 0 3 ""
}

@test "--unique-for: of an ended and a retried job of the key the last enqueued answers" {
	iq-enqueue -k K --unique-for 1h /a
	iq-ctl cancel 1 >/dev/null
	run_split iq-enqueue -I -k K --unique-for 1h /a
	assert_ran 0 1 ""
	iq-ctl retry 1 >/dev/null
	run_split iq-enqueue -I -k K --unique-for 1h --on-duplicate fail /a
	assert_status 65
	iq-work -n 1 -- true
	run_split iq-enqueue -I -k K --unique-for 1h /a
	assert_ran 0 1 ""
	iq-enqueue -k K /a
	iq-work -n 1 -- sh -c 'exit 65' || :
	run_split iq-enqueue -I -k K --unique-for 1h /a
	assert_ran 0 2 ""
}

@test "--unique-for: keys that are too old are forgotten as other jobs end" {
	iq-enqueue -k old --unique-for 1h /a
	iq-work -n 1 -- true
	sqlite3 queue.db "UPDATE seen SET created_at = created_at - 3601000000000"
	iq-enqueue -k new /b
	iq-work -n 1 -- true
	assert_equal "$(sqlite3 queue.db "SELECT key FROM seen")" new
}
