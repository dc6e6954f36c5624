/* Durations and sizes. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/num.h"
#include "random.h"
#include "tap.h"

#define S NS_PER_S
#define H (3600 * S)
#define D (24 * H)

static void
durations(void)
{
	static const struct { const char *s; int64_t want; } good[] = {
		{ "0", 0 }, { "0s", 0 }, { "500ms", S / 2 }, { "2s", 2 * S },
		{ "1.5s", S * 3 / 2 }, { "5m", 300 * S }, { "1h30m", H * 3 / 2 },
		{ "7d", 7 * D }, { "2w", 14 * D }, { "12us", 12000 },
		{ "3", 3 * S }, { ".5", S / 2 }, { "0.25", S / 4 },
		{ "1d12h30m15s250ms1us", D + 12 * H + 1815 * S + 250001000 },
		{ "1m1.5s", 61 * S + S / 2 }, { "1.5h", H * 3 / 2 },
		{ "1.000000001s", S + 1 }, { "1.0000000019s", S + 1 },
		{ "0.001us", 1 }, { "2.5w", 35 * D / 2 },
		{ "9223372036.854775807s", INT64_MAX },
		{ "9223372036854775.807us", INT64_MAX },
		{ "106751d", 106751 * D }, { "0.0h", 0 }, { "000001s", S },
	};
	static const char *const bad[] = {
		"", "-1s", "-0", "s", "1x", "1 s", " 1s", "1s ", "1S", "5M",
		"1h30", "1s1m", "1m1m", "1.5h30m", "1..5s", "1.s", ".s", ".",
		"1,5s", "1e3", "0x10", "nan", "inf", "1min", "1sec", "+1s",
		"106752d", "9223372036.854775808s", "1000000000000h",
		"99999999999999999999999s", "300y",
	};
	struct err err;
	int64_t v;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		v = -77;
		is_int(duration_parse(good[i].s, &v, &err), 0, "duration %s",
			good[i].s);
		is_int(v, good[i].want, "... in ns");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v = 77;
		ok(duration_parse(bad[i], &v, &err) == EX_USAGE && v == 77,
			"no duration: \"%s\"", bad[i]);
	}
	duration_parse("10x", &v, &err);
	is_str(err.text, "duration \"10x\": not like 500ms, 1.5s, 5m, 1h30m "
		"or 7d", "the error says how");
}

static void
duration_text(void)
{
	static const struct { int64_t ns; const char *exact, *human; } cases[] = {
		{ 0, "0s", "0 ns" }, { 1, "0.001us", "1 ns" },
		{ 12000, "12us", "12 us" }, { 1500000, "1.5ms", "2 ms" },
		{ 350 * NS_PER_MS, "350ms", "350 ms" },
		{ 999500001, "999.500001ms", "1.0 s" },
		{ S * 6 / 5, "1.2s", "1.2 s" }, { 30 * S, "30s", "30.0 s" },
		{ 60 * S - 1, "59.999999999s", "1m00s" },
		{ 90 * S, "1m30s", "1m30s" }, { H, "1h", "1h00m" },
		{ 2 * H + 300 * S, "2h5m", "2h05m" }, { D, "1d", "1d00h" },
		{ 7 * D, "7d", "7d00h" }, { 30 * D, "30d", "30d00h" },
		{ D + 1, "1d0.001us", "1d00h" },
		{ -90 * S, "-1m30s", "-1m30s" },
		{ H + S / 2, "1h500ms", "1h00m" },
	};
	struct buf b = { 0 };
	int64_t v;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		duration_format(&b, cases[i].ns);
		is_str(b.p, cases[i].exact, "exact form %s", cases[i].exact);
		if (cases[i].ns >= 0)
			ok(duration_parse(b.p, &v, NULL) == 0
				&& v == cases[i].ns, "... reads back");
		buf_reset(&b);
		duration_human(&b, cases[i].ns);
		is_str(b.p, cases[i].human, "for people %s", cases[i].human);
	}
	buf_release(&b);
}

static void
sizes(void)
{
	static const struct { const char *s; int64_t want; } good[] = {
		{ "0", 0 }, { "1000", 1000 }, { "64K", 65536 },
		{ "64k", 65536 }, { "64KB", 65536 }, { "64KiB", 65536 },
		{ "4M", 4 << 20 }, { "1G", 1 << 30 }, { "2T", INT64_C(2) << 40 },
		{ "1.5G", (INT64_C(3) << 30) / 2 }, { "0.5K", 512 },
		{ "100B", 100 }, { "1P", INT64_C(1) << 50 },
		{ "7E", INT64_C(7) << 60 }, { "1.999K", 2046 },
		{ "9223372036854775807", INT64_MAX },
		{ "7.5E", INT64_C(15) << 59 },
	};
	static const char *const bad[] = {
		"", "-1", "K", "1X", "1KK", "1Kib", "1iB", "1 K", " 1", "1K ",
		"8E", "9223372036854775808", "1e6", "0x10", "1,5G", "1..5K",
		"1.", "99999999999999999999K", "+1",
	};
	struct err err;
	int64_t v;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		v = -77;
		is_int(size_parse(good[i].s, &v, &err), 0, "size %s",
			good[i].s);
		is_int(v, good[i].want, "... in bytes");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		v = 77;
		ok(size_parse(bad[i], &v, &err) == EX_USAGE && v == 77,
			"no size: \"%s\"", bad[i]);
	}
}

static void
size_text(void)
{
	static const struct { int64_t n; const char *exact, *human; } cases[] = {
		{ 0, "0", "0 B" }, { 1000, "1000", "1000 B" },
		{ 1023, "1023", "1023 B" }, { 1024, "1K", "1.0 KiB" },
		{ 65536, "64K", "64.0 KiB" }, { 4404019, "4404019", "4.2 MiB" },
		{ 1048575, "1048575", "1.0 MiB" },
		{ INT64_C(3) << 29, "1536M", "1.5 GiB" },
		{ INT64_MAX, "9223372036854775807", "8.0 EiB" },
		{ INT64_C(1) << 60, "1E", "1.0 EiB" },
	};
	struct buf b = { 0 };
	int64_t v;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_reset(&b);
		size_format(&b, cases[i].n);
		is_str(b.p, cases[i].exact, "exact form %s", cases[i].exact);
		ok(size_parse(b.p, &v, NULL) == 0 && v == cases[i].n,
			"... reads back");
		buf_reset(&b);
		size_human(&b, cases[i].n);
		is_str(b.p, cases[i].human, "for people %s", cases[i].human);
	}
	buf_release(&b);
}

/* What is written reads back, for numbers of every magnitude */
static void
round_trips(void)
{
	struct buf b = { 0 };
	uint64_t x;
	int64_t back;
	int i, wrong = 0;

	for (i = 0; i < 20000; i++) {
		int64_t v;

		x = next_random();
		v = (int64_t)(x >> 1 >> (i % 63));
		buf_reset(&b);
		duration_format(&b, v);
		wrong += duration_parse(b.p, &back, NULL) != 0 || back != v;
		buf_reset(&b);
		size_format(&b, v);
		wrong += size_parse(b.p, &back, NULL) != 0 || back != v;
	}
	is_int(wrong, 0, "20000 random durations and sizes read back");
	buf_release(&b);
}

int
main(void)
{
	durations();
	duration_text();
	sizes();
	size_text();
	round_trips();
	return done();
}
