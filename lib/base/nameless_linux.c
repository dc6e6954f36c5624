#include <sys/mman.h>

#include "base/nameless.h"

int
nameless_memory(void)
{
	return memfd_create("iq", MFD_CLOEXEC);
}
