# shellcheck shell=bash
# What the rows of t/perf/run share: samples, servers, and the table.
#
# A figure is a file in $data with one sample a line.  Every sample of iq is
# taken next to one of what it is compared with, in turns.

# keep NAME SAMPLE - one more sample of NAME
keep() {
	echo "$2" >>"$data/$1"
}

# rate COUNT MICROSECONDS - how many a second
rate() {
	awk -v n="$1" -v us="$2" 'BEGIN { printf "%.0f", n * 1e6 / us }'
}

# middle - the median of lines; of an even number the mean of the two in the
# middle
middle() {
	sort -g | awk '{ v[NR] = $1 }
		END {
			sum = v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]
			printf "%.10g", sum / 2
		}'
}

# median NAME - of the samples of a figure
median() {
	middle <"$data/$1"
}

# quotient OURS THEIRS - the median of what each turn says: a machine that is
# slow for a while is so for both.  One is taken with more than one of the
# others, or less often: then the quotient of the medians
quotient() {
	if (($(wc -l <"$data/$1") == $(wc -l <"$data/$2"))); then
		paste "$data/$1" "$data/$2" | awk '{ print $1 / $2 }' | middle
	else
		echo "$(median "$1") $(median "$2")" | awk '{ print $1 / $2 }'
	fi
}

# human NUMBER - with commas, or with as many digits as a small one needs
human() {
	awk -v x="$1" 'BEGIN {
		if (x < 10) { printf "%.3g", x; exit }
		s = sprintf("%.0f", x)
		while (length(s) > 3) {
			out = "," substr(s, length(s) - 2) out
			s = substr(s, 1, length(s) - 3)
		}
		printf "%s", s out
	}'
}

# shown NAME - "median (least .. most)"
shown() {
	local low high
	low=$(sort -n "$data/$1" | head -n 1)
	high=$(sort -n "$data/$1" | tail -n 1)
	human "$(median "$1")"
	[[ $low == "$high" ]] || printf ' (%s .. %s)' "$(human "$low")" \
		"$(human "$high")"
}

# holds NUMBER BAR - whether NUMBER is what the bar ("<= 2") wants
holds() {
	awk -v x="$1" -v bar="$2" 'BEGIN {
		split(bar, b, " ")
		exit !(b[1] == "<=" ? x <= b[2] : x >= b[2])
	}'
}

# line ROW TEXT OURS THEIRS NUMBER BAR - one line of the table; BAR "-" is for
# the reader only
line() {
	local verdict=-
	if [[ $6 != - ]]; then
		verdict=pass
		if ! holds "$5" "$6"; then
			verdict=MISSED
			missed=$((missed + 1))
		fi
	fi
	printf '| %s | %s | %s | %s | %s | %s | %s |\n' "$1" "$2" "$3" "$4" \
		"$(human "$5")" "$6" "$verdict" | tee -a "$data/table"
}

# compare ROW TEXT OURS THEIRS BAR - two figures and their ratio, ours first
compare() {
	line "$1" "$2" "$(shown "$3")" "$(shown "$4")" "$(quotient "$3" "$4")" \
		"$5"
}

# limit ROW TEXT OURS BAR - a figure that is held against a number
limit() {
	line "$1" "$2" "$(shown "$3")" - "$(median "$3")" "$4"
}

# now_us - for what lasts long enough to be timed by a shell
now_us() {
	echo "${EPOCHREALTIME/./}"
}

fail() {
	echo "run: $*" >&2
	exit 1
}

# until_true SECONDS CODE - waits for the condition CODE
until_true() {
	local end=$(($(now_us) + $1 * 1000000))
	until eval "$2"; do
		(($(now_us) < end)) || fail "not within $1 s: $2"
		sleep 0.02
	done
}

# begin NAME COMMAND ... - in the background; its process id is in
# ${started[NAME]}
declare -A started=()
begin() {
	local name=$1
	shift
	"$@" >"$scratch/$name.log" 2>&1 &
	started[$name]=$!
}

end() {
	kill "${started[$1]}" 2>/dev/null
	wait "${started[$1]}" 2>/dev/null
	unset "started[$1]"
}

# The server, and what it runs
end_tsp() {
	local job
	job=$(tsp -p 2>/dev/null)
	tsp -K
	[[ -z $job ]] || kill "$job" 2>/dev/null
}

clean_up() {
	local name
	for name in "${!started[@]}"; do
		end "$name"
	done
	[[ ! -S $TS_SOCKET ]] || end_tsp
	cd / && rm -rf "$scratch"
}

# new_queue - $IQ_QUEUE is new and empty
new_queue() {
	rm -f "$IQ_QUEUE" "$IQ_QUEUE"-*
	iq-enqueue </dev/null || fail "no queue could be made"
}

# make_paths N - as find(1) prints an archive: by directory, in no order
make_paths() {
	LC_ALL=C awk -v n="$1" 'BEGIN {
		srand(7)
		while (n > 0) {
			dir = sprintf("/home/user/archive/area-%02d", rand() * 50)
			dir = dir sprintf("/collection-%06d", rand() * 1e6)
			for (i = 0; i < 200 && n-- > 0; i++)
				printf "%s/document-%06x%06x.md\n", dir,
					rand() * 16777216, rand() * 16777216
		}
	}'
}
