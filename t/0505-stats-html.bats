#!/usr/bin/env bats
# iq-stats --html: one page, its numbers, and what a browser makes of it.

load lib

setup() {
	iq_setup
	PATH=$IQ_BUILD/chaos:$PATH
}

some_jobs() {
	head -c 1000 /dev/zero >file
	iq-enqueue -t notes file /b /c
	iq-enqueue -t mail/work --raw --delay 1h x
	iq-tune set retry_base=1h
	iq-tune set -t notes max_workers=4 max_queue=3 rate_limit=100/1s
	iq-work -t notes -j1 --drain -- sh -c '
		case $1 in
		/b) printf "<b>\"&amp;\\033[31m</script><!--" >&2; exit 65 ;;
		/c) exit 75 ;;
		esac' sh 2>/dev/null || :
	iq-ctl pause -t mail --reason '</script><script>alert(1)</script>' >/dev/null
}

# page [ARGUMENT ...] - the page, and in $output the report that is in it
page() {
	iq-stats --html "$@" >page.html
	iq-stats --json --failures "$@" >failures.json
	run_split python3 "$IQ_SOURCE/t/page.py" page.html failures.json
	assert_status 0
	assert_stderr ""
}

@test "a page that is well-formed, loads nothing, and has the report's numbers" {
	make_holder hold
	some_jobs
	iq-enqueue -t web --raw w
	start work iq-work -t web -- ./hold
	wait_until '[[ -s hold.started ]]'
	page
	iq_python jsonschema "$IQ_SOURCE/t/schema.py" \
		"$IQ_SOURCE/share/iq-stats.schema.json" <<<"$output"
	release_holder hold
	stop work
	grep -q 'data-is="workers.processes.0.running"' page.html
	grep -q 'data-is="failures.1.count"' page.html
	grep -qF '&lt;b&gt;&quot;&amp;amp;\x1b[31m&lt;/script&gt;&lt;!--' page.html
	grep -q '<span class="warn">paused</span>' page.html
	grep -q '<td class="l">max_workers<td>4<td class="l">type<td>0 running' \
		page.html
	grep -q '<td class="l">max_queue<td>3<td class="l">type<td>1 pending' \
		page.html
	grep -q '<td class="l">rate_limit<td>100/1s' page.html
}

@test "who is starved" {
	starve
	page
	assert grep -q '^<tr><td class="l t">late.*<span class="warn">starved' \
		page.html
	fed
}

@test "no row for a type that is only the parent of others" {
	iq-enqueue -t slow/a /x
	iq-enqueue -t slow/b /y
	page
	run sed -n 's/^<tr><td class="l t">\([^<]*\).*/\1/p' page.html
	assert_output $'slow/a\nslow/b'
	iq-ctl pause -t slow >/dev/null
	page
	run sed -n 's/^<tr><td class="l t">\([^<]*\).*/\1/p' page.html
	assert_output $'slow\nslow/a\nslow/b'
}

@test "its numbers are those of the JSON" {
	some_jobs
	local change='del(.sampled_at, .window_seconds, .system, .failures, .health,
		(.throughput, .types[].throughput).jobs_per_second,
		(.throughput, .types[].throughput).files_per_second,
		(.throughput, .types[].throughput).bytes_per_second,
		(.depth, .types[].depth).oldest_ready_seconds)'
	page
	assert_equal "$(jq -Sc "$change" <<<"$output")" \
		"$(iq-stats --json | jq -Sc "$change")"
	page -t notes
	assert_equal "$(jq -Sc "$change" <<<"$output")" \
		"$(iq-stats --json -t notes | jq -Sc "$change")"
}

