#!/usr/bin/env bats
# iq-top in a real terminal, that of tmux: what it shows, and what its keys do.

load lib

setup() {
	iq_setup
	iq-db init >/dev/null
}

teardown() {
	tm kill-server 2>/dev/null || :
	iq_teardown
}

# Each has a server of its own, which takes a while to go
server=1

tm() {
	tmux -u -S "$IQ_TEST/tmux$server" -f /dev/null "$@"
}

kill_terminal() {
	tm kill-server
	server=$((server + 1))
}

# top_in ENVIRONMENT [ARGUMENT ...] - starts it in 24 lines of 80 columns.  Its
# status comes to be in ./ended, what it says in ./said, and what stty says
# before and after it in ./before and ./after.
top_in() {
	local environment=$1
	shift
	rm -f ended
	tm new-session -d -x 80 -y 24 "
		trap : INT
		echo 'what stood here'; stty -g >before
		env $environment iq-top $* 2>said; s=\$?
		stty -g >after; echo \$s >ended
		exec sleep 99"
}

top_start() {
	top_in "LC_ALL=C.UTF-8" "$@"
	sees '\[types\]'
}

screen() {
	tm capture-pane -p "$@"
}

# press KEY ... - as tmux calls them
press() {
	tm send-keys "$@"
}

sees() {
	wait_until "screen | grep -qE -- '$1'" || {
		screen
		cat said
		return 1
	}
}

sees_not() {
	wait_until "! screen | grep -qE -- '$1'" || {
		screen
		return 1
	}
}

ends_with() {
	wait_until '[[ -s ended ]]' || {
		screen
		return 1
	}
	assert_equal "$(<ended)" "$1"
}

# The terminal is as it was before.
is_restored() {
	assert_equal "$(<after)" "$(<before)"
	screen | grep -q 'what stood here'
	assert_equal "$(tm display -p '#{cursor_flag}')" 1
}

states() {
	iq-list -s ready -s delayed -s running -s quarantined -s cancelled \
		--json "$@" | jq -r '"\(.id) \(.state)"'
}

three_types() {
	iq-enqueue -t notes /data/one /data/two /data/three
	iq-enqueue -t mail /inbox
	iq-enqueue -t bad /b
	run iq-work -t bad --drain --output discard -- \
		sh -c 'echo out of luck >&2; exit 65'
	assert_status 1
}

@test "what it shows is what iq-stats says" {
	three_types
	iq-enqueue -t slow/a /x	# there is no line of slow
	top_start
	COLUMNS=80 iq-stats --text >stats
	screen >top
	run diff <(grep -E '^(queue|permits|depth|outcomes|intake) +[^w]' stats) \
		<(grep -E '^(queue|permits|depth|outcomes|intake) +[^w]' top)
	assert_success
	run diff <(sed -n '/^TYPE/,$p' stats) \
		<(sed -n '/^  TYPE/,/^$/p' top | sed 's/^[> ] //; /^$/d')
	assert_success
	press 4
	sees '^> queue wait'
	run diff <(sed -n '/^queue wait/,/^written/p' stats) \
		<(screen | sed -n 's/^[> ] //p' | sed -n '/^queue wait/,/^written/p')
	assert_success
}

@test "the last column is seen" {
	iq-enqueue --raw a b
	iq-work --drain -- true
	top_start
	sees '^outcomes .*[(]100.0 %[)]$'
}

@test "what changes is seen" {
	top_start
	sees '^  no types'
	iq-enqueue -t notes /x
	sees '^> notes +1 '
	sees '^depth +ready 1 '
}

@test "the jobs are those of iq-list" {
	three_types
	top_start -t notes
	press 2
	sees '^> *1  ready'
	screen | sed -n '/^ *ID /,/^$/s/^[> ] //p' |
		awk '{ print $1, $2, $3, $NF }' >top
	COLUMNS=78 iq-list --text -t notes | awk '{ print $1, $2, $3, $NF }' >list
	run diff list top
	assert_success
}

@test "a type is paused and resumed" {
	three_types
	top_start
	press Down
	press p
	sees 'mail is paused'
	sees 'mail .*paused'
	run_split iq-stats --json
	assert_json '[.types[] | select(.paused).type] | join(" ")' mail
	press r
	sees 'mail is resumed'
	run_split iq-stats --json
	assert_json '[.types[] | select(.paused).type] | length' 0
}

