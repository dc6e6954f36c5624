/*
 * A mark that a process and all its descendants wear, whatever they do to
 * their descriptors, sessions and environments, and that even a zombie shows:
 * RLIMIT_RTTIME, the CPU time a real-time process may use without sleeping.
 * It is unlimited nearly everywhere; here it is 2^62 us (146,000 years) less a
 * number that tells level, worker and slot.  A limit can only be lowered, so a
 * worker that runs inside a handler counts down from that handler's mark, one
 * level deeper.
 */
#ifndef IQ_TREE_MARK_H
#define IQ_TREE_MARK_H

#include <stdint.h>
#include <sys/types.h>

/* Where this process's marks count down from; 0: it has a real limit */
uint64_t tree_marks(void);
/* Slot that pid's mark tells, or -1 when it wears none of marks */
int tree_marked_slot(uint64_t marks, pid_t pid);

#endif
