# shellcheck shell=bash
# The row of telemetry: what a report of a long history costs, and what it costs
# to have recorded it.

# asked NAME ARGUMENT ... - how long that report takes, in ms.  That something is
# in quarantine is no failure; the shell that says so takes a millisecond
asked() {
	# shellcheck disable=SC2016
	timed /dev/null sh -c 'iq-stats "$@"; [ $? -le 2 ]' sh "${@:2}"
	keep "m.$1" "$(awk -v us="$us" 'BEGIN { printf "%.1f", us / 1000 }')"
}

# What a window of days is asked for
long_forms=(json html failures type)

ask_all() {
	local days
	asked text --text
	asked json --json
	asked host --by host
	asked failures --failures
	asked health --health
	asked prometheus --prometheus
	asked html --html
	for days in 30 90; do
		asked "json.$days" --json --since "-${days}d"
		asked "html.$days" --html --since "-${days}d"
		asked "failures.$days" --failures --since "-${days}d"
		asked "type.$days" --by type --since "-${days}d"
	done
}

# Telemetry on and off, in turns: jobs that do nothing, and real ones
recorded() {
	local what jobs
	for what in on off; do
		new_queue
		iq-tune set "telemetry=$what" >/dev/null
		iq-enqueue -0 <paths
		timed /dev/null iq-work -c -j1 --drain -- "$IQ_BUILD/perf/answer"
		keep "m.nothing.$what" "$(rate "$1" "$us")"
		new_queue
		iq-tune set "telemetry=$what" >/dev/null
		iq-enqueue <dumps.list
		timed /dev/null iq-work -j2 --drain -- "$splitter"
		jobs=$(wc -l <dumps.list)
		keep "m.real.$what" "$(rate "$jobs" "$us")"
		rm -f "$SPLIT_SQL_DIR"/*
	done
}

row_m() {
	local n rep form days splitter=$source/contrib/connectors/split-sql
	export SPLIT_SQL_DIR=$scratch/split
	n=$(scaled 5000000 20000)
	new_queue
	lifetime "$IQ_QUEUE" $((n * 92 / 100)) 29d 2h 20 2000 || fail "no past"
	lifetime "$IQ_QUEUE" $((n * 8 / 100)) 2h 0 20 200 || fail "no present"
	for ((rep = 0; rep < $(scaled 20 1); rep++)); do
		ask_all
	done
	[[ $(iq-stats --prometheus | awk '/^iq_enqueued_total/ { n += $2 }
		END { print n }') == "$n" ]] || fail "iq-stats does not know all"
	for form in text json host failures health prometheus html; do
		limit m "$(human "$n") jobs in the history, \
$(human "$((n * 8 / 100))") of them in the last two hours: \`iq-stats\`, $form, ms" \
			"m.$form" "<= 50"
	done
	for days in 30 90; do
		for form in "${long_forms[@]}"; do
			limit m "the same, $form, --since -${days}d, ms" \
				"m.$form.$days" "<= 50"
		done
	done
	n=$(scaled 100000 2000)
	make_paths "$n" | tr '\n' '\0' >paths
	make_dumps "$(scaled 400 10)" "$scratch/dumps"
	find "$scratch/dumps" -type f >dumps.list
	mkdir "$SPLIT_SQL_DIR"
	for ((rep = 0; rep < $(scaled 10 1); rep++)); do
		recorded "$n"
	done
	compare m "$(human "$n") jobs that do nothing, a co-process, jobs/s; \
with telemetry=off" m.nothing.on m.nothing.off ">= 0.9"
	compare m "SQL dumps, a process each, jobs/s; with telemetry=off" \
		m.real.on m.real.off ">= 0.99"
	rm -r "$scratch/dumps" "$SPLIT_SQL_DIR"
}
