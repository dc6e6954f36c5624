/* Lines that name a job. */
#include "rules/job_ref.h"

#include "lib/fuzz.h"

static bool
all_blank(struct bytes s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] != ' ' && s.p[i] != '\t' && s.p[i] != '\r')
			return false;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes line = fuzz_bytes(data, n);
	struct buf said = { 0 };
	struct err err = { 0 };
	int64_t id = -1, again = -1;
	int rc = job_ref_parse(line, &id, &err);

	if (rc != 0) {
		must_say(&err, EX_DATAERR);
		must(id == 0);
	} else {
		must(id >= 0 && (id == 0) == all_blank(line));
	}
	if (id > 0) {
		buf_addf(&said, " {\"id\":%lld,\"type\":\"x\"}\r",
			(long long)id);
		must(job_ref_parse(fuzz_said(&said), &again, &err) == 0
			&& again == id);
	}
	buf_release(&said);
	return 0;
}
