#!/usr/bin/env bats
# iq-watch: what it prints, and when.

load lib
load watch

setup() {
	iq_setup
	mkdir r
}

# said N - that many NUL-separated paths
said() {
	(($(tr -cd '\0' <w.out | wc -c) == $1))
}

@test "what is there, then what changes, then what goes" {
	echo 1 >r/old
	watching -J --settle 0 --debounce 0 r
	wait_until 'grep -q /r/old w.out'
	mkdir r/d
	# whole, or it may be looked at before there is anything in it
	echo 2 >new
	mv new r/d
	wait_until 'grep -q /r/d/new w.out'
	echo 33 >r/old
	wait_until '[[ $(grep -c /r/old w.out) == 2 ]]'
	rm r/d/new
	wait_until '[[ $(grep -c /r/d/new w.out) == 2 ]]'
	stop w
	output=$(jq -r '"\(.event) \(.path) \(.size_bytes)"' w.out)
	assert_stdout "created $PWD/r/old 2
created $PWD/r/d/new 2
created $PWD/r/old 3
deleted $PWD/r/d/new null"
	assert_status 143
	assert_file_empty w.err
}

@test "a file is printed once, however often it is written to" {
	watching --debounce 300ms r
	for ((i = 0; i < 50; i++)); do
		echo $i >r/a
	done
	wait_until '[[ -s w.out ]]'
	stop w
	assert_equal "$(<w.out)" "$PWD/r/a"
}

@test "a file that is open is printed when it is closed" {
	watching --debounce 0 --settle 1m r
	exec {held}>r/held
	echo 1 >&"$held"
	echo 2 >r/other
	wait_until '[[ -s w.out ]]'
	assert_equal "$(<w.out)" "$PWD/r/other"
	exec {held}>&-
	wait_until '[[ $(wc -l <w.out) == 2 ]]'
	stop w
	assert_equal "$(tail -n 1 w.out)" "$PWD/r/held"
}

@test "a link, and what nobody closes, when it has settled" {
	echo 1 >elsewhere
	watching --debounce 0 --settle 300ms r
	ln elsewhere r/link
	exec {held}>r/held
	echo 1 >&"$held"
	wait_until '[[ $(wc -l <w.out) == 2 ]]'
	exec {held}>&-
	stop w
	assert_equal "$(sort w.out)" "$PWD/r/held
$PWD/r/link"
}

@test "any name is carried exactly" {
	local names=($'new\nline' ' blank ' '"quote' 'back\slash' '%w%0' $'\xff'
		-x @x "$(printf '%255s' '' | tr ' ' n)") name
	watching -0 --debounce 0 r
	for name in "${names[@]}"; do
		echo 1 >"r/$name"
	done
	wait_until "said ${#names[@]}"
	stop w
	printf '%s\0' "${names[@]}" | sed -z "s|^|$PWD/r/|" | sort -z |
		cmp - <(sort -z w.out)
	iq-watch -J --settle 0 --once --name json r >records
	for name in "${names[@]}"; do
		printf '%s' "$PWD/r/$name" | base64 -w0
		echo
	done | sort | cmp - <(jq -r '.path_base64 // (.path | @base64)' \
		records | sort)
}

@test "a directory named like an option" {
	mkdir -- -x @y
	watching --debounce 0 -- -x @y
	echo 1 >./-x/a
	echo 1 >@y/b
	wait_until '[[ $(wc -l <w.out) == 2 ]]'
	stop w
	assert_equal "$(sort w.out)" "$PWD/-x/a
$PWD/@y/b"
}

@test "a newline is said, once, and exits 65" {
	watching --debounce 0 --settle 0 --rescan 200ms --timeout 2s r
	echo 1 >r/$'a\nb'
	ended
	assert_status 65
	assert_stdout ""
	assert_stderr "iq-watch: $PWD/r/a\\nb: its path holds a newline; say -0 or -J"
}

@test "--no-existing: what is made before the first look is printed" {
	mkfifo gate
	stands_in 2 'read -r _ <gate'
	echo 1 >r/old
	start w iq-watch --no-existing --settle 0 --rescan 1h \
		--fallback-interval 1h --deletions off r
	wait_until '(($(started) == 2))'
	echo 1 >r/new
	echo go >gate
	wait_until '[[ -s w.out ]]'
	stop w
	assert_equal "$(sort -u <w.out)" "$PWD/r/new"
}

@test "--no-existing records what is there, and a change of it is printed" {
	echo 1 >r/old
	watching -J --no-existing --debounce 0 r
	echo 1 >r/new
	echo 22 >r/old
	wait_until '[[ $(wc -l <w.out) == 2 ]]'
	stop w
	assert_equal "$(jq -r .event w.out | sort)" "created
modified"
}

@test "--deletions off: what is gone is not printed" {
	watching --debounce 0 --deletions off r
	echo 1 >r/a
	wait_until '[[ -s w.out ]]'
	rm r/a
	echo 1 >r/b
	wait_until '[[ $(wc -l <w.out) == 2 ]]'
	stop w
	assert_equal "$(<w.out)" "$PWD/r/a
$PWD/r/b"
}

