# For tests of iq-scan: a directory, and what is found in it at once.
# shellcheck shell=bash

# scan_setup [FILE ...] - for setup: dir is what is scanned
scan_setup() {
	iq_setup
	mkdir dir
	if (($#)); then
		touch "${@/#/dir/}"
	fi
}

# scan [OPTION ...] DIR - and young files, too: once more later
scan() {
	iq-scan --settle 0 "$@"
}

# offered - of dir, by scans whose reader acknowledged nothing yet
offered() {
	iq-scan --status dir | jq .offered
}
