#include "rules/hmac.h"

#include "base/buf.h"
#include "tap.h"

static const char *
hmac(struct bytes key, struct bytes message)
{
	static char text[2 * HMAC_SIZE + 1];
	unsigned char out[HMAC_SIZE];

	hmac_sha256(key, message, out);
	for (size_t i = 0; i < sizeof(out); i++)
		snprintf(text + 2 * i, 3, "%02x", out[i]);
	return text;
}

static struct bytes
repeated(char c, size_t n)
{
	static char text[256];

	memset(text, c, n);
	return (struct bytes){ text, n };
}

/* Of RFC 4231 */
int
main(void)
{
	char key[25];

	is_str(hmac(repeated(0x0b, 20), bytes_of("Hi There")),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	    "case 1");
	is_str(hmac(bytes_of("Jefe"), bytes_of("what do ya want for "
	    "nothing?")),
	    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	    "case 2: a short key");
	for (int i = 0; i < 25; i++)
		key[i] = (char)(i + 1);
	is_str(hmac((struct bytes){ key, 25 }, repeated((char)0xcd, 50)),
	    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
	    "case 4");
	is_str(hmac(repeated((char)0xaa, 131), bytes_of("Test Using Larger "
	    "Than Block-Size Key - Hash Key First")),
	    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
	    "case 6: a key longer than a block");
	is_str(hmac(BYTES_NONE, BYTES_NONE),
	    "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad",
	    "nothing at all");
	return done();
}
