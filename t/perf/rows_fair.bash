# shellcheck shell=bash
# The row of many types: what each gets, and what it takes to choose.

# share_out N - until N jobs have ended, of four types that have more of them
share_out() {
	local type took
	new_queue
	for type in 1:0.005 2:0.01 3:0.02 4:0.04; do
		took=${type#*:}
		seq -f "$took-%.0f" "$1" | iq-enqueue --raw -t "fair/${type%:*}"
	done
	# shellcheck disable=SC2016	# the handler's words
	begin worker iq-work -j2 -- sh -c 'exec sleep "${1%%-*}"' - {}
	until_true 120 "(($1 <= \$(iq-stats | jq .outcomes.succeeded)))"
	iq-stats >report
	end worker
	keep i.jain "$(jq .fairness.jain_index report)"
	keep i.starved "$(jq '.fairness.starved | length' report)"
}

# fill_types NAME TYPES N - a queue with N jobs of that many types, as many
# with large inputs as with small ones
fill_types() {
	local -x IQ_QUEUE=$scratch/$1.db
	new_queue
	awk -v types="$2" -v n="$3" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "{\"type\":\"t/%d\",\"path\":\"/srv/%d\"," \
				"\"size_bytes\":%d}\n", int(i / 2) % types, i,
				i % 2 ? 20971520 : 1000
	}' | iq-enqueue -J
}

row_i() {
	local rep few many turns
	turns=$(scaled 2000 50)
	for ((rep = 0; rep < $(scaled 3 1); rep++)); do
		share_out "$(scaled 1000 60)"
	done
	for ((rep = 0; rep < $(scaled 5 1); rep++)); do
		fill_types few 1 $((2 * turns))
		fill_types many 200 $((2 * turns + 400))
		read -r _ few _ < <(claim "$scratch/few.db" t "$turns")
		read -r _ many _ < <(claim "$scratch/many.db" t "$turns")
		keep i.few "$few"
		keep i.many "$many"
		keep i.choosing "$(awk -v a="$many" -v b="$few" \
			'BEGIN { print (a > b ? a - b : 0) }')"
	done
	limit i "four equal types whose jobs take 5, 10, 20 and 40 ms: Jain's \
index of their time" i.jain ">= 0.95"
	limit i "of these, starved" i.starved "<= 0"
	compare i "a finish and a claim in one transaction, us: 200 types with \
small and large inputs; one such type" i.many i.few -
	limit i "the difference: to choose among 400 lanes, us" i.choosing \
		"<= 100"
}
