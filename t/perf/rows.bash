# shellcheck shell=bash
# The rows.  Each takes its samples in turns with those of the others, checks
# that the work was done, and adds lines to the table.

# scaled FULL QUICK - the one that this run wants
scaled() {
	echo "$((quick ? $2 : $1))"
}

# timed INPUT COMMAND ... - $us and $rss_kib of one run of it
timed() {
	local input=$1 line
	shift
	# what was written before is no part of it
	sync
	line=$(spawn -i "$@" <"$input") || fail "$1 failed"
	read -r us _ _ _ rss_kib <<<"$line"
}

rows_of() {
	sqlite3 "$IQ_QUEUE" 'SELECT count(*) FROM job'
}

# ---- a: bulk ----

# start_beanstalkd PORT - with a binlog of its own
start_beanstalkd() {
	mkdir binlog
	begin beanstalkd beanstalkd -l 127.0.0.1 -p "$1" -b binlog -f50
	until_true 10 ": 2>/dev/null >/dev/tcp/127.0.0.1/$1"
}

end_beanstalkd() {
	end beanstalkd
	rm -r binlog
}

put_into_beanstalkd() {
	local port=$((20000 + RANDOM % 10000))
	start_beanstalkd "$port"
	timed paths beanput "$port"
	end_beanstalkd
}

row_a() {
	local n rep
	n=$(scaled 1000000 30000)
	make_paths "$n" | tr '\n' '\0' >paths
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		new_queue
		timed paths iq-enqueue -0
		(($(rows_of) == n)) || fail "iq-enqueue lost some"
		keep a.iq "$(rate "$n" "$us")"
		keep a.rss "$(awk -v kib="$rss_kib" \
			'BEGIN { printf "%.1f", kib * 1024 / 1e6 }')"
		new_queue
		timed paths bare "$IQ_QUEUE"
		(($(rows_of) == n)) || fail "bare lost some"
		keep a.bare "$(rate "$n" "$us")"
		put_into_beanstalkd
		keep a.beanstalkd "$(rate "$n" "$us")"
	done
	compare a "$(human "$n") paths by \`iq-enqueue -0\`, paths/s; \
a bare C loop into the same tables" a.iq a.bare ">= 0.8"
	compare a "the same; beanstalkd -b -f50, puts pipelined" \
		a.iq a.beanstalkd ">= 1.5"
	limit a "the same, resident set in MB" a.rss "<= 20"
}

# ---- b: many writers ----

# shells NAME N CODE - 32 shells that run CODE ($1 the shell, $i the record)
# N times each; a failure is a line in errors.NAME
shells() {
	local since shell pids=()
	since=$(now_us)
	for ((shell = 1; shell <= 32; shell++)); do
		sh -c "i=0; while [ \$i -lt $2 ]; do i=\$((i + 1)); $3 ||
			echo failed >>errors.$1; done" sh "$shell" &
		pids+=($!)
	done
	wait "${pids[@]}"
	keep "$1" "$(rate $((32 * $2)) $(($(now_us) - since)))"
}

row_b_shells() {
	local n rep
	n=$(scaled 25 3)
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		new_queue
		shells b.iq "$n" 'iq-enqueue "/srv/in/$1/$i"'
		(($(rows_of) == 32 * n)) || fail "iq-enqueue lost some"
		rm -f home-made.db*
		sqlite3 home-made.db "PRAGMA journal_mode=WAL; $home_made" \
			>/dev/null
		shells b.sqlite3 "$n" "sqlite3 -cmd '.timeout 60000' \
			home-made.db \"INSERT INTO queue(path) \
			VALUES('/srv/in/\$1/\$i')\""
	done
	[[ ! -e errors.b.sqlite3 ]] || fail "sqlite3 lost some"
	cat errors.b.iq 2>/dev/null | wc -l >"$data/b.errors"
	compare b "32 shells, \`iq-enqueue PATH\` for each record, records/s; \
\`sqlite3\` with a busy timeout, WAL" b.iq b.sqlite3 ">= 1.5"
	limit b "the same, errors" b.errors "<= 0"
}

