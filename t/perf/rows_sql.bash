# shellcheck shell=bash
# The row of real work: SQL dumps, split by a real handler.

# make_dumps N DIR - 10 to 90 KB each, as mysqldump writes them
make_dumps() {
	mkdir -p "$2"
	LC_ALL=C awk -v n="$1" -v dir="$2" 'BEGIN {
		srand(11)
		for (f = 0; f < n; f++) {
			file = sprintf("%s/dump-%04d.sql", dir, f)
			size = 10000 + rand() * 80000
			for (t = 0; size > 0; t++) {
				table = "t" int(rand() * 8)
				s = sprintf("CREATE TABLE IF NOT EXISTS `%s` " \
					"(id INT, at TIMESTAMP, note TEXT);\n", table)
				rows = 5 + int(rand() * 60)
				for (r = 0; r < rows; r++)
					s = s sprintf("INSERT INTO `%s` VALUES(%d," \
						"\047%d\047,\047it\047\047s no. %x; %x" \
						"\047);\n", table, r, rand() * 1e9,
						rand() * 2e9, rand() * 2e9)
				printf "%s", s >file
				size -= length(s)
			}
			close(file)
		}
	}'
}

# same_split - the output of the last run is that of the first
same_split() {
	local sum
	sum=$(cat "$SPLIT_SQL_DIR"/* | cksum)
	: "${split_sum:=$sum}"
	[[ $sum == "$split_sum" ]] || fail "the split differs"
	rm -rf "$SPLIT_SQL_DIR"
	mkdir "$SPLIT_SQL_DIR"
}

# split_by_iq WORKERS
split_by_iq() {
	new_queue
	iq-enqueue <dumps.list
	timed /dev/null iq-work --drain -j"$1" -- "$splitter"
	keep "g.iq.$1" "$(rate "$dumps" "$us")"
	keep "g.iq.$1.mb" "$(rate "$dump_bytes" "$us" | awk '{ print $1 / 1e6 }')"
	keep "g.iq.$1.rss" "$(awk -v kib="$rss_kib" \
		'BEGIN { printf "%.1f", kib * 1024 / 1e6 }')"
	keep "g.iq.$1.p95" "$(iq-stats --json |
		jq ".wait_seconds.p95 * 1000 | round")"
	same_split
}

row_g() {
	local dumps dump_bytes splitter=$source/contrib/connectors/split-sql
	local rep workers split_sum=
	export SPLIT_SQL_DIR=$scratch/split
	dumps=$(scaled 1000 20)
	make_dumps "$dumps" "$scratch/dumps"
	mkdir "$SPLIT_SQL_DIR"
	find "$scratch/dumps" -type f >dumps.list
	dump_bytes=$(cat "$scratch"/dumps/* | wc -c)
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		for workers in 1 2 4 8; do
			split_by_iq "$workers"
		done
		timed dumps.list xargs -P2 -n1 "$splitter"
		keep g.xargs "$(rate "$dumps" "$us")"
		same_split
	done
	compare g "$(human "$dumps") SQL dumps, $(human "$dump_bytes") bytes, a \
process each, \`iq-work -j2\`, files/s; \`xargs -P2 -n1\`" g.iq.2 g.xargs ">= 1"
	for workers in 1 2 4 8; do
		limit g "the same, -j$workers, files/s" "g.iq.$workers" ">= 65"
		limit g "the same, -j$workers, MB/s" "g.iq.$workers.mb" ">= 5"
		limit g "the same, -j$workers, P95 of the wait, ms" \
			"g.iq.$workers.p95" -
		limit g "the same, -j$workers, resident set in MB" \
			"g.iq.$workers.rss" "<= 16"
	done
	rm -r "$scratch/dumps" "$SPLIT_SQL_DIR"
}
