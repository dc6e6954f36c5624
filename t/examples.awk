# The examples of a manual page: literal displays of the sections EXAMPLES and
# TOUR.  In them
#
#	$ COMMAND	is run; lines "> MORE" go on with it
#	OUTPUT		is what it prints; "..." in it stands for anything
#
# and a comment of the page that reads `.\" $ COMMAND` is run and not shown:
# what a reader has got, and the test has not.
#
# -v want=script: bash that runs them all; after each it calls ended, which
# must keep $?.  -v want=shown: for each a line "$ COMMAND" (its first line),
# and "| OUTPUT" for each line that the page shows.

function finish()
{
	if (open && want == "script")
		print "ended"
	open = 0
}

function start(text)
{
	finish()
	open = 1
	print want == "script" ? text : "$ " text
}

function unescape(text)
{
	sub(/^\\&/, "", text)
	gsub(/\\&/, "", text)
	gsub(/\\e/, "\\", text)
	return text
}

/^\.Sh / { inside = $2 == "EXAMPLES" || $2 == "TOUR" }
!inside { next }
/^\.\\" \$ / { start(substr($0, 7)); next }
/^\.Bd -literal/ { literal = 1; next }
/^\.Ed/ { literal = 0; next }
!literal { next }
{ $0 = unescape($0) }
/^\$ / { start(substr($0, 3)); next }
/^> / || $0 == ">" { if (want == "script") print substr($0, 3); next }
open && want == "shown" { print "| " $0 }
END { finish() }
