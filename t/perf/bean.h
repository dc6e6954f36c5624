/* What the clients of beanstalkd share. */
#ifndef IQ_BEAN_H
#define IQ_BEAN_H

#include <arpa/inet.h>
#include <err.h>
#include <sys/socket.h>

#include "perf.h"

/* A connection to the beanstalkd on 127.0.0.1:PORT */
static inline int
dial(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)count_of(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &a.sin_addr);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		err(69, "connect to port %s", port);
	return fd;
}

#endif