row_b() {
	local n rep per_s worst _
	row_b_shells
	n=$(scaled 300 10)
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		new_queue
		read -r per_s _ _ worst < <(feed -n "$n" iq-enqueue \
			--batch 1 --ack)
		(($(rows_of) == 32 * n)) || fail "iq-enqueue lost some"
		keep b.feed "$per_s"
		keep b.feed.worst "$worst"
		rm -f home-made.db*
		read -r per_s _ _ worst < <(commits -n "$n" home-made.db)
		keep b.commits "$per_s"
		keep b.commits.worst "$worst"
		rm -f home-made.db*
		commits -i home-made.db </dev/null
		read -r per_s _ < <(feed -n "$n" commits -i home-made.db)
		keep b.fed "$per_s"
	done
	compare b "32 lasting \`iq-enqueue --batch 1 --ack\`, durable \
commits/s; 32 connections, synchronous=FULL and a busy timeout" \
		b.feed b.commits ">= 3"
	compare b "the same; these get a record at a time as well" \
		b.feed b.fed -
	compare b "the same, worst acknowledgement in us" \
		b.feed.worst b.commits.worst "<= 0.1"
}

# ---- c: one enqueue, one process ----

# The least that somebody would make for himself
home_made='CREATE TABLE queue(id INTEGER PRIMARY KEY, path TEXT NOT NULL
	UNIQUE, state INTEGER NOT NULL DEFAULT 0)'

# each_of PAUSE NAMES ... -- COMMAND ... : COMMAND ... - the medians of their
# runs.  PAUSE in us between the runs, which the commands then take in turns;
# 0: each has all its runs in a row, as in a loop of the shell.
each_of() {
	local pause=$1 names=() name line
	shift
	while [[ $1 != -- ]]; do
		names+=("$1")
		shift
	done
	shift
	if ((pause)); then
		spawn -n "$(scaled 100 5)" -p "$pause" "$@"
	else
		in_a_row "$@"
	fi >each || fail "spawn failed"
	for name in "${names[@]}"; do
		read -r line
		keep "$name" "${line%% *}"
	done <each
}

in_a_row() {
	local command=() arg
	for arg in "$@" :; do
		if [[ $arg != : ]]; then
			command+=("$arg")
			continue
		fi
		spawn -n "$(scaled 200 5)" "${command[@]}" || return
		command=()
		sleep 0.1
	done
}

# hold_open - a worker with nothing to do on our queue, somebody who sleeps on
# the home-made one, and a job that runs for ever in tsp's
hold_open() {
	new_queue
	begin worker iq-work -t other -j1 -- /bin/true
	rm -f home-made.db*
	sqlite3 home-made.db "PRAGMA journal_mode=WAL; $home_made" >/dev/null
	mkfifo silence
	begin sqlite3 sqlite3 -cmd 'SELECT count(*) FROM queue' home-made.db \
		silence
	tsp -S 1 >/dev/null
	tsp sleep 100000 >/dev/null
	until_true 10 '[[ -e home-made.db-shm ]]'
	until_true 10 "iq-stats --json | jq -e '.workers.processes | length == 1' \
		>/dev/null"
}

let_go() {
	end_tsp
	end worker
	end sqlite3
	rm silence
}

# row_c_held PAUSE PREFIX
row_c_held() {
	hold_open
	mkdir -p "$NQDIR"
	each_of "$1" "$2".{default,shared,tsp,nq,sqlite3,true} -- \
		"$static/iq-enqueue" "/srv/in/d{}" : \
		"$shared/iq-enqueue" "/srv/in/h{}" : \
		tsp true "/srv/in/{}" : nq true "/srv/in/{}" : \
		sqlite3 -cmd '.timeout 60000' home-made.db \
		"INSERT INTO queue(path) VALUES('/srv/in/{}')" : true
	nq -w
	rm -r "$NQDIR"
	let_go
}

