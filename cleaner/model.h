/* model.h - how likely a row of Chinese characters is: the language model that
 * lost bytes are repaired with. */
#ifndef WN_MODEL_H
#define WN_MODEL_H

#include <stddef.h>
#include <stdint.h>

struct wn_arena;
struct wn_page_pairs;

/* Costs are quarter nats: 4 * -ln p. */
enum { WN_NAT = 4 };

/* The simplified form of a character, itself when it has none. */
uint32_t wn_model_plain(uint32_t c);

/* What a plain character costs that stands alone. */
unsigned wn_model_char(uint32_t plain);

/* What a row of plain characters costs, none of it known before the first:
 * word by word and pair by pair, mixed. page may be NULL. */
double wn_model_cost(
    const struct wn_page_pairs *, const uint32_t *plain, size_t n);

/* The pairs of a page, which say more of its words than the model: counted
 * from plain characters in the order of the text, 0 where a line ends. NULL:
 * no memory. Room for at most `most` pairs. */
struct wn_page_pairs *wn_page_pairs_new(struct wn_arena *, size_t most);
void wn_page_pairs_add(struct wn_page_pairs *, uint32_t a, uint32_t b);

#endif
