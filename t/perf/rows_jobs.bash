# shellcheck shell=bash
# The row of jobs that take no time: what a queue itself costs.

# take_from_beanstalkd N - puts, and reserve with delete, both pipelined
take_from_beanstalkd() {
	local port=$((20000 + RANDOM % 10000)) put
	start_beanstalkd "$port"
	timed paths beanput "$port"
	put=$us
	timed /dev/null beantake "$port" "$1"
	keep h.beanstalkd "$(rate "$1" "$us")"
	keep h.beanstalkd.whole "$(rate "$1" $((put + us)))"
	end_beanstalkd
}

# redis PORT N COMMAND ... - N times, 1,000 in each write; $us
redis() {
	local port=$1 n=$2
	shift 2
	timed /dev/null redis-benchmark -h 127.0.0.1 -p "$port" -c 1 -P 1000 \
		-n "$n" -q "$@"
}

# take_from_redis N - a list from which each job is moved to that of those that
# run, and off that when it is done
take_from_redis() {
	local port=$((20000 + RANDOM % 10000)) put took
	mkdir redis
	begin redis redis-server --bind 127.0.0.1 --port "$port" --dir "$PWD/redis" \
		--save '' --appendonly yes --appendfsync always
	until_true 10 "redis-cli -p $port ping >/dev/null 2>&1"
	redis "$port" "$1" rpush jobs "$(head -c 95 /dev/zero | tr '\0' p)"
	put=$us
	redis "$port" "$1" lmove jobs running left right
	took=$us
	redis "$port" "$1" lpop running
	took=$((took + us))
	[[ $(redis-cli -p "$port" llen jobs) == 0 ]] || fail "redis kept some"
	keep h.redis "$(rate "$1" "$took")"
	keep h.redis.whole "$(rate "$1" $((put + took)))"
	end redis
	rm -r redis
}

# get_plainjob - from the registry, where that is reached; its SQLite is built
# here, which takes some minutes, with the headers of the node that there is
# where they came with it.  Kept in $IQ_BUILD.
get_plainjob() {
	local prefix
	prefix=$(node -p 'path.resolve(process.execPath, "../..")')
	npm=$IQ_BUILD/perf-npm
	[[ ! -e $npm/whole ]] || return 0
	mkdir -p "$npm"
	if ! (cd "$npm" && timeout 30 npm view plainjob@0.0.14 version &&
		if [[ -e $prefix/include/node/node.h ]]; then
			export npm_config_nodedir=$prefix
		fi &&
		timeout 1800 npm install --no-audit --no-fund \
		plainjob@0.0.14 better-sqlite3@12.11.1 &&
		node -e 'require("better-sqlite3")(":memory:")' &&
		: >whole) >"$npm/log" 2>&1; then
		echo "run: no figures of plainjob: npm install failed" \
			"($npm/log)" >&2
		return 1
	fi
}

# take_from_plainjob N - one process, one job after the other
take_from_plainjob() {
	local put
	timed paths node "$source/t/perf/plainjob.mjs" "$npm" plainjob.db put
	put=$us
	timed /dev/null node "$source/t/perf/plainjob.mjs" "$npm" plainjob.db \
		take "$1"
	keep h.plainjob "$(rate "$1" "$us")"
	keep h.plainjob.whole "$(rate "$1" $((put + us)))"
	rm plainjob.db*
}

# take_by_iq N
take_by_iq() {
	local put
	new_queue
	timed paths iq-enqueue -0
	put=$us
	timed /dev/null iq-work -c -j1 --drain -- "$IQ_BUILD/perf/answer"
	(($(sqlite3 "$IQ_QUEUE" 'SELECT count(*) FROM history') == $1)) ||
		fail "iq-work did not do all"
	keep h.iq "$(rate "$1" "$us")"
	keep h.iq.whole "$(rate "$1" $((put + us)))"
	keep h.rss "$(awk -v kib="$rss_kib" \
		'BEGIN { printf "%.1f", kib * 1024 / 1e6 }')"
}

row_h() {
	local n rep npm plainjob=1
	n=$(scaled 300000 5000)
	get_plainjob || plainjob=0
	make_paths "$n" | tr '\n' '\0' >paths
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		take_by_iq "$n"
		take_from_beanstalkd "$n"
		take_from_redis "$n"
		((!plainjob)) || take_from_plainjob "$n"
	done
	limit h "$(human "$n") jobs that do nothing, \`iq-work -c -j1\` with a \
co-process, jobs/s" h.iq ">= 80000"
	compare h "the same; beanstalkd -b -f50, reserve and delete pipelined" \
		h.iq h.beanstalkd ">= 1.5"
	compare h "the same; Redis, appendfsync always, LMOVE and LPOP \
pipelined" h.iq h.redis -
	((!plainjob)) || compare h "the same; plainjob 0.0.14 (SQLite, \
synchronous=NORMAL)" h.iq h.plainjob ">= 1"
	compare h "put and done, jobs/s; beanstalkd -b -f50" \
		h.iq.whole h.beanstalkd.whole -
	compare h "the same; Redis, appendfsync always" \
		h.iq.whole h.redis.whole -
	((!plainjob)) || compare h "the same; plainjob" \
		h.iq.whole h.plainjob.whole -
	limit h "the same, resident set in MB" h.rss "<= 16"
}
