/* What a list has to look at: counted as SQLite counts its work. */
#include "hand.h"

#define JOBS 20000

/* Jobs of the types t and t/child in turns; each has a key, and one a group */
static struct store *
full_queue(const char *path)
{
	struct store *s = open_queue(path);
	char sql[700];

	enqueue(s, "t", "/t");
	enqueue(s, "t/child", "/c");
	snprintf(sql, sizeof(sql), "WITH RECURSIVE n(i) AS (SELECT 3 UNION ALL"
	    " SELECT i + 1 FROM n WHERE i < %d) INSERT INTO job(id, type, lane,"
	    " state, created_at, key, \"group\") SELECT i, i %% 2 + 1,"
	    " i %% 2 + 1, 1, 1, CAST('k' || i AS BLOB), CASE i WHEN 15000"
	    " THEN CAST('G' AS BLOB) END FROM n;"
	    /* one that runs, and one that follows it */
	    "UPDATE job SET key = CAST('line' AS BLOB), newer = 9000,"
	    " state = 5 WHERE id = 8000;"
	    "UPDATE job SET key = CAST('line' AS BLOB), older = 8000"
	    " WHERE id = 9000;"
	    "UPDATE job SET state = 4, claim = 1, slot = 1 WHERE id = 12000;"
	    "INSERT INTO lease(claim, slot, worker, type, jobs, ahead, ids)"
	    " VALUES(1, 1, 1, 1, 1, 0, '[[11990,11995],[12000,12000]]')",
	    JOBS);
	must(db_exec(&s->db, sql, &err));
	return s;
}

struct seen {
	char ids[64];
};

static int
add_id(void *ctx, const struct job *j)
{
	struct seen *v = ctx;
	size_t n = strlen(v->ids);

	snprintf(v->ids + n, sizeof(v->ids) - n, "%lld ", (long long)j->id);
	return 0;
}

static void
find(struct store *s, const struct job_filter *f, const char *wanted,
	const char *what)
{
	struct seen v = { "" };
	int work = 0;

	count_work(s, &work);
	must(store_list(s, f, add_id, NULL, &v, &err));
	count_work(s, NULL);
	is_str(v.ids, wanted, "%s", what);
	ok(work < JOBS / WORK_STEPS, "by an index");
}

int
main(void)
{
	struct store *s = full_queue("full.db");
	struct bytes line = bytes_of("line");

	find(s, &(struct job_filter){ .group = bytes_of("G") }, "15000 ",
	    "a job of a group is found");
	find(s, &(struct job_filter){ .group = bytes_of("H") }, "",
	    "a group that is not there is not");
	find(s, &(struct job_filter){ .group = bytes_of("G"),
	    .key = bytes_of("k15000") }, "15000 ", "by group and key");
	find(s, &(struct job_filter){ .key = bytes_of("k77") }, "77 ",
	    "a job of a key is found");
	find(s, &(struct job_filter){ .states = 1u << STATE_RUNNING },
	    "12000 ", "what runs is found");
	find(s, &(struct job_filter){ .states = 1u << STATE_READY,
	    .limit = 3 }, "1 2 3 ", "the first few are");
	find(s, &(struct job_filter){ .states = 1u << STATE_QUARANTINED,
	    .look = 100 }, "", "who looks at few jobs does not see others");
	find(s, &(struct job_filter){ .key = line }, "8000 9000 ",
	    "and all that follow each other");
	find(s, &(struct job_filter){ .key = line, .type = "t" },
	    "8000 9000 ", "of a type and its children");
	find(s, &(struct job_filter){ .key = line, .type = "t/child" }, "",
	    "and of no other");
	find(s, &(struct job_filter){ .key = line,
	    .states = 1u << STATE_QUARANTINED }, "8000 ", "in a state");
	store_close(s);
	return done();
}
