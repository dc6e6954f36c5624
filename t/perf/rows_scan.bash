# shellcheck shell=bash
# The row of scans: a tree, and what find says of it.

# make_tree N DIR - files, fifty to a directory, ten of those to another
make_tree() {
	LC_ALL=C awk -v n="$1" -v dir="$2" 'BEGIN {
		for (i = 0; i < n; i++) {
			d = sprintf("%s/area-%03d/collection-%d", dir, i / 500,
				i / 50 % 10)
			if (i % 50 == 0)
				print d >"directories"
			printf "%s/document-%06x.md\n", d, i
		}
	}' >files
	xargs mkdir -p <directories
	xargs touch <files
	rm files directories
}

# scan NAME N DIR OPTION ... - a sample of N files from there
scan() {
	timed /dev/null iq-scan -0 --settle 0 "${@:4}" "$3"
	keep "$1" "$(rate "$2" "$us")"
	keep "$1.rss" "$(awk -v kib="$rss_kib" \
		'BEGIN { printf "%.1f", kib * 1024 / 1e6 }')"
}

# first_scan NAME N DIR - of a tree that is not known
first_scan() {
	new_queue
	scan "$@"
	[[ $(iq-scan --status "$3" | jq .offered) == "$2" ]] ||
		fail "iq-scan did not find $2 files"
}

# Nothing is left to say: what was young when it was said was said once more.
say_all() {
	local left=1
	while ((left > 0)); do
		iq-scan --ack "$1"
		left=$(iq-scan -0 --settle 0 "$1" | wc -c)
	done
}

row_k() {
	local n=$(($(scaled 200000 2000))) rep part tree=$scratch/tree
	local fields='%p %y %s %T@ %C@ %i\n'
	for part in 1 2 3 4 5; do
		make_tree "$n" "$tree/$part"
	done
	part=$tree/1
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		first_scan k.first "$n" "$part"
		say_all "$part"
		scan k.same "$n" "$part"
		timed /dev/null find "$part" -printf "$fields"
		keep k.find "$(rate "$n" "$us")"
		new_queue
		timed /dev/null sh -c 'iq-scan -0 --settle 0 "$1" |
			iq-enqueue -0' sh "$part"
		(($(rows_of) == n)) || fail "the pipe lost some"
		keep k.pipe "$(rate "$n" "$us")"
		iq-scan -0 --settle 0 --name other "$part" >list
		new_queue
		timed list iq-enqueue -0
		keep k.enqueue "$(rate "$n" "$us")"
		first_scan k.large $((5 * n)) "$tree"
	done
	rm -rf "$tree"
	compare k "$(human "$n") files that have not changed, \`iq-scan\`, \
files/s; \`find -printf\` of the same fields" k.same k.find ">= 1"
	limit k "the first scan of them, files/s" k.first ">= 150000"
	compare k "\`iq-scan\` into \`iq-enqueue\`, files/s; \`iq-enqueue\` alone" \
		k.pipe k.enqueue ">= 0.333"
	compare k "the first scan of $(human $((5 * n))) files, files/s; of \
$(human "$n")" k.large k.first ">= 0.8"
	limit k "the same, resident set in MB" k.large.rss "<= 64"
}
