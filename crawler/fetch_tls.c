/* fetch_tls.c - what is asked of TLS, and whether it has ended as it should.
 *
 * libcurl forgives an end without close_notify. A page without a length ends
 * where its connection ends, so anybody on the way could cut it: there, and
 * only there, OpenSSL tells us of the notice.
 *
 * Invariants
 *  S1  Certificates are checked, versions before 1.2 refused, unless the site's
 *      settings say otherwise.
 *  S2  A page without a length that ended without close_notify is
 *      FETCH_TRUNCATED, but for tls_old. */
#include "crawler/fetch_parts.h"

#include <openssl/ssl.h>

/* What servers of twenty years ago speak: TLS 1.0, SHA-1, small keys. */
#define OLD_CIPHERS "ALL:!aNULL:!eNULL:@SECLEVEL=0"
#define CLOSE_NOTIFY (SSL3_AL_WARNING << 8 | SSL_AD_CLOSE_NOTIFY)

/* Renegotiation as before RFC 5746 for those of long ago; for the others a new
 * handshake is only work. */
static CURLcode
context_cb(CURL *easy, void *ctx, void *arg)
{
	const struct fetch *f = arg;

	(void)easy;
	SSL_CTX_set_options(ctx, f->tls_old ? SSL_OP_LEGACY_SERVER_CONNECT
					    : SSL_OP_NO_RENEGOTIATION);
	return CURLE_OK;
}

int
fetch_tls_set(struct fetch *f, int old, int any)
{
	CURL *e = f->easy;
	int bad = 0;

	f->tls_old = old;
	f->tls_any = any;
#define SET(option, value) bad |= curl_easy_setopt(e, option, value) != CURLE_OK
	SET(CURLOPT_SSL_VERIFYPEER, any ? 0L : 1L);
	SET(CURLOPT_SSL_VERIFYHOST, any ? 0L : 2L);
	SET(CURLOPT_SSLVERSION,
	    (long)(old ? CURL_SSLVERSION_TLSv1_0 : CURL_SSLVERSION_TLSv1_2));
	SET(CURLOPT_SSL_CIPHER_LIST, old ? OLD_CIPHERS : NULL);
#undef SET
	/* A libcurl on another library than OpenSSL has neither. */
	curl_easy_setopt(e, CURLOPT_SSL_CTX_FUNCTION, context_cb);
	curl_easy_setopt(e, CURLOPT_SSL_CTX_DATA, f);
	return bad ? -1 : 0;
}

static int
fetch_index(void)
{
	static int index = -1;

	if (index < 0)
		index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return index;
}

static void
alert_cb(const SSL *ssl, int where, int what)
{
	struct fetch *f = SSL_get_ex_data(ssl, fetch_index());

	if (f != NULL && (where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
	    what == CLOSE_NOTIFY)
		f->tls_notice = 1;
}

/* The connection ends with this transfer: it is no other's to look at. */
void
fetch_tls_watch(struct fetch *f)
{
	struct curl_tlssessioninfo *info = NULL;
	long version = 0;
	SSL *ssl;

	curl_easy_getinfo(f->easy, CURLINFO_HTTP_VERSION, &version);
	if (!f->target.tls || f->tls_old || f->headers.chunked ||
	    f->headers.content_length >= 0 || f->drop_body ||
	    version > CURL_HTTP_VERSION_1_1 ||
	    curl_easy_getinfo(f->easy, CURLINFO_TLS_SSL_PTR, &info) !=
		CURLE_OK ||
	    info == NULL || info->backend != CURLSSLBACKEND_OPENSSL ||
	    (ssl = info->internals) == NULL)
		return;
	f->tls_watched = SSL_set_ex_data(ssl, fetch_index(), f) == 1;
	SSL_set_info_callback(ssl, alert_cb);
}
