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

# split_by_iq WORKERS BATCH
split_by_iq() {
	local name=g.iq.$1.$2
	new_queue
	iq-enqueue <dumps.list
	timed /dev/null iq-work --drain -j"$1" -b"$2" -- "$splitter"
	keep "$name" "$(rate "$dumps" "$us")"
	keep "$name.mb" "$(rate "$dump_bytes" "$us" | awk '{ print $1 / 1e6 }')"
	keep "$name.rss" "$(awk -v kib="$rss_kib" \
		'BEGIN { printf "%.1f", kib * 1024 / 1e6 }')"
	keep "$name.p95" "$(iq-stats --json |
		jq ".wait_seconds.p95 * 1000 | round")"
	same_split
}

# split_by_xargs BATCH
split_by_xargs() {
	timed dumps.list xargs -P2 -n"$1" "$splitter"
	keep "g.xargs.$1" "$(rate "$dumps" "$us")"
	same_split
}

# split_lines BATCH - of the table, for all numbers of workers
split_lines() {
	local workers name
	for workers in 1 2 4 8; do
		name=g.iq.$workers.$1
		limit g "the same, -j$workers, files/s" "$name" ">= 65"
		limit g "the same, -j$workers, MB/s" "$name.mb" ">= 5"
		limit g "the same, -j$workers, P95 of the wait, ms" \
			"$name.p95" -
		limit g "the same, -j$workers, resident set in MB" \
			"$name.rss" "<= 16"
	done
}

row_g() {
	local dumps dump_bytes splitter=$source/contrib/connectors/split-sql
	local rep workers batch split_sum=
	export SPLIT_SQL_DIR=$scratch/split
	dumps=$(scaled 1000 20)
	make_dumps "$dumps" "$scratch/dumps"
	mkdir "$SPLIT_SQL_DIR"
	find "$scratch/dumps" -type f >dumps.list
	dump_bytes=$(cat "$scratch"/dumps/* | wc -c)
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		for batch in 1 32; do
			for workers in 1 2 4 8; do
				split_by_iq "$workers" "$batch"
			done
			split_by_xargs "$batch"
		done
	done
	compare g "$(human "$dumps") SQL dumps, $(human "$dump_bytes") bytes, a \
process each, \`iq-work -j2\`, files/s; \`xargs -P2 -n1\`" g.iq.2.1 \
		g.xargs.1 ">= 1"
	split_lines 1
	compare g "a process for 32 of them, \`iq-work -j2 -b32\`, files/s; \
\`xargs -P2 -n32\`" g.iq.2.32 g.xargs.32 ">= 0.6"
	split_lines 32
	rm -r "$scratch/dumps" "$SPLIT_SQL_DIR"
}
