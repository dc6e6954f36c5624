/*
 * Calls that nobody may make here.  The build passes this file with -include,
 * so that it stands before the first line of every source; the headers that
 * declare the functions come first, because a macro would break them.
 *
 * Only calls are caught: a member or a variable may have such a name.
 */
#ifndef IQ_BANNED_H
#define IQ_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* They write past the end of what they are given, or leave it unterminated:
 * buf_add*, snprintf, memcpy. */
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef stpcpy
#undef sprintf
#undef vsprintf
#undef gets
#define strcpy(...) strcpy_is_banned_use_buf_adds
#define strcat(...) strcat_is_banned_use_buf_adds
#define strncpy(...) strncpy_is_banned_use_memcpy
#define strncat(...) strncat_is_banned_use_buf_add
#define stpcpy(...) stpcpy_is_banned_use_buf_adds
#define sprintf(...) sprintf_is_banned_use_snprintf
#define vsprintf(...) vsprintf_is_banned_use_vsnprintf
#define gets(...) gets_is_banned_use_io_h

/* They take rubbish for 0: int_parse. */
#undef atoi
#undef atol
#undef atoll
#undef atof
#define atoi(...) atoi_is_banned_use_int_parse
#define atol(...) atol_is_banned_use_int_parse
#define atoll(...) atoll_is_banned_use_int_parse
#define atof(...) atof_is_banned_use_float_parse

/* They answer from a static buffer: the _r functions. */
#undef strtok
#undef asctime
#undef ctime
#undef gmtime
#undef localtime
#define strtok(...) strtok_is_banned
#define asctime(...) asctime_is_banned_use_time_format
#define ctime(...) ctime_is_banned_use_time_format
#define gmtime(...) gmtime_is_banned_use_gmtime_r
#define localtime(...) localtime_is_banned_use_localtime_r

/* Names that can be guessed, and a shell: mkstemp, posix_spawn. */
#undef tmpnam
#undef mktemp
#undef system
#undef popen
#define tmpnam(...) tmpnam_is_banned_use_mkstemp
#define mktemp(...) mktemp_is_banned_use_mkstemp
#define system(...) system_is_banned_never_a_shell
#define popen(...) popen_is_banned_never_a_shell

#endif
