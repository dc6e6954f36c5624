# shellcheck shell=bash
# report NAME REASONS - the line of a check, which failed when there are
# REASONS.  A check ends with: exit "$lint_status"
# shellcheck disable=SC2034
lint_status=0

report() {
	if [[ -z $2 ]]; then
		echo "ok - $1"
		return
	fi
	echo "not ok - $1"
	sed 's/^/#   /' <<<"$2"
	lint_status=1
}

# Programs by their sources
programs() {
	local source
	for source in cmd/iq.c cmd/iq-*.c; do
		[[ ! -e $source ]] || basename "$source" .c
	done
}
