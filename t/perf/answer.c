/* A co-process that does nothing: 0 for each line, in as few writes as its
 * input comes in reads. */
#include <string.h>
#include <unistd.h>

static char in[64 << 10], out[2 * sizeof(in)];

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
main(void)
{
	ssize_t got;

	while ((got = read(STDIN_FILENO, in, sizeof(in))) > 0) {
		size_t n = 0;

		for (ssize_t i = 0; i < got; i++) {
			if (in[i] != '\n')
				continue;
			memcpy(out + n, "0\n", 2);
			n += 2;
		}
		if (put(out, n) != 0)
			return 1;
	}
	return got < 0;
}
