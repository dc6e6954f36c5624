#include "rules/watch_record.h"

#include "tap.h"

#define TEXT(s) s, sizeof(s) - 1

static enum watch_found
inotify(const char *p, size_t n, struct watch_record *r)
{
	size_t used;
	enum watch_found found = watch_record_inotify(p, n, &used, r);

	if (found == WATCH_RECORD)
		is_int((int64_t)used, (int64_t)n, "all of it");
	return found;
}

static void
records(void)
{
	struct watch_record r;

	ok(inotify(TEXT("CLOSE_WRITE,CLOSE\0/t/a\nb/\0x %w\377\0" "0\0"), &r) ==
	    WATCH_RECORD && r.what == WATCH_WRITTEN &&
	    bytes_equal(r.dir, bytes_of("/t/a\nb/")) &&
	    bytes_equal(r.name, bytes_of("x %w\377")), "any name");
	ok(inotify(TEXT("MOVED_TO,ISDIR\0/t/\0d\0e74c\0"), &r) ==
	    WATCH_RECORD && r.what == (WATCH_MOVED_TO | WATCH_DIRECTORY) &&
	    r.cookie == 0xe74c, "a directory that was moved");
	ok(inotify(TEXT("Q_OVERFLOW\0\0\0" "0\0"), &r) == WATCH_RECORD &&
	    r.what == WATCH_OVERFLOW, "events were lost");
	ok(inotify(TEXT("DELETE_SELF\0/t/\0\0" "0\0"), &r) == WATCH_RECORD &&
	    r.what == WATCH_SELF && r.name.n == 0, "itself");
}

static void
not_whole(void)
{
	static const char text[] = "CREATE\0/t/\0name\0" "0\0";
	struct watch_record r;
	size_t used;

	for (size_t n = 0; n < sizeof(text) - 1; n++)
		if (watch_record_inotify(text, n, &used, &r) != WATCH_MORE) {
			ok(false, "%zu bytes are not all", n);
			return;
		}
	ok(true, "its end has to come");
}

static void
garbled(void)
{
	static char longest[8192];
	struct watch_record r;
	size_t used;

	ok(inotify(TEXT("MODIFIED\0/t/\0x\0" "0\0"), &r) == WATCH_GARBLED,
	    "no such event");
	ok(inotify(TEXT("\0/t/\0x\0" "0\0"), &r) == WATCH_GARBLED, "none");
	ok(inotify(TEXT("CREATE\0" "1\0x\0" "0\0"), &r) == WATCH_GARBLED,
	    "a number instead of a directory");
	ok(inotify(TEXT("CREATE\0/t\0x\0" "0\0"), &r) == WATCH_GARBLED,
	    "no slash at its end");
	ok(inotify(TEXT("CREATE\0/t/\0x/y\0" "0\0"), &r) == WATCH_GARBLED,
	    "a name with a slash");
	ok(inotify(TEXT("CREATE\0/t/\0x\0junk\0"), &r) == WATCH_GARBLED,
	    "no cookie");
	ok(inotify(TEXT("CREATE\0/t/\0x\0" "123456789\0"), &r) ==
	    WATCH_GARBLED, "a long one");
	ok(inotify(TEXT("Q_OVERFLOW\0/t/\0x\0" "0\0"), &r) == WATCH_GARBLED,
	    "events were lost, somewhere");
	memset(longest, 'x', sizeof(longest));
	ok(watch_record_inotify(longest, sizeof(longest), &used, &r) ==
	    WATCH_GARBLED, "no end");
	memcpy(longest, "CREATE", 7);
	longest[7] = '/';
	ok(watch_record_inotify(longest, sizeof(longest), &used, &r) ==
	    WATCH_GARBLED, "no end of the directory");
	memcpy(longest + 4080, "/\0n\0" "0\0", 6);
	ok(watch_record_inotify(longest, sizeof(longest), &used, &r) ==
	    WATCH_RECORD, "4086 bytes are believed");
	memset(longest + 7, 'x', 4090);
	longest[7] = '/';
	memcpy(longest + 4086, "/\0n\0" "0\0", 6);
	ok(watch_record_inotify(longest, sizeof(longest), &used, &r) ==
	    WATCH_GARBLED, "4092 are not");
}

static void
fswatch(void)
{
	struct watch_record r;
	size_t used;

	ok(watch_record_fswatch(TEXT("/t/a b\nc Created,IsFile\0"), &used,
	    &r) == WATCH_RECORD && used == 24 &&
	    r.what == (WATCH_CREATED | WATCH_CHANGED) &&
	    bytes_equal(r.dir, bytes_of("/t/")) &&
	    bytes_equal(r.name, bytes_of("a b\nc")), "fswatch");
	ok(watch_record_fswatch(TEXT(" Overflow\0"), &used, &r) ==
	    WATCH_RECORD && r.what == WATCH_OVERFLOW, "it lost events");
	ok(watch_record_fswatch(TEXT("/t/a"), &used, &r) == WATCH_MORE,
	    "it has not ended");
	ok(watch_record_fswatch(TEXT("/t/a\0"), &used, &r) == WATCH_GARBLED &&
	    watch_record_fswatch(TEXT("/t/a Broken\0"), &used, &r) ==
	    WATCH_GARBLED && watch_record_fswatch(TEXT("a Created\0"), &used,
	    &r) == WATCH_GARBLED, "nonsense of it");
}

static void
messages(void)
{
	ok(watch_says(bytes_of("Watches established.")) == WATCH_SAYS_READY,
	    "ready");
	ok(watch_says(bytes_of("Setting up watches.  Beware: since -r was "
	    "given, this may take a while!")) == WATCH_SAYS_NOTHING &&
	    watch_says(bytes_of("")) == WATCH_SAYS_NOTHING, "nothing");
	ok(watch_says(bytes_of("Failed to watch /t; upper limit on inotify "
	    "watches reached!")) == WATCH_SAYS_LIMIT &&
	    watch_says(bytes_of("Couldn't watch new directory /t/x: No space "
	    "left on device")) == WATCH_SAYS_LIMIT, "the limit");
	ok(watch_says(bytes_of("Couldn't watch /t: No such file or "
	    "directory")) == WATCH_SAYS_TROUBLE, "trouble");
}

static void
marks(void)
{
	struct watch_mark m;

	ok(watch_mark_parse(bytes_of("inotify wd:16 ino:ad49c3 sdev:fe00000 "
	    "mask:dc8 ignored_mask:0 fhandle-bytes:8 fhandle-type:1 "
	    "f_handle:c349ad0085393525"), &m) && m.inode == 0xad49c3 &&
	    m.device == 0xfe00000 && m.handle_type == 1 &&
	    bytes_equal(m.handle, bytes_of("c349ad0085393525")), "a watch");
	ok(watch_mark_parse(bytes_of("inotify wd:1 ino:2 sdev:3 mask:4"),
	    &m) && m.handle_type == -1, "without a handle");
	ok(!watch_mark_parse(bytes_of("pos:\t0"), &m) &&
	    !watch_mark_parse(bytes_of("inotify wd:1 ino: sdev:3"), &m),
	    "something else");
}

int
main(void)
{
	records();
	not_whole();
	garbled();
	fswatch();
	messages();
	marks();
	return done();
}