row_c_alone() {
	new_queue
	rm -f home-made.db* simple.db*
	sqlite3 home-made.db "PRAGMA journal_mode=WAL; $home_made" >/dev/null
	sqlite3 simple.db "$home_made"
	each_of 0 c.alone c.alone.wal c.alone.delete -- \
		"$static/iq-enqueue" "/srv/in/s{}" : \
		sqlite3 home-made.db \
		"INSERT INTO queue(path) VALUES('/srv/in/{}')" : \
		sqlite3 simple.db \
		"INSERT INTO queue(path) VALUES('/srv/in/{}')"
}

row_c() {
	local rep
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		row_c_held 0 c
		row_c_held 3000 c.cold
		row_c_alone
	done
	compare c "one enqueue, process start to durable exit, us, called in \
a row; a worker holds the queue open; tsp (not durable)" \
		c.default c.tsp "<= 1.9"
	compare c "the same; nq (not durable)" c.default c.nq "<= 0.9"
	compare c "the same; sqlite3 INSERT, held open as well" \
		c.default c.sqlite3 -
	compare c "the same; \`true\`, which does nothing" c.default c.true -
	compare c "the same, all libraries shared (STATIC=0); nq" \
		c.shared c.nq -
	compare c "one enqueue after 3 ms of silence; tsp" \
		c.cold.default c.cold.tsp -
	compare c "the same; nq" c.cold.default c.cold.nq -
	compare c "nobody else has the queue open; \`sqlite3 q.db INSERT\` \
(rollback journal, as made)" c.alone c.alone.delete "<= 0.9"
	compare c "the same; sqlite3 INSERT, WAL" c.alone c.alone.wal "<= 0.9"
}

# ---- d: a process per job ----

drain() {
	new_queue
	iq-enqueue <"$1"
	timed /dev/null iq-work --drain -j2 -- /bin/true
}

# both NAME LIST - enqueued and run by iq
both() {
	local since
	new_queue
	since=$(now_us)
	iq-enqueue <"$2"
	iq-work --drain -j2 -- /bin/true || fail "iq-work failed"
	keep "$1" "$(rate "$(wc -l <"$2")" $(($(now_us) - since)))"
}

spool_tsp() {
	local since path
	tsp -S 2
	since=$(now_us)
	while read -r path; do
		tsp -n /bin/true "$path" >/dev/null
	done <"$1"
	until_true 100 '! tsp | grep -qE "^[0-9]+ +(queued|running)"'
	keep d.tsp "$(rate "$(wc -l <"$1")" $(($(now_us) - since)))"
	end_tsp
}

spool_nq() {
	local since path
	mkdir -p "$NQDIR"
	since=$(now_us)
	while read -r path; do
		nq -q /bin/true "$path"
	done <"$1"
	nq -w
	keep d.nq "$(rate "$(wc -l <"$1")" $(($(now_us) - since)))"
	rm -r "$NQDIR"
}

row_d() {
	local n rep
	n=$(scaled 5000 200)
	make_paths "$n" >list
	head -n $((n / 10)) list >short
	for ((rep = 0; rep < $(scaled 7 1); rep++)); do
		drain list
		keep d.iq "$(rate "$n" "$us")"
		timed list xargs -P2 -n1 /bin/true
		keep d.xargs "$(rate "$n" "$us")"
	done
	for ((rep = 0; rep < $(scaled 3 1); rep++)); do
		both d.both short
		timed short parallel --will-cite -j2 /bin/true
		keep d.parallel "$(rate $((n / 10)) "$us")"
		spool_tsp short
		spool_nq short
	done
	compare d "\`iq-work --drain -j2 -- /bin/true\`, $(human "$n") jobs, \
jobs/s; \`xargs -P2 -n1 /bin/true\`" d.iq d.xargs ">= 1.15"
	compare d "$(human $((n / 10))) jobs enqueued and run, jobs/s; \
GNU parallel -j2" d.both d.parallel -
	compare d "the same; tsp -S 2, from a shell loop" d.both d.tsp -
	compare d "the same; nq, from a shell loop" d.both d.nq -
}

