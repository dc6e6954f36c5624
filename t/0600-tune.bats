#!/usr/bin/env bats
# iq-tune: settings, where they come from, and changing them.

load lib

@test "get prints the bare value, whatever stdout is" {
	iq-tune set retry_base=1m
	run_split iq-tune get retry_base
	assert_ran 0 1m ""
	run_split iq-tune get max_attempts
	assert_ran 0 3 ""
	run script -qec 'iq-tune get retry_base' /dev/null
	assert_output --partial 1m
}

@test "get of what is not set prints nothing and is 1" {
	iq-db init >/dev/null
	run_split iq-tune get workers
	assert_ran 1 "" ""
	run_split iq-tune get --json workers
	assert_ran 1 '{"key":"workers","value":null,"unit":null,"origin":"builtin"}' ""
}

@test "get --json has the value in its unit and where it comes from" {
	iq-tune set -t notes retry_base=1m
	run_split iq-tune get -t notes --json retry_base
	assert_ran 0 '{"key":"retry_base","value":60,"unit":"seconds","origin":"type"}' ""
	run_split iq-tune get --json target_bytes_per_second
	assert_json '[.value, .unit, .origin] | tojson' \
		'[5000000,"bytes/s","builtin"]'
	run_split iq-tune get --json retry_jitter
	assert_json .value 0.2
	run_split iq-tune get --json on_full
	assert_json .value block
}

@test "a value comes from the type, its parents, the queue, or is built in" {
	iq-tune set grace=1s
	iq-tune set -t a grace=2s
	iq-tune set -t a/b/c grace=3s
	local want
	for want in "a/b/c 3s type" "a/b 2s parent" "a/b/x/y 2s parent" \
		"a 2s type" "b 1s global"; do
		# shellcheck disable=SC2086
		set -- $want
		run_split iq-tune get -t "$1" grace
		assert_ran 0 "$2" ""
		run_split iq-tune get --json -t "$1" grace
		assert_json .origin "$3"
	done
}

@test "a profile brings values that are weaker than those of its type" {
	iq-tune set retry_max=9m
	iq-tune set -t mail profile=imap_mailbox retry_base=7s
	run_split iq-tune get --json -t mail retry_max
	assert_json '[.value, .origin] | tojson' '[1800,"profile"]'
	run_split iq-tune get -t mail retry_base
	assert_stdout 7s
	run_split iq-tune get -t mail/inbox max_workers
	assert_stdout 2
}

@test "the environment wins over what is stored" {
	iq-tune set grace=1s
	IQ_SET_GRACE=8s run_split iq-tune get --json grace
	assert_json '[.value, .origin] | tojson' '[8,"environment"]'
	IQ_SET_GRACE=soon run_split iq-tune get grace
	assert_status 78
	assert_stderr_like 'iq-tune: *grace "soon": *'
}

@test "a setting that the environment misspells is refused, by every program" {
	iq-enqueue --raw a
	local program
	for program in "iq-enqueue --raw b" iq-list iq-stats "iq-work --drain true"; do
		# shellcheck disable=SC2086
		IQ_SET_RETRY_BAES=1s run_split $program
		assert_ran 78 "" "${program%% *}: IQ_SET_RETRY_BAES\
 in the environment: there is no such setting; did you mean\
 IQ_SET_RETRY_BASE?"
	done
	IQ_SET_retry_base=1s run_split iq-list
	assert_status 78
	assert_stderr_like '*did you mean IQ_SET_RETRY_BASE?'
	IQ_SET_NONSENSE=1 run_split iq-list
	assert_ran 78 "" "iq-list: IQ_SET_NONSENSE in the environment:\
 there is no such setting"
	IQ_SET_RETRY_BAES='' run_split iq-list
	assert_json .id 1
}

@test "set changes several at once, unset takes them back" {
	run_split iq-tune set -t notes max_workers=2 timeout=5m handler=/bin/true
	assert_ran 0 "" ""
	run_split iq-tune get -t notes timeout
	assert_stdout 5m
	run_split iq-tune unset -t notes max_workers timeout
	assert_ran 0 "" ""
	run_split iq-tune get -t notes timeout
	assert_status 1
	run_split iq-tune get -t notes handler
	assert_stdout /bin/true
}

@test "unset of what is not set says so, and changes nothing" {
	iq-tune set -t notes max_workers=2
	local before
	before=$(iq-log --json | wc -l)
	run_split iq-tune unset -t noets max_workers
	assert_ran 0 "" "iq-tune: unset: no type 'noets' yet; did you mean 'notes'?
iq-tune: unset: max_workers is not set for noets"
	run_split iq-tune unset -t notes grace
	assert_ran 0 "" "iq-tune: unset: grace is not set for notes"
	run_split iq-tune unset grace
	assert_ran 0 "" "iq-tune: unset: grace is not set for the whole queue"
	run_split iq-tune import <<<'{"schema":1,"types":{"mail":{"grace":null}}}'
	assert_ran 0 "" ""
	assert_equal "$(iq-log --json | wc -l)" "$before"
	assert_equal "$(iq-stats | jq -r '.types[].type')" notes
	# and the rest is done
	run_split iq-tune unset -t notes grace max_workers
	assert_ran 0 "" "iq-tune: unset: grace is not set for notes"
	assert_equal "$(iq-log --json --kind setting | tail -n 1 |
		jq -r '.detail[].key')" max_workers
}

