# shellcheck shell=bash
# What the tests of iq-db share; load it after lib.

# A queue with a job in every state, two types, keys, parents and a worker
# that is gone
a_bit_of_everything() {
	iq-enqueue -t a /ready /more
	iq-enqueue -t a --delay 1h /delayed
	iq-enqueue -t a --after 1 /waiting
	iq-enqueue -t b /succeeds /fails /cancelled
	iq-ctl cancel 7 >/dev/null
	iq-work -t b --drain -- sh -c 'echo out; [ "$1" = /succeeds ] || exit 65' \
		sh >/dev/null 2>&1 || :
}

# So much that whatever is done with the queue can be caught at work
forty_megabytes() {
	local i payload
	payload=$(head -c 1000000 /dev/zero | tr '\0' x)
	for ((i = 0; i < 40; i++)); do
		printf '{"key":"%s","payload":"%s"}\n' "$i" "$payload"
	done | iq-enqueue -J
}
