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
	iq-tune set -t mail breaker=5 max_attempts=2
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

# Each line of contrib/jq, whatever it prints
all_lines() {
	local command ran=0
	while IFS= read -r command; do
		run_split bash -o pipefail -c "$command"
		((status == 0)) && [[ -z $stderr ]] || iq_differs "$1" "$command"
		((++ran))
	done < <(sed -n 's/^    \$ //p' "$contrib/jq/README.md")
	((ran >= 12))
}

@test "each line of contrib/jq takes any queue" {
	iq-db init >/dev/null
	all_lines "empty"
	iq-enqueue -t mail/in --raw a b c
	all_lines "nothing has run, and one is a parent"
	iq-work -n1 -j1 -- sh -c 'exit 65' 2>/dev/null || :
	all_lines "nothing succeeded"
	iq-work -j1 --drain -- true 2>/dev/null || :
	: >nothing
	iq-enqueue -t files nothing
	iq-work -t files -j1 --drain -- true
	all_lines "subjects that are no files, and an empty file"
	iq-enqueue -t talk nothing
	iq-work -t talk -c -j1 --drain -- sh -c 'while read -r _; do echo 0; done'
	all_lines "a co-process"
	iq-tune set telemetry=off
	iq-enqueue -t other nothing
	iq-work -j1 --drain -- true
	all_lines "telemetry is off"
}