@test "a type that gets nothing is starved" {
	starve
	top_start
	sees 'late .*starved'
	fed
}

@test "everything is paused and resumed" {
	top_start
	press P
	sees "pause everything\? \(y/n\)"
	press y
	sees 'everything is paused'
	sees 'the whole queue is PAUSED'
	press R
	sees_not 'PAUSED'
}

@test "a limit is set, refused and unset" {
	three_types
	top_start
	press l
	sees 'max_workers of bad'
	press 4 Enter
	sees 'bad: max_workers=4'
	assert_equal "$(iq-tune get -t bad max_workers)" 4
	press l x Enter
	sees 'max_workers .x.: not a whole number'
	press l
	sees 'empty: unset'
	press Enter
	sees 'not set here any more'
	run iq-tune get -t bad max_workers
	refute_output 4
}

@test "a job is retried" {
	three_types
	top_start
	press 2 f f f f f
	sees 'state: quarantined'
	sees '^> *5  quarantined'
	press r
	sees '5  quarantined -> pending'
	sees 'no jobs'
	assert_equal "$(states -t bad)" "5 pending"
}

@test "a job is cancelled, when asked twice" {
	three_types
	top_start -t mail
	press 2
	sees '^> *4  ready'
	press c
	sees 'job 4: cancel it\? \(y/n\)'
	press n
	sees_not 'cancel it'
	assert_equal "$(states -t mail)" "4 pending"
	press c
	sees 'job 4: cancel it'
	press y
	sees '4  pending -> cancelled'
	assert_equal "$(states -t mail)" "4 cancelled"
}

@test "a job is put into quarantine, and discarded from it" {
	three_types
	top_start -t mail
	press 2
	sees '^> *4  ready'
	press x
	sees '4  pending -> quarantined'
	sees '^> *4  quarantined'
	press c
	sees 'discard it'
	press y
	sees '4  quarantined -> cancelled'
}

@test "a running job stands first, and is killed" {
	iq-enqueue /a /b /c
	iq-ctl priority high 3 >/dev/null
	make_holder holder
	start work iq-work -j1 -- ./holder {}
	wait_until '[[ -s holder.started ]]'
	top_start
	press 2
	sees '^> *3  running'
	press r
	sees '3  running: it runs'
	press c
	sees 'it runs; kill and cancel it'
	press y
	sees '3  running -> cancelled'
	wait_until '[[ $(iq-list --json 3 | jq -r .state) = cancelled ]]'
	release_holder holder
	stop work
}

@test "a job is explained" {
	three_types
	top_start -t bad
	press 2
	sees '^> *5  quarantined'
	press Enter
	sees 'out of luck'
	sees 'job 5  type bad'
	press q
	sees '^> *5  quarantined'
}

@test "types and jobs are filtered, sorted and selected" {
	three_types
	top_start
	press / a
	sees 'filter: a_'
	press Enter
	sees_not ' notes '
	sees '^> bad'
	press Escape
	sees ' notes '
	press s
	sees 'sort: -ready'
	sees '^> notes|^  TYPE'
	press Home
	sees '^> notes +3'
	press Enter
	sees '^> *1  ready .*one'
	press / t w Enter
	sees '^> *2  ready .*two'
	sees_not '/one'
	press Escape
	sees '/data/one'
	press Escape
	sees '/inbox'
}

@test "it follows the size of the terminal" {
	seq 1 60 | iq-enqueue -t notes
	top_start
	press 2
	sees '^> *1  ready'
	sees '^  10  ready'
	tm resize-window -x 120 -y 40
	sees '^  26  ready'
	tm resize-window -x 40 -y 8
	sees_not '26  ready'
	sees '^> +1  ready'
	assert_equal "$(screen | wc -l)" 8
	tm resize-window -x 3 -y 1
	tm resize-window -x 80 -y 24
	sees '^  10  ready'
	press End
	sees '^> *60  ready'
}

