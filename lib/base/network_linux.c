/* The kernel says what kind of file system it is (statfs(2)). */
#include "base/network.h"

#include <stddef.h>
#include <sys/vfs.h>

static const struct kind {
	unsigned long type;
	const char *name;
	bool locks;		/* they are reliable there */
} kinds[] = {
	{ 0x6969, "NFS", false },
	{ 0x517b, "SMB", false },
	{ 0xfe534d42, "SMB", false },
	{ 0xff534d42, "CIFS", false },
	{ 0x01021997, "9p", false },
	{ 0x65735546, "FUSE", false },
	{ 0x5346414f, "AFS", false },
	{ 0x00c36400, "Ceph", false },
	{ 0x786f4256, "vboxsf", false },
	/* of some machines together, which they are made for */
	{ 0x0bd00bd0, "Lustre", true },
	{ 0x47504653, "GPFS", true },
	{ 0x7461636f, "OCFS2", true },
	{ 0x01161970, "GFS2", true },
};

static const struct kind *
find(const struct statfs *fs)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (((unsigned long)fs->f_type & 0xffffffff) == kinds[i].type)
			return &kinds[i];
	return NULL;
}

const char *
network_unlocked(const char *path)
{
	struct statfs fs;
	const struct kind *k = statfs(path, &fs) == 0 ? find(&fs) : NULL;

	return k && !k->locks ? k->name : NULL;
}

bool
network_is(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && find(&fs) != NULL;
}
