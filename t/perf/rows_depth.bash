# shellcheck shell=bash
# The row of depth: what a claim costs beside millions of other jobs.

# others STATE SHARE TYPES OPTION ... - so many new jobs of each type
others() {
	local state=$1 type
	make_paths "$2" | sed "s|^|/$state|" >part
	for ((type = 0; type < $3; type++)); do
		iq-enqueue -t "w/$type" "${@:4}" <part
	done
}

# mix NAME N TYPES - a queue with N other jobs: a quarter each has ended, is in
# quarantine, delayed and ready, all of the types that are asked for
mix() {
	local share=$(($2 / 4 / $3))
	IQ_QUEUE=$scratch/$1.db
	new_queue
	others ended "$share" "$3"
	iq-work -t w -c -j1 --drain -- answer
	others given-up "$share" "$3"
	IQ_SET_BREAKER=0 iq-work -t w -c -j1 --drain -- answer 65 2>/dev/null
	others later "$share" "$3" --delay 7d
	others now "$share" "$3"
	(($(sqlite3 "$IQ_QUEUE" "SELECT sum(ready) + sum(delayed) +
		sum(quarantined) + sum(succeeded) FROM lane") ==
		4 * share * $3)) || fail "the mix is another one"
	sqlite3 "$IQ_QUEUE" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
}

# singly NAME TYPES - turns of one job, among all types
singly() {
	local per_s
	IQ_QUEUE=$scratch/$1.db
	others "single/$rep" $((turns / $2)) "$2"
	read -r per_s _ < <(claim "$IQ_QUEUE" w "$turns")
	keep "n.$1" "$per_s"
}

# batched NAME - turns of many jobs of one type: iq's, and bare ones
batched() {
	local per_job
	IQ_QUEUE=$scratch/$1.db
	make_paths $((batches * jobs)) | sed "s|^|/batch/$rep|" >part
	iq-enqueue -t w/0 <part
	per_job=$(claim "$IQ_QUEUE" w/0 "$batches" "$jobs" | sed -n '2s/ .*//p')
	keep "n.batch.$1" "$(rate 1 "$per_job")"
	iq-enqueue -t bare <part
	per_job=$(bareturn "$IQ_QUEUE" bare "$batches" "$jobs")
	keep "n.bare.$1" "$(rate 1 "$per_job")"
	# what iq counts there is wrong now
	sqlite3 "$IQ_QUEUE" "UPDATE lane SET ready = 0 WHERE type =
		(SELECT id FROM type WHERE name = 'bare')"
}

# worked NAME - a worker's memory
worked() {
	IQ_QUEUE=$scratch/$1.db
	timed /dev/null iq-work -t w -c -j2 -n $((jobs * batches)) -- answer
	keep "n.rss.$1" "$(awk -v kib="$rss_kib" \
		'BEGIN { printf "%.1f", kib * 1024 / 1e6 }')"
}

# kept NAME - which part of its rate is left beside many
kept() {
	awk -v many="$(median "$1.many")" -v few="$(median "$1.few")" \
		'BEGIN { printf "%.4g", many / few }'
}

row_n() {
	local turns batches jobs few many types rep beside
	turns=$(scaled 2000 200) batches=$(scaled 100 4) jobs=$(scaled 256 64)
	few=$(scaled 10000 1600) many=$(scaled 5000000 16000)
	beside="beside $(human "$many") other jobs (ended, in quarantine, \
delayed, ready), turns/s; beside $(human "$few")"
	for types in 1 200; do
		mix few "$few" "$types"
		mix many "$many" "$types"
		for ((rep = 0; rep < $(scaled 5 1); rep++)); do
			singly many "$types"
			singly few "$types"
			((types > 1)) || { batched many; batched few; }
		done
		worked many
		compare n "a finish and a claim in one transaction, of $types \
types, $beside" n.many n.few ">= 0.8"
		limit n "the same, iq-work's resident set in MB" n.rss.many \
			"<= 16"
		rm "$data"/n.{many,few,rss.many} "$scratch"/{many,few}.db*
	done
	IQ_QUEUE=$scratch/queue.db
	compare n "$(human "$jobs") jobs in one transaction, jobs/s; a bare \
C loop on the same tables" n.batch.many n.bare.many -
	line n "what such batches keep of their rate beside $(human "$many"); \
what the bare loop keeps" "$(kept n.batch)" "$(kept n.bare)" \
		"$(awk -v a="$(kept n.batch)" -v b="$(kept n.bare)" \
			'BEGIN { printf "%.4g", a / b }')" ">= 0.8"
}