# ---- e: waking up ----

# cpu_ns PID ... - what they have used, as the scheduler counts it
cpu_ns() {
	local pid ns sum=0
	for pid; do
		read -r ns _ <"/proc/$pid/schedstat"
		sum=$((sum + ns))
	done
	echo "$sum"
}

# wake_beanstalkd N - an idle loop that reserves a job and starts its handler
wake_beanstalkd() {
	local port=$((20000 + RANDOM % 10000)) p99
	start_beanstalkd "$port"
	begin beanrun beanrun "$port" stamp "$scratch/fifo"
	read -r us _ p99 _ < <(latency -n "$1" "$scratch/fifo" beanput \
		"$port" "{}") || fail "no stamps from beanrun"
	keep e.beanstalkd "$us"
	keep e.beanstalkd.p99 "$p99"
	rm "$scratch/fifo"
	end beanrun
	end_beanstalkd
}

row_e() {
	local n rep pids before seconds p99
	n=$(scaled 200 10) seconds=$(scaled 10 1)
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		new_queue
		begin worker iq-work -j2 -- stamp "$scratch/fifo"
		until_true 10 "iq-stats --json | jq -e \
			'.workers.processes | length == 1' >/dev/null"
		read -r us _ p99 _ < <(latency -n "$n" "$scratch/fifo" \
			iq-enqueue "{}") || fail "no stamps from iq-work"
		keep e.iq "$us"
		keep e.iq.p99 "$p99"
		rm "$scratch/fifo"
		mapfile -t pids < <(pgrep -P "${started[worker]}")
		pids+=("${started[worker]}")
		sleep 1
		before=$(cpu_ns "${pids[@]}")
		sleep "$seconds"
		keep e.idle "$(awk -v ns=$(($(cpu_ns "${pids[@]}") - before)) \
			-v s="$seconds" 'BEGIN { print ns / s / 1e7 }')"
		end worker
		tsp -S 2 >/dev/null
		read -r us _ < <(latency -n "$n" "$scratch/fifo" tsp stamp \
			"$scratch/fifo" "{}") || fail "no stamps from tsp"
		keep e.tsp "$us"
		rm "$scratch/fifo"
		end_tsp
		wake_beanstalkd "$n"
	done
	compare e "start of \`iq-enqueue\` to start of the handler, idle \
worker, us; tsp" e.iq e.tsp -
	limit e "the same, us" e.iq "<= 3000"
	compare e "the same; beanstalkd -b -f50, and a loop that reserves and \
runs" e.iq e.beanstalkd -
	limit e "the same, 99th percentile, us" e.iq.p99 "<= 20000"
	compare e "the same, 99th percentile; beanstalkd" e.iq.p99 \
		e.beanstalkd.p99 -
	limit e "an idle iq-work, keeper and worker, % of a core" e.idle \
		"<= 0.2"
}

# ---- f: depth ----

# fill NAME N - a queue with N other jobs: half of another type and ready,
# half of the same one and delayed
fill() {
	IQ_QUEUE=$scratch/$1.db
	new_queue
	make_paths $(($2 / 2)) | iq-enqueue -t other
	make_paths $(($2 / 2)) | iq-enqueue -t mine --delay 7d
}

row_f() {
	local name rep median turns few many
	turns=$(scaled 2000 50)
	few=$(scaled 10000 1000) many=$(scaled 1000000 10000)
	fill few "$few"
	fill many "$many"
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		for name in many few; do
			IQ_QUEUE=$scratch/$name.db
			seq "$turns" | sed "s|^|/srv/mine/$rep/|" |
				iq-enqueue -t mine
			read -r _ median _ < <(claim "$IQ_QUEUE" mine "$turns")
			keep "f.$name" "$median"
		done
	done
	IQ_QUEUE=$scratch/queue.db
	compare f "a finish and a claim in one transaction, us: beside \
$(human "$many") other jobs; beside $(human "$few")" f.many f.few -
}