@test "iq-export writes a file for each queue, and what is wrong with one that has gone" {
	mkdir metrics
	iq-enqueue -t notes --raw a
	iq-enqueue -q other.db -t mail --raw a
	run_split "$contrib/prometheus/iq-export" metrics queue.db other.db
	assert_ran 0 "" ""
	[[ $(echo metrics/*) = "metrics/iq-"*"-other.db.prom metrics/iq-"*"-queue.db.prom" ]]
	grep -q 'iq_jobs{.*type="mail",state="ready"} 1' metrics/*-other.db.prom
	rm other.db*
	run_split "$contrib/prometheus/iq-export" metrics queue.db other.db
	assert_status 1
	assert_stderr_like "iq-stats: *other.db*"
	[[ $(echo metrics/*) = "metrics/iq-"*"-other.db.prom metrics/iq-"*"-queue.db.prom" ]]
	grep -q '^iq_up{queue=".*/other.db"} 0$' metrics/*-other.db.prom
	grep -q '^iq_health_status{.*} 3$' metrics/*-other.db.prom
	grep -q '^iq_up{.*} 1$' metrics/*-queue.db.prom
	# of the environment, or the default
	rm metrics/*
	run_split "$contrib/prometheus/iq-export" metrics
	assert_ran 0 "" ""
	[[ $(echo metrics/*) = metrics/iq-*-queue.db.prom ]]
}

@test "iq-export mixes no queues up" {
	local queue
	mkdir -p metrics Q/x-a Q/x/a Q/x%2Da
	for queue in Q/x-a Q/x/a Q/x%2Da; do
		iq-enqueue -q "$queue/q.db" -t "in${queue//[^a-z]}" --raw 1
	done
	run_split "$contrib/prometheus/iq-export" metrics Q/*/q.db Q/x/a/q.db
	assert_ran 0 "" ""
	assert_equal "$(cat metrics/* | grep -c '^iq_up{.*} 1$')" 3
	assert_equal "$(cat metrics/* | grep '^iq_up' | sort -u | wc -l)" 3
}

@test "iq-export leaves what there is when it gets no new metrics, or not all" {
	mkdir metrics bin
	iq-enqueue --raw a
	"$contrib/prometheus/iq-export" metrics
	cp metrics/* before
	# as on a full disk
	printf '#!/bin/sh\n%s --prometheus | head -n 40\n' "$(command -v iq-stats)" \
		>bin/iq-stats
	chmod +x bin/iq-stats
	PATH=$PWD/bin:$PATH run_split "$contrib/prometheus/iq-export" metrics
	assert_status 1
	run diff before metrics/*
	assert_output ""
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
		[[ -s asked ]]
		run comm -13 <(metrics) asked
		assert_output ""
	done
	# of each machine by itself: many have a queue of the same path
	run grep -E '\b(on|ignoring) *\(' "$contrib/prometheus/iq-alerts.yml"
	assert_output ""
	run jq -r '.. | .expr? // empty | select(test("iq_[a-z_]+(\\{(?!instance=)|[^a-z_{])"))' \
		"$contrib/grafana/iq-dashboard.json"
	assert_output ""
	jq -e '.templating.list | map(.name) | index("instance")' \
		"$contrib/grafana/iq-dashboard.json" >/dev/null
	# of each queue: of several the highest would be UNKNOWN, not CRITICAL
	jq -e '.panels[] | select(.title == "Health").targets[].expr |
		startswith("iq_health_status{")' \
		"$contrib/grafana/iq-dashboard.json" >/dev/null
	jq -e '[.panels[].gridPos | .x + .w <= 24] | all' \
		"$contrib/grafana/iq-dashboard.json" >/dev/null
}

@test "Prometheus takes the alert rules" {
	command -v promtool >/dev/null || skip "no promtool"
	run promtool check rules "$contrib/prometheus/iq-alerts.yml"
	assert_success
}

@test "Prometheus raises an alert for what is wrong, on that machine only" {
	command -v promtool >/dev/null || skip "no promtool"
	# two with a queue of the same path; nothing new comes from the second
	cat >test.yml <<-END
	rule_files: [$contrib/prometheus/iq-alerts.yml]
	evaluation_interval: 1m
	tests:
	- interval: 1m
	  input_series:
	  - {series: 'iq_up{instance="a",queue="q"}', values: 1x30 _x90}
	  - {series: 'iq_health{instance="a",queue="q",cause="stalled"}', values: 0x30}
	  - {series: 'iq_health{instance="b",queue="q",cause="stalled"}', values: 2x30}
	  - {series: 'iq_health{instance="b",queue="q",cause="full"}', values: 1x30}
	  - {series: 'iq_health{instance="b",queue="q",cause="unknown"}', values: 0x15 3x15}
	  - {series: 'iq_sampled_timestamp_seconds{instance="a",queue="q"}', values: 0+60x30}
	  - {series: 'iq_sampled_timestamp_seconds{instance="b",queue="q"}', values: 0x30}
	  promql_expr_test:
	  - eval_time: 5m
	    expr: sort(ALERTS{alertstate="firing"})
	    exp_samples:
	    - {labels: 'ALERTS{alertname="IqCritical",alertstate="firing",cause="stalled",instance="b",queue="q",severity="critical"}', value: 1}
	    - {labels: 'ALERTS{alertname="IqWarning",alertstate="firing",cause="full",instance="b",queue="q",severity="warning"}', value: 1}
	  - eval_time: 20m
	    expr: count by (alertname, instance, cause) (ALERTS{alertstate="firing"})
	    exp_samples:
	    - {labels: '{alertname="IqCritical",cause="stalled",instance="b"}', value: 1}
	    - {labels: '{alertname="IqCritical",cause="unknown",instance="b"}', value: 1}
	    - {labels: '{alertname="IqWarning",cause="full",instance="b"}', value: 1}
	    - {labels: '{alertname="IqMetricsOld",instance="b"}', value: 1}
	  - eval_time: 60m
	    expr: count by (alertname) (ALERTS{alertstate="firing"})
	    exp_samples:
	    - {labels: '{alertname="IqNoMetrics"}', value: 1}
	END
	run promtool test rules test.yml
	assert_success
}

# first_steps FILE HEADING - the first block of commands below it
first_steps() {
	awk -v heading="$2" '$0 == heading { below = 1 }
		below && /^    / { on = 1; print }
		on && !NF { exit }' "$1"
}

@test "what contrib says to a user works in an empty home" {
	local part
	mkdir bin bare
	printf '#!/bin/sh\necho "$0" "$@" >>%s/called\n' "$PWD" >bin/systemctl
	chmod +x bin/systemctl
	cp bin/systemctl bin/loginctl
	for part in systemd:"## Of a user" prometheus:"# Prometheus"; do
		first_steps "$contrib/${part%:*}/README.md" "${part#*:}" >steps
		run_split env HOME="$PWD/bare" PATH="$PWD/bin:$PATH" bash -euc '
			cd "$1" && . "$2"' contrib "$contrib/${part%:*}" "$PWD/steps"
		assert_status 0
		assert_stderr ""
	done
	run diff -r "$contrib/systemd/user" bare/.config/systemd/user
	assert_output --regexp '^Only in bare/[^
]*: iq-export.service
Only in bare/[^
]*: iq-export.timer$'
	[[ -x bare/.local/bin/iq-export ]]
	# the timer and the services go on when nobody is logged in
	assert_equal "$(grep -c 'loginctl enable-linger' called)" 2
	assert_equal "$(iq-tune get -t notes path)" "$PWD/bare/notes"
}

# service UNIT [OPTION...] - becomes what systemd would run, as whom and with
# what environment
service() {
	local user environment command
	user=$(sed -n 's/^User=//p' "$1")
	environment=$(sed -n 's/^Environment=//p' "$1")
	command=$(sed -n 's/^ExecStart=//p' "$1" |
		sed 's/\$\$/$/g; s/%I/notes/g')
	eval "set -- $command ${*:2}"
	# shellcheck disable=SC2086
	cd / && exec setpriv --reuid="$user" --regid="$user" --clear-groups \
		--no-new-privs env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/nowhere \
		$environment "$@"
}

# end UNIT PID - what systemd would do to it
end() {
	MAINPID=$2 bash -c "$(sed -n 's/^ExecStop=-//p' "$1")"
}

@test "what contrib/systemd says leads from nothing to a watcher and a worker of the system" {
	needs_mounts
	type useradd runuser >/dev/null 2>&1 || skip "no useradd, or no runuser"
	local name
	mkdir bin etc
	cp -a /etc/. etc
	printf '#!/bin/sh\necho "$@" >>%s/systemctl\n' "$PWD" >bin/systemctl
	cp bin/systemctl bin/journalctl
	printf '#!/bin/sh\necho "ingested by $(id -un): $1"\n' >bin/ingest
	for name in "$IQ_BUILD"/iq "$IQ_BUILD"/iq-*; do
		[[ ! -f $name || ! -x $name ]] || cp "$name" bin
	done
	chmod 755 bin/*
	sed -n '/^## Of the system/,/^## Both/s/^    //p' \
		"$contrib/systemd/README.md" >steps
	grep -q useradd steps
	export -f service end wait_until
	unset IQ_QUEUE
	# seen by nobody else
	run_split unshare -m --pid --fork --kill-child --mount-proc bash -euc '
		mount --bind etc /etc
		userdel iq 2>/dev/null || :
		mount -t tmpfs -o mode=755 none /var/lib
		mount -t tmpfs -o mode=755 none /usr/local
		mount -t tmpfs -o mode=755 none /srv
		cp -r bin /usr/local
		PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		mkdir /srv/notes
		echo a >/srv/notes/a.md
		steps=$PWD/steps
		cd "$1/systemd"
		. "$steps"
		for unit in system/*; do
			cmp "$unit" "/etc/systemd/$unit"
		done
		service /etc/systemd/system/iq-watch@.service &
		wait_until "as_iq iq-stats | jq -e .watch.healthy >/dev/null"
		echo b >/srv/notes/b.md
		wait_until "as_iq iq-list | grep -q b.md"
		end /etc/systemd/system/iq-watch@.service $!
		wait $! || echo "the watcher ended with $?"
		as_iq iq-stats --health
		(service /etc/systemd/system/iq-work@.service --drain -j1)
		as_iq iq-list -s succeeded | jq -r "[.path, .event] | @tsv"
		' contrib "$contrib"
	assert_status 0
	# what bash says of the watcher
	assert_stderr_like "*Terminated*"
	assert_stdout_like '{"queue":"/var/lib/iq/queue.db","trusted":true,*}
IQ OK - 1 ready, *
the watcher ended with 143
IQ OK - 2 ready, *
ingested by iq: /srv/notes/a.md
ingested by iq: /srv/notes/b.md
/srv/notes/a.md	*
/srv/notes/b.md	created'
	assert_equal "$(<systemctl)" "daemon-reload
enable --now iq-watch@notes iq-work@notes
-u iq-watch@notes -u iq-work@notes"
}

@test "a watcher that stops with a record refused has not failed" {
	local unit
	for unit in "$contrib"/systemd/*/iq-watch@.service; do
		assert grep -qx 'SuccessExitStatus=143 65' "$unit"
		# but where nobody stopped it, it is to go on
		assert grep -qx 'RestartForceExitStatus=65' "$unit"
	done
}

@test "systemd takes the units" {
	command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
	local unit
	mkdir user system
	for unit in "$contrib"/systemd/*/*.service "$contrib"/prometheus/iq-export.*; do
		local kind=user
		[[ $unit != */system/* ]] || kind=system
		sed "s|=iq-work|=$IQ_BUILD/iq-work|
			s|%h/.local/bin/|$contrib/prometheus/|; s|^User=.*|User=root|" \
			"$unit" >"$kind/${unit##*/}"
	done
	export XDG_RUNTIME_DIR=$PWD/run
	mkdir -m 700 run
	run systemd-analyze verify --user --man=no user/iq-*.service \
		user/iq-export.timer
	assert_output ""
	run systemd-analyze verify --man=no system/iq-*.service
	assert_output ""
}