@test "what is wrong stands at its top: health, settings, watches" {
	mkdir 'a<1>' r2
	start w iq-watch 'a<1>' r2
	wait_until 'stats_say .watch.healthy' 20
	page
	assert_json '.health | [.status, .exit, .problems] | tojson' '["OK",0,[]]'
	assert grep -q '^<p class="good">Health: <span [^>]*>OK</span>' page.html
	assert grep -q '^<tr><td class="l good">healthy<td .*/a&lt;1&gt;</span>' \
		page.html
	kill -KILL "$w_pid"
	wait "$w_pid" || :
	iq-tune set -t notes max_queue=2 batch_files=9
	iq-enqueue -t notes --raw a b
	page
	assert_json '.health | [.status, .problems[].cause] | tojson' \
		'["CRITICAL","dead_watcher","full"]'
	assert_json '.settings_warnings | length' 1
	iq_python jsonschema "$IQ_SOURCE/t/schema.py" \
		"$IQ_SOURCE/share/iq-stats.schema.json" <<<"$output"
	assert grep -q '^<tr><td class="l bad">dead' page.html
	run sed -n '/<body>/,/^<dl>/s/<[^>]*>//gp' page.html
	[[ $output = *'Health: CRITICAL
CRITICAL the watcher of '*'/a&lt;1&gt; and 1 more ('*') is dead'*'
WARNING type notes has reached max_queue, 2: '*'
setting batch_files 9 of notes is above max_queue 2: '* ]]
}

# series COLUMN - what the table of numbers has there, added up
series() {
	sed -n '/id="series"/,/<\/table>/p' page.html | grep '^<tr><td' |
		awk -F'<td[^>]*>' -v c="$(($1 + 1))" '{ n += $c } END { print n }'
}

@test "what happened over time adds up, whatever the length of the window" {
	some_jobs
	past queue.db 50m old 4
	past queue.db 7h old 6
	past queue.db 40d old 8
	local want since
	for since in -1h -8h -60d; do
		page --since "$since"
		want=$(jq -r '[.intake.enqueued, .outcomes.succeeded,
			.outcomes.failed] | @tsv' <<<"$output")
		assert_equal "$(series 2)"$'\t'"$(series 3)"$'\t'"$(series 4)" \
			"$want"
		(($(grep -c '^<tr><td class="l">20' page.html) <= 181))
	done
	((${want%%$'\t'*} > 15))
}

@test "an empty queue, and a name that is no UTF-8" {
	iq-db init -q $'a<b>\xff.db' >/dev/null
	page -q $'a<b>\xff.db'
	grep -qF 'a&lt;b&gt;\xff.db</h1>' page.html
}

@test "--html goes alone" {
	local option
	iq-db init >/dev/null
	for option in --json --text --health --prometheus --failures --by=host; do
		run_split iq-stats --html "$option"
		assert_status 64
		assert_stdout ""
	done
	run_split iq-stats --html -t nothing
	assert_ran 66 "" "iq-stats: report on nothing: no such type"
}

# browse PAGE [OPTION ...] - what becomes of the page, and each URL that it asks
# for in ./urls (the browser asks for some of its own)
browse() {
	command -v chromium >/dev/null || skip "no chromium"
	local file=$1 user=()
	shift
	((EUID != 0)) || user=(--no-sandbox)
	run_split chromium --headless=new "${user[@]}" --disable-gpu \
		--disable-background-networking --disable-component-update \
		--no-first-run --no-default-browser-check --disable-sync \
		--hide-scrollbars --host-resolver-rules='MAP * ~NOTFOUND' \
		--user-data-dir="$PWD/chromium" --log-net-log="$PWD/net.json" \
		"$@" --dump-dom "file://$PWD/$file"
	assert_status 0
	jq -r '.events[].params | objects |
		select(.url and .initiator and .initiator != "not an origin").url' \
		net.json | sort -u >urls
}

@test "Chromium asks nobody for anything" {
	some_jobs
	iq-stats --html >page.html
	browse page.html
	assert_stdout_like '*<h2>Types</h2>*</html>'
	run cat urls
	assert_output ""
	# it would be seen
	echo '<img src="http://127.0.0.1:9/picture">' >other.html
	browse other.html
	run cat urls
	assert_output http://127.0.0.1:9/picture
}

# framed WIDTH EXPRESSION [OPTION ...] - what that is of the document d, the page
# in a window as wide as that
framed() {
	local width=$1 expression=$2
	shift 2
	jq -Rsr --arg width "$width" --arg what "$expression" '"<iframe id=f style=\"border:0;width:" +
		$width + "px\" srcdoc=\"" + @html + "\"></iframe><script>
		onload = () => { const d = f.contentDocument;
		document.body.textContent = \"so: \" + (" + $what +
		"); }</script>"' \
		page.html >frame.html
	browse frame.html "$@"
	sed -n 's/.*so: \([^<]*\).*/\1/p' <<<"$output"
}

@test "the page fits a phone, and is dark where that is wanted" {
	command -v chromium >/dev/null || skip "no chromium"
	some_jobs
	iq-stats --html >page.html
	local looks='d.documentElement.scrollWidth + " " +
		getComputedStyle(d.body).backgroundColor'
	run framed 360 "$looks" --blink-settings=preferredColorScheme=1
	assert_output "360 rgb(246, 246, 244)"
	run framed 360 "$looks" --blink-settings=preferredColorScheme=0
	assert_output "360 rgb(21, 23, 26)"
}

@test "no state is cut, in a window of 1000 and on a phone" {
	command -v chromium >/dev/null || skip "no chromium"
	local type=work/notes.of.a.long.name/2026 width
	iq-tune set -t "$type" breaker=1 max_attempts=1 max_queue=1
	iq-enqueue -t "$type" --raw a
	iq-work -j1 --drain -- sh -c 'exit 69' 2>/dev/null || :
	iq-enqueue -t "$type" --raw b
	iq-ctl pause -t "$type" >/dev/null
	mkdir r
	iq-watch --timeout 100ms r
	start watch iq-watch r
	start work iq-work -- true
	wait_until 'stats_say ".watch.healthy and .workers.effective > 0"' 20
	iq-stats --html >page.html
	stop work
	stop watch
	assert grep -q '>paused<.*>breaker open<.*>full<' page.html
	# how many columns are, and the width that they need
	for width in 1000 360; do
		run framed "$width" '(v => v.length + " " + (Math.max(...v) <=
			f.clientWidth))([...d.querySelectorAll("th")].filter(
			h => h.textContent == "State").map(
			h => h.getBoundingClientRect().right))'
		assert_output "3 true"
	done
}