@test "--once ends after a batch, --timeout after a time" {
	echo 1 >r/a
	run_split iq-watch --once --settle 0 r
	assert_ran 0 "$PWD/r/a" ""
	run_split iq-watch --timeout 100ms --name other r
	assert_status 0
	assert_stdout ""
}

@test "what was not taken is printed again by the next one" {
	echo 1 >r/a
	iq-watch --once --settle 0 r >/dev/null
	run_split iq-watch --once --settle 0 r
	assert_stdout "$PWD/r/a"
	iq-watch --once --settle 0 r | iq-enqueue
	run_split iq-watch --timeout 500ms --settle 0 r
	assert_ran 0 "" ""
}

@test "two watches of the same: the second is refused" {
	watching r
	run_split iq-watch r
	assert_ran 75 "" "iq-watch: scan $PWD/r: iq-watch with pid $w_pid does \
so now: end it, or use another --name"
	run_split iq-scan --reset r
	assert_ran 75 "" "iq-scan: ${stderr#*: }"
	stop w
}

@test "a type brings its directory, patterns and times" {
	iq-tune set -t notes/work path="$PWD/r" 'include=*.md' debounce=0 \
		>/dev/null
	watching -J -t notes/work
	echo 1 >r/a.md
	echo 1 >r/a.txt
	echo 1 >r/b.md
	wait_until '[[ $(wc -l <w.out) == 2 ]]'
	stop w
	assert_equal "$(jq -r '.type + " " + .path' w.out)" \
		"notes/work $PWD/r/a.md
notes/work $PWD/r/b.md"
	run_split iq-watch -t nothing
	assert_status 78
	run_split iq-watch
	assert_status 64
}

@test "a new time takes effect while it runs" {
	iq-tune set -t notes path="$PWD/r" debounce=1h max_delay=1h >/dev/null
	watching -t notes
	iq-tune set -t notes debounce=1ms >/dev/null
	wait_until 'kill -USR2 "$w_pid"
		tail -n 1 w.err | grep -q "\"debounce_seconds\":0.001"'
	echo 1 >r/a
	wait_until '[[ -s w.out ]]'
	stop w
}

@test "patterns that change are heard of" {
	watching --debounce 0 r
	mkdir r/d
	echo '*.x' >r/d/.iqignore
	echo 1 >r/d/a.x
	echo 1 >r/d/b
	wait_until '[[ -s w.out ]]'
	assert_equal "$(<w.out)" "$PWD/r/d/b"
	rm r/d/.iqignore
	wait_until 'grep -q a.x w.out'
	stop w
}

@test "patterns that come as a link to others are heard of" {
	mkdir r/d
	echo '*.x' >r/.iqignore
	echo '!*.x' >patterns
	echo 1 >r/d/a.x
	echo 1 >r/d/b
	watching --debounce 0 --settle 100ms --rescan 1h r
	wait_until 'grep -qx "$PWD/r/d/b" w.out'
	refute grep -q a.x w.out
	ln patterns r/d/.iqignore
	wait_until 'grep -qx "$PWD/r/d/a.x" w.out'
	stop w
}

@test "HUP looks again, USR1 prints now" {
	watching --debounce 1h --max-delay 1h r
	echo 1 >a
	mv a r/a
	heard_of_it
	kill -USR1 "$w_pid"
	wait_until '[[ -s w.out ]]'
	kill -HUP "$w_pid"
	wait_until 'status_is ".restarts >= 1 and .healthy"' 20
	stop w
}

@test "TERM: what was heard of is printed, and no child is left" {
	watching --debounce 1h --max-delay 1h r
	# whole at once: of one that is written, its making may be heard first
	echo 1 >a
	mv a r/a
	heard_of_it
	stop w
	assert_status 143
	assert_equal "$(<w.out)" "$PWD/r/a"
}

@test "the reader goes: so does it" {
	watching --debounce 0 r > >(head -n 1 >first)
	stop w
	rm -f status
	iq-watch --debounce 0 --status-fd 9 --settle 0 r 9>status | head -n 1 \
		>first &
	wait_until 'status_is .healthy' 20
	echo 1 >r/a
	wait $!
	assert_equal "$(<first)" "$PWD/r/a"
}

@test "--source scan, and no watcher at all" {
	start w iq-watch --source scan --settle 0 --rescan 100ms r
	echo 1 >r/a
	wait_until '[[ -s w.out ]]'
	stop w
	local alone=(env "PATH=$PWD" "$(command -v iq-watch)")
	run_split "${alone[@]}" --source inotifywait r
	assert_ran 69 "" "iq-watch: find inotifywait: it is not in PATH"
	start w "${alone[@]}" --settle 0 --fallback-interval 100ms \
		--rescan 100ms --name b r
	wait_until '[[ -s w.out ]]'
	stop w
	assert_regex "$(<w.err)" "^iq-watch: find (inotifywait|fswatch): it is not in PATH; directories are looked at from time to time$"
}

@test "the counters are in iq-stats" {
	watching -t notes --debounce 0 r
	echo 1 >r/a
	wait_until '[[ -s w.out ]]'
	stop w
	run_split iq-stats -t notes --json
	assert_json '.watch | .events >= 2 and .batches == 1 and .overflows == 0'
}
