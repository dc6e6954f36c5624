#!/usr/bin/env bats
# What comes with iq for those who watch it: jq, Prometheus, Grafana, systemd.

load lib

setup() {
	iq_setup
	contrib=$IQ_SOURCE/contrib
}

# Two types, some failures, nothing left to run but what is delayed
some_jobs() {
	local i
	for i in 1 2 3 4 5 6 7 8; do
		head -c "$((i * 1000))" /dev/zero >"file$i"
	done
	iq-enqueue -t notes file1 file2 file3 file4 file5 file6 file7
	iq-enqueue -t mail file8 away
	iq-tune set retry_base=1h
	iq-work -t notes -j1 --drain -- sh -c '
		cat "$1" >/dev/null
		case $1 in
		*1) echo "cannot parse it" >&2; exit 65 ;;
		*2) echo "no time" >&2; exit 75 ;;
		esac' sh 2>/dev/null || :
	iq-work -t mail -j1 --drain -- sh -c '
		case $1 in *away) echo "no route" >&2; exit 69 ;; esac' sh \
		2>/dev/null || :
}

@test "each line of contrib/jq does what stands below it" {
	local -a wanted=()
	local line command="" ran=0 i
	some_jobs
	while IFS= read -r line || [[ $line ]]; do
		if [[ $line = "    $ "* ]]; then
			command=${line#    $ }
			wanted=()
		elif [[ $line = "    "* && $command ]]; then
			wanted+=("${line#    }")
		elif [[ $command ]]; then
			run_split bash -o pipefail -c "$command"
			assert_status 0
			assert_stderr ""
			mapfile -t got <<<"$output"
			((${#got[@]} == ${#wanted[@]})) ||
				iq_differs "$command" "${wanted[*]}"
			for i in "${!got[@]}"; do
				# shellcheck disable=SC2053
				[[ ${got[i]} == ${wanted[i]//.../*} ]] ||
					iq_differs "$command" "${wanted[i]}"
			done
			command=""
			((++ran))
		fi
	done < <(sed 's/\[/\\[/g; /^    \$/s/\\\[/[/g' "$contrib/jq/README.md")
	((ran >= 12))
}

@test "iq-export writes a file for each queue, and takes one that is gone away" {
	local file
	mkdir metrics
	iq-enqueue -t notes --raw a
	iq-enqueue -q other.db -t mail --raw a
	run_split "$contrib/prometheus/iq-export" metrics queue.db other.db
	assert_ran 0 "" ""
	assert_equal "$(echo metrics/*)" \
		"metrics/iq-other-db.prom metrics/iq-queue-db.prom"
	grep -q 'iq_jobs{.*type="mail",state="ready"} 1' metrics/iq-other-db.prom
	rm other.db*
	run_split "$contrib/prometheus/iq-export" metrics queue.db other.db
	assert_status 1
	assert_stderr_like "iq-stats: *other.db*"
	assert_equal "$(echo metrics/*)" "metrics/iq-queue-db.prom"
	# of the environment, or the default
	rm metrics/*
	run_split "$contrib/prometheus/iq-export" metrics
	assert_ran 0 "" ""
	[[ $(echo metrics/*) = metrics/iq-*-queue-db.prom ]]
}

# Metrics that there are, histograms with what their series are called
metrics() {
	iq-stats --prometheus | awk '$2 == "TYPE" { print $3
		if ($4 == "histogram") print $3 "_bucket\n" $3 "_sum\n" $3 "_count"
	}' | sort
}

@test "alerts and the dashboard ask for metrics that there are" {
	local file
	some_jobs
	for file in prometheus/iq-alerts.yml grafana/iq-dashboard.json; do
		grep -oE '\biq_[a-z_]+' "$contrib/$file" | sort -u >asked
		(($(wc -l <asked) > 9))
		run comm -13 <(metrics) asked
		assert_output ""
	done
	jq -e '[.panels[].gridPos | .x + .w <= 24] | all' \
		"$contrib/grafana/iq-dashboard.json" >/dev/null
}

@test "Prometheus takes the alert rules" {
	command -v promtool >/dev/null || skip "no promtool"
	run promtool check rules "$contrib/prometheus/iq-alerts.yml"
	assert_success
}

@test "systemd takes the units" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	local unit
	mkdir user system
	for unit in "$contrib"/systemd/*/iq-work@.service \
		"$contrib"/prometheus/iq-export.*; do
		local kind=user
		[[ $unit != */system/* ]] || kind=system
		sed "s|=iq-work|=$IQ_BUILD/iq-work|
			s|%h/.local/bin/|$contrib/prometheus/|; s|^User=.*|User=root|" \
			"$unit" >"$kind/${unit##*/}"
	done
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 700 run
	run systemd-analyze verify --user --man=no user/iq-work@.service \
		user/iq-export.service user/iq-export.timer
	assert_output ""
	run systemd-analyze verify --man=no system/iq-work@.service
	assert_output ""
}
