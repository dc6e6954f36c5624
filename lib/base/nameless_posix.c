#include "base/nameless.h"

int
nameless_memory(void)
{
	return nameless_file();
}