@test "set makes the queue, get does not" {
	run_split iq-tune get grace
	assert_status 66
	assert_file_not_exists queue.db
	iq-tune set grace=1s
	assert_file_exists queue.db
}

@test "a bad value is 78 with key, value and range, and nothing changes" {
	iq-tune set grace=1s
	run_split iq-tune set grace=2s max_attempts=0
	assert_ran 78 "" 'iq-tune: max_attempts "0": not a whole number from 1 to 100'
	run_split iq-tune get grace
	assert_stdout 1s
	local word
	for word in grace=soon retry_jitter=2 on_full=maybe handler=rm profile=x \
		max_attempts= lease=0; do
		run_split iq-tune set "$word"
		assert_status 78
		assert_stderr_like "iq-tune: ${word%%=*}*"
	done
	run_split iq-tune set -q none.db grace=soon
	assert_file_not_exists none.db
}

@test "a setting that does not exist is 78, with the nearest" {
	iq-db init >/dev/null
	run_split iq-tune get retry_bsae
	assert_ran 78 "" "iq-tune: no setting 'retry_bsae'; did you mean 'retry_base'?"
	run_split iq-tune set nothing=1
	assert_ran 78 "" "iq-tune: no setting 'nothing'; iq-tune alone lists them"
	run_split iq-tune unset nothing
	assert_status 78
}

@test "words that are no KEY=VALUE, or should be no more than a KEY" {
	iq-db init >/dev/null
	local line
	for line in "grace = 5s" "grace =5s" "=5s" "grace"; do
		# shellcheck disable=SC2086
		run_split iq-tune set $line
		assert_status 64
		assert_stderr_like "iq-tune: set: '*' is not KEY=VALUE; that is one\
 word, without spaces around '='
try *"
	done
	run_split iq-tune set grace= 5s
	assert_ran 78 "" "iq-tune: grace: no value; write KEY=VALUE without spaces,\
 or: unset grace"
	for line in get unset; do
		run_split iq-tune $line grace=5s
		assert_status 64
		assert_stderr_like "iq-tune: $line: takes a KEY, and no value: *"
	done
	run_split iq-tune get grace
	assert_stdout 10s
}

@test "what is for the whole queue cannot be set for a type" {
	run_split iq-tune set -t notes workers=3
	assert_status 78
	assert_stderr_like "iq-tune: set workers for notes: it is for the whole\
 queue*"
}

@test "wrong words are 64" {
	iq-db init >/dev/null
	local line
	for line in "gett grace" "get" "get grace lease" "set" "set grace" \
		"unset" "export x" "export -t notes" "import -t notes" \
		"get -t BAD grace"; do
		# shellcheck disable=SC2086
		run_split iq-tune $line
		assert_status 64
	done
	for line in preset explain advise bench; do
		run_split iq-tune $line
		assert_status 64
		assert_stderr_like "iq-tune: $line: not in this version*"
	done
}

@test "alone: every setting with value, unit, origin and meaning" {
	iq-tune set workers=3
	run_split iq-tune
	assert_status 0
	assert_json '.settings | length' "$(iq-stats | jq '.settings | length')"
	assert_json '.settings[] | select(.key == "workers") |
		[.value, .unit, .origin] | tojson' '[3,null,"global"]'
	assert_json '.settings | all(.help | length > 5)'
	run_split iq-tune -t notes
	assert_json .type notes
	assert_json '[.settings[].key] | index("workers")' null
}

@test "alone, as text: a table, and what types have of their own" {
	iq-tune set -t notes max_workers=2
	COLUMNS=80 run_split iq-tune --text
	assert_status 0
	assert_stdout_like "SETTING *VALUE *FROM *
workers *-  *builtin *
TYPE *SETTING *VALUE
notes  max_workers  2"
	(($(wc -L <<<"$output") <= 80))
}

@test "as text, names and values are whole, and what it is loses its end" {
	local key width
	iq-tune set retry_base=30d max_workers=1000000
	for width in 80 60 40; do
		COLUMNS=$width run_split iq-tune --text
		(($(wc -L <<<"$output") <= width)) || iq_differs "$width" narrow
		[[ $output != *"  ..."* ]]
		for key in transient_max_attempts target_bytes_per_second; do
			assert_stdout_like "*
$key *"
		done
	done
	COLUMNS=80 run_split iq-tune --text
	assert_stdout_like "*jobs that run at once*..."*
	iq-tune set 'handler=["/usr/bin/env","nice","/home/anna/bin/notes"]'
	iq-tune set -t notes 'handler=["/usr/bin/env","nice","/home/x/bin/notes"]'
	COLUMNS=80 run_split iq-tune --text
	assert_stdout_like '*
handler *\["/usr/bin/env","nice","/home/anna/bin/notes"\]  global*
notes  handler *\["/usr/bin/env","nice","/home/x/bin/notes"\]'
	assert_stdout_like "*
retry_base *  30d  * global   delay after*"
}