@test "with colours, and without" {
	three_types
	top_in "TERM=screen-256color NO_COLOR="
	sees '\[types\]'
	press 2 f f f f f
	sees '^> *5  quarantined'
	screen -e | grep -q $'\e\\[[0-9;]*31m'
	press q
	ends_with 0
	kill_terminal
	for environment in TERM=vt100 "TERM=screen-256color NO_COLOR=1"; do
		top_in "$environment"
		sees '\[types\]'
		press 2 f f f f f
		sees '^> *5  quarantined'
		run screen -e
		refute_output --regexp $'\e\\[[0-9;]*[34][0-7]m'
		press q
		ends_with 0
		assert_equal "$(<after)" "$(<before)"
		kill_terminal
	done
}

@test "names are escaped, and in another locale have no strange characters" {
	printf 'a\033[31mb\u202ec\377d\u00e9\u4e2d\0' | iq-enqueue --raw -0 -t x
	top_start
	press 2
	sees 'a\\x1b\[31mb\\u202ec\\xffdé中'
	screen | grep -q '▁'
	press q
	ends_with 0
	kill_terminal
	top_in LC_ALL=C
	sees '\[types\]'
	press 2
	sees 'xffd\?\?\?$'
	run -1 env LC_ALL=C grep -P '[^\0-\x7f]' <(screen)
}

@test "it needs a terminal" {
	run_split iq-top
	assert_ran 64 "" "iq-top: needs a terminal for its screen; iq-stats needs none
try 'iq-top --help'"
	run_split script -qec 'iq-top </dev/null' /dev/null
	assert_status 64
	assert_stdout_like '*needs a terminal for its keys*'
}

@test "it needs a terminal that is known" {
	local environment
	for environment in "-u TERM" TERM= TERM=nonesuch TERM=dumb; do
		top_in "$environment"
		ends_with 69
		grep -qE '^iq-top: use the terminal: .*TERM=xterm' said
		kill_terminal
	done
}

@test "wrong options are refused" {
	run_split iq-top -d 1ms
	assert_ran 64 "" "iq-top: --metrics-interval: 50ms at least
try 'iq-top --help'"
	run_split iq-top notes
	assert_status 64
	top_in "" -t nothing
	ends_with 66
	is_restored
	assert_equal "$(<said)" "iq-top: report on nothing: no such type"
	kill_terminal
	top_in "" -q missing.db
	ends_with 66
}

@test "it ends by q and by signals, and leaves the terminal as it was" {
	local signal
	top_start
	press q
	ends_with 0
	is_restored
	assert_equal "$(<said)" ""
	for signal in TERM:143 INT:130 HUP:129; do
		kill_terminal
		top_start
		pkill -"${signal%:*}" -x iq-top -s \
			"$(tm display -p '#{pane_pid}')"
		ends_with "${signal#*:}"
		is_restored
	done
	kill_terminal
	top_start
	press C-c
	ends_with 130
	is_restored
}

@test "it ends while the terminal takes nothing" {
	top_start
	press C-s
	iq-enqueue -t notes /x
	pkill -TERM -x iq-top -s "$(tm display -p '#{pane_pid}')"
	ends_with 143
	is_restored
}

@test "it ends when the terminal goes" {
	local session
	top_start
	session=$(tm display -p '#{pane_pid}')
	pgrep -x iq-top -s "$session"
	kill_terminal
	wait_until "! pgrep -x iq-top -s $session"
}

@test "stopped and gone on with, it keeps no reader" {
	tm new-session -d -x 80 -y 24 'exec bash --norc -i'
	press iq-top Enter
	sees '\[types\]'
	iq-enqueue -t notes /x
	sees '^> notes'
	assert_equal "$(sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)')" \
		"0|0|0"
	press C-z
	sees 'Stopped'
	iq-enqueue -t notes /y
	assert_equal "$(sqlite3 queue.db 'PRAGMA wal_checkpoint(TRUNCATE)')" \
		"0|0|0"
	press fg Enter
	sees '^> notes +2 '
	press q
	sees_not '\[types\]'
}

@test "a queue that takes its place is followed" {
	iq-enqueue -t notes /x
	iq-db backup copy.db
	iq-enqueue -t later /y
	top_start
	sees ' notes '
	run iq-db restore copy.db
	assert_success
	sees_not ' later '
	iq-enqueue -t newer /z
	sees '^  newer'
}
