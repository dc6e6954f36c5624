/* Private to cover.c and cover_PLATFORM.c. */
#ifndef IQ_COVER_SET_H
#define IQ_COVER_SET_H

#include "engine/cover.h"

uint64_t cover_hash(const struct cover *c, const void *p, size_t n);
uint64_t cover_inode_mark(const struct cover *c, uint32_t device,
	uint64_t inode);
void cover_clear(struct cover *c);

#endif
