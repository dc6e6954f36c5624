/* Moves of events: any bytes are read or refused, what was read can be said
 * again, and what was said is read.  Also the numbers they are made of. */
#include "rules/event.h"

#include "base/clock.h"
#include "base/num.h"
#include "lib/fuzz.h"

#define JOBS_MAX 4096	/* jobs looked at one by one */

/* Moves, job by job */
struct walk {
	struct bytes moves;
	size_t pos;
	int64_t end, k;
	struct move m;
};

static int
next_job(struct walk *w, struct move *job)
{
	int rc = 1;

	if (w->k == w->m.count) {
		rc = event_next_move(w->moves, &w->pos, &w->end, &w->m);
		w->k = 0;
	}
	if (rc == 1) {
		*job = w->m;
		job->first += w->k++;
		job->count = 1;
	}
	return rc;
}

static bool
same(const struct move *a, const struct move *b)
{
	return a->first == b->first && a->type == b->type
		&& a->from == b->from && a->to == b->to
		&& a->reason == b->reason && a->exit == b->exit
		&& a->duration == b->duration;
}

static void
must_be_sound(const struct move *m)
{
	must(m->first >= 0 && m->count > 0 && m->type >= 0);
	must(m->first <= INT64_MAX - m->count);
	must(m->duration >= 0 && m->duration % NS_PER_US == 0);
	must(m->from == STATE_RUNNING || (m->exit == 0 && m->duration == 0));
	/* stored by others: whatever it is, it has a name or none */
	must(state_name(m->from) != NULL && state_detail(m->to) != NULL);
	must(m->reason == REASON_NONE || m->reason >= REASON_COUNT
		|| reason_name(m->reason) != NULL);
}

/* Jobs in the moves up to the end or what is malformed; -1: too many */
static int64_t
read_all(struct bytes moves)
{
	int64_t end = 0, jobs = 0;
	struct move m;
	size_t pos = 0, before = 0;
	int rc;

	while ((rc = event_next_move(moves, &pos, &end, &m)) == 1) {
		must(pos > before && pos <= moves.n);
		must(end == m.first + m.count);
		must_be_sound(&m);
		before = pos;
		jobs = jobs < 0 || m.count > JOBS_MAX - jobs ? -1
			: jobs + m.count;
	}
	must(pos == before);
	must(rc == 0 ? pos == moves.n : rc == -1);
	return rc == 0 ? jobs : -1;
}

static void
say_again(struct bytes moves, int64_t jobs)
{
	struct event e = { 0 };
	struct walk w = { .moves = moves }, v;
	struct move a, b;

	event_reset(&e, KIND_FINISH);
	while (next_job(&w, &a) == 1)
		event_move(&e, a.first, a.type, a.from, a.to, a.reason, a.exit,
			a.duration);
	must(event_empty(&e) == (jobs == 0));
	event_close(&e);
	w = (struct walk){ .moves = moves };
	v = (struct walk){ .moves = fuzz_said(&e.moves) };
	for (; jobs > 0; jobs--)
		must(next_job(&w, &a) == 1 && next_job(&v, &b) == 1
			&& same(&a, &b));
	must(next_job(&v, &b) == 0);
	event_release(&e);
}

/* 16 bytes make a move */
static struct move
made(const uint8_t *p, int64_t after)
{
	struct move m = { .count = 1 };
	uint64_t far;

	memcpy(&far, p + 8, sizeof(far));
	/* mostly one of the next jobs, so that runs come about */
	m.first = p[0] & 8 ? (int64_t)(far >> 2) : after + (p[0] & 1);
	m.type = p[1];
	m.from = (enum state)(p[2] % STATE_COUNT);
	m.to = (enum state)(p[3] % STATE_COUNT);
	m.reason = (enum reason)(p[4] % REASON_COUNT);
	if (m.from == STATE_RUNNING) {
		m.exit = (int8_t)p[5];
		m.duration = (int64_t)far;
	}
	return m;
}

static void
say_made(const uint8_t *data, size_t n)
{
	struct event e = { 0 };
	struct walk w;
	struct move m, got;
	int64_t after = 0;
	size_t i;

	event_reset(&e, KIND_FINISH);
	for (i = 0; i + 16 <= n; i += 16) {
		m = made(data + i, after);
		event_move(&e, m.first, m.type, m.from, m.to, m.reason, m.exit,
			m.duration);
		after = m.first + 1;
	}
	event_close(&e);
	w = (struct walk){ .moves = fuzz_said(&e.moves) };
	after = 0;
	for (i = 0; i + 16 <= n; i += 16) {
		m = made(data + i, after);
		m.duration = m.duration < 0 ? 0
			: m.duration - m.duration % NS_PER_US;
		must(next_job(&w, &got) == 1 && same(&m, &got));
		after = m.first + 1;
	}
	must(next_job(&w, &got) == 0);
	event_release(&e);
}

static void
numbers(const uint8_t *data, size_t n)
{
	const unsigned char *p = data, *end = data + n, *again;
	struct buf b = { 0 };
	uint64_t v, w;

	while (varint_get(&p, end, &v) == 0) {
		must(p <= end);
		buf_reset(&b);
		varint_put(&b, v);
		again = (const unsigned char *)b.p;
		must(varint_get(&again, again + b.len, &w) == 0 && w == v);
		must(again == (const unsigned char *)b.p + b.len);
	}
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct bytes moves = fuzz_bytes(data, n);
	int64_t jobs = read_all(moves);

	if (jobs >= 0)
		say_again(moves, jobs);
	say_made(data, n);
	numbers(data, n);
	return 0;
}