@test "export and import carry the settings to another queue" {
	iq-tune set workers=4 grace=1.5s
	iq-tune set -t notes 'handler=["/bin/echo","a b","{}"]' profile=obsidian_vault
	iq-tune set -t mail/x max_workers=2
	run_split iq-tune export
	assert_status 0
	assert_json 'tojson' '{"schema":1,"global":{"grace":"1.5s","workers":"4"},"types":{"mail/x":{"max_workers":"2"},"notes":{"handler":"[\"/bin/echo\",\"a b\",\"{}\"]","profile":"obsidian_vault"}}}' ||
		assert_json '.types.notes.handler' '["/bin/echo","a b","{}"]'
	iq-tune export >settings
	run_split iq-tune -q other.db import <settings
	assert_ran 0 "" ""
	run_split iq-tune -q other.db export
	assert_stdout "$(<settings)"
}

@test "an empty queue exports nothing, which imports" {
	iq-db init >/dev/null
	run_split iq-tune export
	assert_ran 0 '{"schema":1,"global":{},"types":{}}' ""
	run_split iq-tune import <<<"$output"
	assert_status 0
}

@test "import takes numbers, arrays and null" {
	iq-tune set lease=90s
	iq-tune import <<-'END'
	{"schema": 1,
	 "global": {"workers": 3, "retry_jitter": 0.5, "lease": null},
	 "types": {"notes": {"handler": ["/bin/echo", "{}"]}}}
	END
	run_split iq-tune get workers
	assert_stdout 3
	run_split iq-tune get retry_jitter
	assert_stdout 0.5
	run_split iq-tune get lease
	assert_stdout 60s
	run_split iq-tune get -t notes handler
	assert_stdout '["/bin/echo","{}"]'
}

@test "import is checked whole before anything changes" {
	iq-tune set grace=1s
	run_split iq-tune import \
		<<<'{"schema":1,"global":{"grace":"2s"},"types":{"a":{"max_attempts":0}}}'
	assert_status 78
	assert_stderr_like 'iq-tune: import: type a: max_attempts "0": *'
	run_split iq-tune get grace
	assert_stdout 1s
	local text
	for text in '' '[]' '{}' '{"schema":2}' '{"schema":1,"more":{}}' \
		'{"schema":1,"global":[]}' '{"schema":1,"types":{"a":1}}' \
		'{"schema":1,"global":{"grace":{}}}' '{"schema":1' \
		'{"schema":1,"global":{"grace":"1s","grace":"2s"}}'; do
		run_split iq-tune import <<<"$text"
		assert_status 65
		assert_stderr_like "iq-tune: import: *"
	done
	run_split iq-tune import <<<'{"schema":1,"global":{"none":1}}'
	assert_status 78
	run_split iq-tune import <<<'{"schema":1,"types":{"BAD":{"grace":"1s"}}}'
	assert_ran 65 "" 'iq-tune: import: type "BAD": each part starts with a-z or 0-9'
	run_split iq-tune import <<<'{"schema":1,"types":{"a":{"workers":2}}}'
	assert_ran 78 "" "iq-tune: import: type a: workers is for the whole queue,\
 not for a type"
	run_split iq-tune get grace
	assert_stdout 1s
}

@test "a change reaches a worker that runs" {
	iq-tune set -t notes max_workers=1
	make_holder hold
	iq-enqueue -t notes /a /b
	start work iq-work -j2 -- ./hold
	wait_until '[[ $(wc -l <hold.started) = 1 ]]'
	iq-tune set -t notes max_workers=2
	wait_until '[[ $(wc -l <hold.started) = 2 ]]'
	release_holder hold
	stop work
}

@test "a change of workers is what the worker says of itself, too" {
	iq-tune set workers=1
	make_holder hold
	iq-enqueue /a /b /c /d
	start work iq-work -- ./hold
	wait_until '[[ $(wc -l <hold.started) = 1 ]]'
	iq-tune set workers=3
	wait_until '[[ $(wc -l <hold.started) = 3 ]]'
	wait_until '[[ $(iq-stats | jq .workers.effective) = 3 ]]'
	run_split iq-list --text --why 4
	assert_stdout_like "*are busy (3 of 3)*"
	iq-tune set workers=2
	wait_until '[[ $(iq-stats | jq .workers.effective) = 2 ]]'
	release_holder hold
	stop work
}
