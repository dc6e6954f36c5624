/* Life after a power cut: the queue is opened on the restarted machine, the
 * dead workers' jobs are taken back, and a job is put in and run. */
#ifndef IQ_AFTERMATH_H
#define IQ_AFTERMATH_H

#include "inspect.h"
#include "play.h"

/* What fails is also a finding. */
void aftermath(struct play *p, struct findings *f);

#endif
