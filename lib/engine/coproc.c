#include "engine/coproc.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "engine/usage.h"

/* A longer status is none. */
#define STATUS_DIGITS 3

void
coproc_init(struct coproc *c, enum coproc_format format)
{
	*c = (struct coproc){ .format = format, .in = -1, .out = -1,
		.their_in = -1, .their_out = -1, .window = 1 };
	framing_init(&c->said, '\n', ANSWER_LINE_MAX);
	answer_init(&c->scratch);
	usage_none(&c->share);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ends: what is read from, what is written to; ours does not block. */
static int
open_pipe(int ends[2], int ours)
{
	if (pipe2(ends, O_CLOEXEC) != 0) {
		ends[0] = ends[1] = -1;
		return -1;
	}
	return fcntl(ends[ours], F_SETFL, O_NONBLOCK);
}

int
coproc_open(struct coproc *c)
{
	int down[2] = { -1, -1 }, up[2] = { -1, -1 };
	int rc = open_pipe(down, 1) == 0 && open_pipe(up, 0) == 0 ? 0 : -1;

	c->their_in = down[0];
	c->in = down[1];
	c->out = up[0];
	c->their_out = up[1];
	return rc;
}

void
coproc_started(struct coproc *c)
{
	close_fd(&c->their_in);
	close_fd(&c->their_out);
}

/* ---- to it ---- */

static enum feed
feed_of(const struct coproc *c)
{
	return c->format == COPROC_JSON ? FEED_JSON : FEED_PATHS;
}

bool
coproc_can_say(const struct coproc *c, const struct claimed *job)
{
	return feed_can_say(feed_of(c), job);
}

/* Each job is a line, also one that has no path. */
void
coproc_say(struct coproc *c, struct attempt *a)
{
	size_t before = c->text.len;

	a->ahead = c->written + (before - c->sent);
	feed_say(&c->text, feed_of(c), &a->job);
	if (c->text.len == before)
		buf_addc(&c->text, '\n');
}

bool
coproc_unwritten(const struct coproc *c, const struct attempt *a)
{
	return a->ahead > 0 && a->ahead >= c->written;
}

void
coproc_unsay(struct coproc *c, const struct attempt *a)
{
	c->text.len = c->sent + (size_t)(a->ahead - c->written);
}

bool
coproc_has_to_write(const struct coproc *c)
{
	return c->in >= 0 && c->sent < c->text.len;
}

bool
coproc_write(struct coproc *c)
{
	ssize_t put;

	while (coproc_has_to_write(c)) {
		put = write(c->in, c->text.p + c->sent, c->text.len - c->sent);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno == EAGAIN)
			return true;
		if (put < 0) {
			close_fd(&c->in);
			return false;
		}
		c->sent += (size_t)put;
		c->written += (uint64_t)put;
	}
	buf_reset(&c->text);
	c->sent = 0;
	if (c->closing)
		close_fd(&c->in);
	return true;
}

/* ---- from it ---- */

ssize_t
coproc_read(struct coproc *c, char *chunk, size_t size)
{
	ssize_t got;

	if (c->out < 0)
		return 0;
	do
		got = read(c->out, chunk, size);
	while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return 0;
	if (got > 0)
		return got;
	close_fd(&c->out);
	return -1;
}

/* A number from 0 to 255, and nothing else */
static int
status_of(struct bytes line)
{
	int n = 0;

	if (line.n == 0 || line.n > STATUS_DIGITS)
		return -1;
	for (size_t i = 0; i < line.n; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return -1;
		n = 10 * n + (line.p[i] - '0');
	}
	return n <= 255 ? n : -1;
}

struct naming {
	struct coproc *coproc;
	struct hand *hand;
};

/* Most answers say nothing that would have to be kept. */
static struct answer *
answer_of(void *ctx, int64_t id)
{
	struct naming *n = ctx;
	struct attempt *a = id > 0 ? hand_find(n->hand, id) : n->hand->first;

	n->coproc->about = a;
	if (a == NULL || a->started == 0)
		return NULL;
	return a->answer != NULL ? a->answer : &n->coproc->scratch;
}

static bool
says_more(const struct answer *a)
{
	return a->progress >= 0 || a->bytes >= 0 || a->retry_after >= 0 ||
		a->refined || a->error.len > 0 || a->n > 0;
}

static void
keep_scratch(struct coproc *c)
{
	if (c->about->answer == NULL && says_more(&c->scratch)) {
		*attempt_answer(c->about) = c->scratch;
		answer_init(&c->scratch);
	}
	c->scratch.ended = false;
}

static int
json_answer(struct coproc *c, struct bytes line, struct answer_ground *g,
	struct hand *hand, bool *ended, int *status, struct err *err)
{
	struct naming naming = { c, hand };
	struct answer nobody = { 0 }, *a;

	g->of = answer_of;
	g->ctx = &naming;
	g->several = false;
	if (answer_read(&nobody, line, g, err) != 0)
		return EX_DATAERR;
	a = c->about->answer != NULL ? c->about->answer : &c->scratch;
	*ended = a->ended;
	*status = a->exit;
	keep_scratch(c);
	return 0;
}

static int
no_status(struct bytes line, struct err *err)
{
	char shown[80];
	size_t n = line.n < sizeof(shown) ? line.n : sizeof(shown) - 1;

	memcpy(shown, line.p, n);
	shown[n] = '\0';
	return err_value(err, EX_DATAERR, "answer", shown,
		"not an exit status from 0 to 255");
}

int
coproc_answer(struct coproc *c, struct bytes line, struct answer_ground *g,
	struct hand *hand, struct attempt **whose, bool *ended, int *status,
	struct err *err)
{
	int code = 0;

	c->about = hand->first;
	if (c->about == NULL || c->about->started == 0)
		code = err_set(err, EX_DATAERR, "an answer, and no job waits "
			"for one");
	else if (c->format == COPROC_JSON)
		code = json_answer(c, line, g, hand, ended, status, err);
	else if ((*status = status_of(line)) < 0)
		code = no_status(line, err);
	else
		*ended = true;
	*whose = c->about;
	return code;
}

/* ---- what it uses ---- */

static int64_t
part(int64_t now, int64_t before, size_t n)
{
	return now < 0 || before < 0 || now < before ? -1 :
		(now - before) / (int64_t)n;
}

void
coproc_share(struct coproc *c, const struct usage *now, size_t more)
{
	const struct usage *before = &c->counted;
	size_t n = c->unshared + more;

	if (n == 0)
		return;
	c->share = *now;
	c->share.cpu = part(now->cpu, before->cpu, n);
	c->share.read = part(now->read, before->read, n);
	c->share.written = part(now->written, before->written, n);
	c->share.io_operations = part(now->io_operations,
		before->io_operations, n);
	c->counted = *now;
	c->unshared = 0;
}

/* ---- the end ---- */

void
coproc_reset(struct coproc *c)
{
	enum coproc_format format = c->format;
	struct buf text = c->text;

	coproc_started(c);
	close_fd(&c->in);
	close_fd(&c->out);
	framing_release(&c->said);
	answer_release(&c->scratch);
	buf_release(&c->garbled);
	coproc_init(c, format);
	c->text = text;
	buf_reset(&c->text);
}

void
coproc_release(struct coproc *c)
{
	coproc_reset(c);
	buf_release(&c->text);
}
