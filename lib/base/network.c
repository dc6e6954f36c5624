#include "base/network.h"

#include <stddef.h>

const char *
network_name(unsigned long type)
{
	static const struct {
		unsigned long type;
		const char *name;
	} kinds[] = {
		{ 0x6969, "NFS" }, { 0x517b, "SMB" }, { 0xfe534d42, "SMB" },
		{ 0xff534d42, "CIFS" }, { 0x01021997, "9p" },
		{ 0x65735546, "FUSE" }, { 0x5346414f, "AFS" },
		{ 0x00c36400, "Ceph" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if ((type & 0xffffffff) == kinds[i].type)
			return kinds[i].name;
	return NULL;
}
