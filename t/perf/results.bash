# shellcheck shell=bash
# The table's frame, and RESULTS.md.

header() {
	echo "| row | figure, and what it is compared with | iq: median" \
		"(least .. most) | instead: median (least .. most) | ratio |" \
		"bar | |"
	echo "|---|---|---|---|---|---|---|"
}

file_system() {
	stat -f -c %T "$scratch"
}

# What would spoil the figures is said before them.
warn_when_unfit() {
	local load _
	read -r load _ </proc/loadavg
	if ! holds "$load" "<= 0.5"; then
		echo "run: the machine is busy (load $load)" >&2
	fi
	case $(file_system) in
	tmpfs | ramfs | overlayfs)
		echo "run: $scratch is on $(file_system), where a sync costs" \
			"nothing or says nothing; set TMPDIR" >&2
		;;
	esac
}

package() {
	dpkg-query -W -f "\${Version}" "$1" 2>/dev/null || echo "?"
}

machine() {
	local model memory
	model=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
	memory=$(awk '/^MemTotal/ { printf "%.0f", $2 / 1e6 }' /proc/meminfo)
	echo "$(nproc) CPUs ($model), $memory GB, Linux $(uname -r)," \
		"$(file_system)"
}

# Which rows were measured when and where: what the file says of those that were
# not now, and this machine.
machines() {
	sed -n 's/^- rows \([a-z ]*\): /\1|/p' "$source/t/perf/RESULTS.md" |
		awk -F'|' -v now=" ${rows[*]} " '{
			n = split($1, row, " ")
			left = ""
			for (i = 1; i <= n; i++)
				if (index(now, " " row[i] " ") == 0)
					left = left " " row[i]
			if (left != "")
				print "- rows" left ": " $2
		}'
	echo "- rows ${rows[*]}: $(date -u +%Y-%m-%d), $(machine)"
}

software() {
	cat <<-END
	- $(sed -n 's/^PRETTY_NAME="\(.*\)"/\1/p' /etc/os-release), $(cc --version |
		head -n 1); SQLite $(sqlite3 -version | cut -d' ' -f1)
	- beanstalkd $(package beanstalkd), Redis $(package redis-server), tsp $(package task-spooler), nq $(
		package nq), GNU parallel $(package parallel), xargs $(
		package findutils)
	- iq $(iq --version | awk '{ print $NF }')
	END
}

# The table; of a row that was not measured now what the file says.
merged() {
	local row old=$source/t/perf/RESULTS.md
	header
	for row in {a..z}; do
		grep "^| $row |" "$data/table" ||
			grep -s "^| $row |" "$old" || :
	done
}

results() {
	merged >"$data/merged"
	cat <<-END
	# iq beside what one would use instead

	Written by \`t/perf/run --write\` (\`make bench\` prints it).  Every ratio is iq's
	figure over the other one, both taken in one run, in turns.  Figures of
	different machines say nothing of each other.

	$(machines)
	$(software)

	$(cat "$data/merged")

	$(grep -c "| MISSED |" "$data/merged") bars missed.

	END
	cat "$source/t/perf/method.md"
}
