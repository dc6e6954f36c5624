/* answer [STATUS] - a co-process that does nothing: 0, or that, for each line,
 * in as few writes as its input comes in reads. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char in[64 << 10], out[4 * sizeof(in)];

static int
put(const char *p, size_t n)
{
	ssize_t done;

	for (; n > 0; p += done, n -= (size_t)done) {
		done = write(STDOUT_FILENO, p, n);
		if (done < 0)
			return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	char say[5] = "0\n";
	ssize_t got;
	size_t len;

	if (argc > 2 || (argc == 2 && (size_t)snprintf(say, sizeof(say),
	    "%s\n", argv[1]) >= sizeof(say)))
		return 64;
	len = strlen(say);
	while ((got = read(STDIN_FILENO, in, sizeof(in))) > 0) {
		size_t n = 0;

		for (ssize_t i = 0; i < got; i++) {
			if (in[i] != '\n')
				continue;
			memcpy(out + n, say, len);
			n += len;
		}
		if (put(out, n) != 0)
			return 1;
	}
	return got < 0;
}
