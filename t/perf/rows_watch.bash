# shellcheck shell=bash
# The row of watches: iq-watch beside inotifywait alone.

# watch_with NAME DIR - in the background: paths into NAME.out, and ready.  With
# --debounce 0 a young file may be printed twice.
watch_with() {
	local -A command=(
		[iq]="exec iq-watch -0 --debounce 0 --no-existing \
			--deletions off --status-fd 2 --max-pending 1000000 \$0"
		[other]="exec inotifywait -m -r -e close_write,moved_to,create \
			--no-newline --format '%w%f%0' \$0"
	)
	local -A ready=([iq]='"healthy":true' [other]='Watches established')
	new_queue
	: >"$1.err"
	started_us=$(now_us)
	bash -c "${command[$1]}" "$2" >"$1.out" 2>"$1.err" &
	started[$1]=$!
	until_true 60 "grep -q '${ready[$1]}' $1.err"
	keep "l.$1.setup" "$(($(now_us) - started_us))"
	keep "l.$1.rss" "$(awk '/VmHWM/ { printf "%.1f", $2 * 1024 / 1e6 }' \
		"/proc/${started[$1]}/status")"
}

# all_heard NAME N - that many paths, each at least once
all_heard() {
	(($(tr -cd '\0' <"$1.out" | wc -c) >= $2)) &&
		(($(sort -zu "$1.out" | tr -cd '\0' | wc -c) >= $2))
}

# hear_all NAME N - of that many files that are made as fast as it goes
hear_all() {
	local from
	rm -rf burst && mkdir burst
	watch_with "$1" burst
	from=$(now_us)
	burst flat burst "$2"
	until_true 120 "all_heard $1 $2"
	keep "l.$1.drain" "$(($(now_us) - from))"
	end "$1"
}

# latency_of NAME COMMAND ...
latency_of() {
	local p50 p99
	rm -rf one heard.fifo && mkdir one && mkfifo heard.fifo
	new_queue
	"${@:2}" one >heard.fifo 2>/dev/null &
	started[$1]=$!
	read -r p50 p99 < <(heard -n "$(scaled 1000 20)" one <heard.fifo)
	end "$1"
	[[ $p99 ]] || fail "$1 was not heard"
	keep "l.$1.p50" "$p50"
	keep "l.$1.p99" "$p99"
}

row_l() {
	local n rep name
	n=$(scaled 100000 2000)
	PATH=$IQ_BUILD/chaos:$PATH
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		for name in iq other; do
			hear_all "$name" "$n"
		done
		latency_of iq iq-watch --debounce 0 --deletions off
		latency_of other inotifywait -m -r -e close_write --format %w%f
	done
	rm -rf burst one
	# shellcheck disable=SC2154
	rm -f "$data"/l.*.setup "$data"/l.*.rss
	for ((rep = 0; rep < $(scaled 20000 100); rep++)); do
		echo "many/$((rep / 100))/$rep"
	done | xargs mkdir -p
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		for name in iq other; do
			watch_with "$name" many
			end "$name"
		done
	done
	rm -rf many
	compare l "$(human "$n") files made at once, \`iq-watch --debounce 0\`, \
us until the last is printed; \`inotifywait -m -r\`" l.iq.drain \
		l.other.drain "<= 2"
	compare l "from when a file was closed until it is printed, P50 in us; \
\`inotifywait\`" l.iq.p50 l.other.p50 -
	keep l.more.p50 "$(($(median l.iq.p50) - $(median l.other.p50)))"
	limit l "the same, how much more" l.more.p50 "<= 1000"
	compare l "the same, P99 in us" l.iq.p99 l.other.p99 -
	keep l.more.p99 "$(($(median l.iq.p99) - $(median l.other.p99)))"
	limit l "the same, how much more" l.more.p99 "<= 5000"
	compare l "us until $(human "$(scaled 20000 100)") directories are \
watched, and looked at; \`inotifywait\`" l.iq.setup l.other.setup "<= 2"
	compare l "resident set then, in MB" l.iq.rss l.other.rss "<= 2"
	row_debounce
}

row_debounce() {
	local n rep cpu
	n=$(scaled 100000 1000)
	seq "$n" | sed 's|^|/srv/a/path/of/some/length/|' >some
	for ((rep = 0; rep < 10; rep++)); do
		cat some
	done >lines
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		read -r _ _ _ cpu _ < <(spawn -i iq-debounce -w 1h -n 1000000 \
			<lines)
		keep l.debounce "$cpu"
	done
	rm some lines
	limit l "$(human $((10 * n))) lines of which nine of ten are repeats, \
\`iq-debounce\`, CPU time in us" l.debounce "<= 1500000"
}
