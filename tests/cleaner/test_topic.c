/* test_topic.c - examples in, scores out. */
#include "tests/test.h"

#include "cleaner/winnow.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const school[] = {
    "青禾中学党支部召开组织生活会\n3月8日下午，青禾中学党支部召开组织生活会，"
    "学校党员教师参加。支部书记带领全体党员学习党章，党员教师结合教育教学工作"
    "开展批评与自我批评。",
    "东岭小学开展主题党日活动\n为加强学校党建工作，东岭小学党支部组织党员教师"
    "开展主题党日活动，重温入党誓词，把党建工作与立德树人、教育教学结合起来。",
    "县教育局召开学校党建工作推进会\n县教育局党委召开全县中小学党建工作推进会，"
    "要求各学校党组织落实校长负责制，加强党员教师队伍建设，以党建引领教育发展"
    "。",
    "柳河镇中心学校党总支换届\n柳河镇中心学校召开党员大会，选举产生新一届党总支"
    "委员会。会议强调，学校党组织要加强思想政治工作，办好人民满意的教育。",
    "党员教师送教下乡\n实验小学党支部组织党员教师到乡村学校送教，党员名师上示范"
    "课，和乡村教师一起备课，发挥支部战斗堡垒作用。"};
static const char on[] =
    "北川二中党支部举办党课\n日前，北川二中党支部书记为全校党员教师上党课，要求"
    "学校党员发挥先锋模范作用，做好教学和育人工作。";
/* The same on a mirror: traditional, with readings. */
static const char mirrored[] =
    "北川二中黨(dǎng)支部舉(jǔ)辦(bàn)黨(dǎng)課(kè)\n日前，北川二中黨(dǎng)"
    "支部書(shū)記(jì)為(wèi)全校黨(dǎng)員(yuán)教師(shī)上黨(dǎng)課(kè)"
    "，要求"
    "學(xué)校黨(dǎng)員(yuán)發(fā)揮(huī)先鋒(fēng)模範(fàn)作用，做好教學("
    "xué)和"
    "育人工作。";
static const char off[] =
    "新款手机开售\n这款手机采用六点五英寸屏幕，电池容量比上一代增加一成，起售价"
    "三千元，下周五在各大电商平台同时开卖，分析师预计销量将超过去年。";
static const char notice[] =
    "关于调整公交线路的通知\n因城南大道施工，自下月一日起，三路和七路公交车改道"
    "运行，沿途撤销两个站点，请市民合理安排出行时间。";

static const char *const rockets[] = {
    "Heavy rocket reaches orbit\nThe rocket lifted off at dawn and placed two "
    "satellites in orbit. Engineers followed the booster until it landed.",
    "Second launch this week\nA small rocket carried a weather satellite from "
    "the coast. The launch had waited for calm winds over the pad.",
    "Crew capsule docks with the station\nThe capsule docked after a day in "
    "orbit. Its rocket had been launched the evening before.",
    "Engine test before the launch\nThe new engine burned for six minutes. If "
    "the data are good the rocket will fly with four of them.",
    "Satellite lost after launch\nContact with the satellite ended when the "
    "upper stage of the rocket shut down early, short of its orbit."};
static const char flight[] =
    "Booster lands at sea\nThe booster of a rocket that launched a satellite "
    "came down on a ship; its next launch is planned for spring.";
static const char soup[] =
    "Leek soup for cold days\nSlice the leeks, let them soften in butter, add "
    "potatoes and stock, and serve the soup with bread and some cream.";

static const char *const skates[] = {
    "Хоккей: победа в овертайме\nХоккеисты забросили решающую шайбу на второй "
    "минуте овертайма, вратарь отразил тридцать бросков.",
    "Вратарь вернулся на лёд\nПосле травмы вратарь провёл первый матч, команда "
    "выиграла со счётом три один, шайбы забросили защитники.",
    "Сборная готовится к турниру\nХоккеисты провели тренировку на льду, тренер "
    "назвал состав на матч с соседями.",
    "Матч закончился дракой\nВо втором периоде хоккеисты подрались, судьи "
    "удалили троих, шайба влетела в ворота в большинстве.",
    "Молодой защитник забил\nПервая шайба защитника решила матч, на трибунах "
    "ледовой арены было пять тысяч зрителей."};
static const char ice[] = "Вратарь спас команду\nВ матче на выезде вратарь "
			  "отразил буллит, а шайбу забросил капитан.";
static const char rain[] = "Дожди на выходных\nСиноптики обещают дожди и ветер "
			   "до конца недели, температура опустится до десяти "
			   "градусов.";

static struct winnow *w;

static double
rate(const char *text)
{
	return winnow_topic_score(w, text, strlen(text));
}

/* The topic of these as bytes; the caller frees them. */
static void *
stored(const char *const *v, size_t n, const char *words, size_t *len,
    struct winnow_topic_made *made)
{
	struct winnow_topic *t;
	void *bytes = NULL;

	CHECK_INT(winnow_topic_new(&t), 0);
	for (size_t i = 0; i < n; i++)
		CHECK_INT(winnow_topic_add(t, v[i], strlen(v[i])), 0);
	CHECK_INT(winnow_topic_words(t, words, strlen(words)), 0);
	CHECK_INT(winnow_topic_finish(t, made), 0);
	CHECK_INT(winnow_topic_store(t, &bytes, len), 0);
	winnow_topic_free(t);
	return bytes;
}

static void
learn(const char *const *v, size_t n, const char *words)
{
	size_t len;
	void *bytes = stored(v, n, words, &len, NULL);

	CHECK_INT(winnow_set_topic(w, bytes, len), 0);
	free(bytes);
}

/* How many examples a file gives. */
static int
file_gives(const char *bytes, size_t n)
{
	struct winnow_topic *t;
	int got;

	winnow_topic_new(&t);
	got = winnow_topic_file(t, w, bytes, n);
	winnow_topic_free(t);
	return got;
}

static const struct winnow_doc *
clean(const char *html)
{
	struct winnow_page p = {.body = html,
	    .body_len = strlen(html),
	    .url = "http://school.test/a/1.html",
	    .now = 1770000000};
	const struct winnow_doc *d;

	CHECK_INT(winnow_clean(w, &p, &d), 0);
	return d;
}

#define PAGE(text)                                                                          \
	"<meta charset=utf-8><title>北川二中举办党课</title><h1>北川二中举办" \
	"党课</h1><div class=article>" text "</div><ul>"                                    \
	"<li><a href=/b/2.html>全县学校党建工作推进会召开</a>"                 \
	"<li><a href=/b/3.html>新款手机本周五在各大平台开卖</a></ul>"

static int
has_term(const struct winnow_doc *d, const char *term)
{
	for (size_t i = 0; i < d->ntopic_terms; i++)
		if (strcmp(d->topic_terms[i].term, term) == 0)
			return 1;
	return 0;
}

static unsigned
link_topic(const struct winnow_doc *d, const char *end)
{
	for (size_t i = 0; i < d->nlinks; i++)
		if (strstr(d->links[i].url, end) != NULL)
			return d->links[i].topic;
	return 999;
}

static void
examples(void)
{
	struct winnow_topic_made made;
	char *twice;
	size_t n;

	TEST("topic: five short examples tell a sixth from anything else")
	{
		learn(school, N(school), "");
		CHECK(rate(on) > 0.5);
		CHECK(rate(off) < 0.2);
		CHECK(rate(notice) < 0.3);
	}
	TEST("topic: a mirror's copy, traditional and with readings, scores "
	     "as the original")
	{
		CHECK(rate(on) - rate(mirrored) < 1e-9);
		CHECK(rate(mirrored) - rate(on) < 1e-9);
	}
	TEST("topic: a text that is twice as long scores as it did")
	{
		twice = malloc(2 * sizeof(on) + 2);
		sprintf(twice, "%s\n%s", on, on);
		CHECK(rate(twice) - rate(on) < 0.15);
		CHECK(rate(on) - rate(twice) < 0.15);
		free(twice);
	}
	TEST("topic: a word that is repeated all over a page gains nothing")
	{
		char stuffed[sizeof(off) + 300 * 6 + 1];

		strcpy(stuffed, off);
		for (int i = 0; i < 300; i++)
			strcat(stuffed, "党建");
		CHECK(rate(stuffed) < rate(on));
		CHECK(rate(stuffed) < 0.5);
	}
	TEST("topic: little text is near what any text has")
	{
		CHECK(rate("") > 0 && rate("") < 0.2);
		CHECK(rate("党课") < rate(on));
		CHECK(rate("党课") > rate("手机"));
		CHECK(rate("学校党建工作推进会") > 0.5);
	}
	TEST("topic: leaving one out says what a new example reaches")
	{
		free(stored(school, N(school), "", &n, &made));
		CHECK_INT(made.examples, N(school));
		CHECK(made.lowest > 0.5);
		CHECK(made.median >= made.lowest && made.median < 1);
		CHECK(made.terms > 50);
		free(stored(school, 2, "", &n, &made));
		CHECK(made.median == 0);
	}
	TEST("topic: the same examples make the same bytes")
	{
		size_t m;
		void *a = stored(school, N(school), "党建", &n, NULL),
		     *b = stored(school, N(school), "党建", &m, NULL);

		CHECK_INT(n, m);
		CHECK(memcmp(a, b, n) == 0);
		free(a);
		free(b);
	}
	TEST("topic: copies of an example are one, a line among articles none")
	{
		static const char *const mixed[] = {school[0], school[1],
		    school[2], school[0], "手机", school[3]};

		free(stored(mixed, N(mixed), "", &n, &made));
		CHECK_INT(made.examples, 4);
	}
	TEST("topic: one example serves, and two")
	{
		learn(school, 1, "");
		CHECK(rate(on) > 2 * rate(off));
		learn(school, 2, "");
		CHECK(rate(on) > 0.3 && rate(off) < 0.2);
	}
}

static void
languages(void)
{
	TEST("topic: English examples")
	{
		learn(rockets, N(rockets), "");
		CHECK(rate(flight) > 0.5);
		CHECK(rate(soup) < 0.2);
		CHECK(rate("ROCKETS LAUNCHED INTO ORBIT") > 0.3);
	}
	TEST("topic: a language that no list of words is of")
	{
		learn(skates, N(skates), "");
		CHECK(rate(ice) > 0.5);
		CHECK(rate(rain) < 0.3);
	}
}

static void
words(void)
{
	TEST("topic: words alone are a topic")
	{
		learn(NULL, 0, "党支部、党课，教师;学校");
		CHECK(rate(on) > 0.5);
		CHECK(rate(off) < 0.1);
		learn(NULL, 0, "rocket, satellite");
		CHECK(rate(flight) > 0.5);
		CHECK(rate(soup) < 0.1);
	}
	TEST("topic: a word beside examples adds, one behind a - takes away")
	{
		double plain;

		learn(school, N(school), "");
		plain = rate(notice);
		learn(school, N(school), "公交");
		CHECK(rate(notice) > plain);
		learn(school, N(school), "-公交");
		CHECK(rate(notice) < plain);
	}
	TEST("topic: without examples and words, or with none in them, there "
	     "is no topic")
	{
		struct winnow_topic *t;

		winnow_topic_new(&t);
		CHECK_INT(winnow_topic_add(t, "123 -- 。", 13), WINNOW_EINVAL);
		CHECK_INT(winnow_topic_add(t, "\xff\xfe", 2), WINNOW_EINVAL);
		CHECK_INT(winnow_topic_words(t, " , 、\n", 7), 0);
		CHECK_INT(winnow_topic_finish(t, NULL), WINNOW_EINVAL);
		winnow_topic_free(t);
	}
}

static void
files(void)
{
	static const char page[] = PAGE("<p>日前，北川二中党支部书记为全校党员"
					"教师上党课，要求学校党员发挥先锋模范"
					"作用。</p>"),
			  records[] =
			      "{\"id\":\"1\",\"title\":\"党课\",\"text\":"
			      "\"学校党支部书记上党课\"}\n"
			      "{\"id\":\"2\",\"text\":\"\"}\n\n"
			      "{\"text\":\"党员\\u6559师\"}\n",
			  gbk[] = "\xd1\xa7\xd0\xa3\xb5\xb3\xd6\xa7\xb2\xbf"
				  "\xca\xe9\xbc\xc7\xce\xaa\xc8\xab\xd0\xa3"
				  "\xbd\xcc\xca\xa6\xc9\xcf\xb5\xb3\xbf\xce";

	TEST("topic: a file of examples is a page, records, or text in any "
	     "encoding")
	{
		CHECK_INT(file_gives(page, sizeof(page) - 1), 1);
		CHECK_INT(file_gives(records, sizeof(records) - 1), 2);
		CHECK_INT(file_gives(gbk, sizeof(gbk) - 1), 1);
		CHECK_INT(file_gives("{ 党建", 8), 1);
		CHECK(file_gives("{\"other\":\"党建\"}\n", 20) < 0);
		CHECK(file_gives("", 0) < 0);
		CHECK(file_gives("<html><body></body></html>", 26) < 0);
		CHECK(file_gives("%PDF-1.4 words of it", 20) < 0);
	}
}

static void
pages(void)
{
	static const char page[] =
	    PAGE("<p>日前，北川二中党支部书记为全校党员教师上党课，要求学校党员"
		 "发挥先锋模范作用，做好教学和育人工作。</p><p>党员教师结合教育"
		 "教学工作谈了体会，支部还组织大家重温入党誓词。</p>");
	const struct winnow_doc *d;

	TEST("topic: a page has its score, its words, and what its links "
	     "promise")
	{
		learn(school, N(school), "");
		d = clean(page);
		CHECK(d->topic_score > 0.5);
		CHECK(d->ntopic_terms > 2);
		CHECK(has_term(d, "党员教师") || has_term(d, "教师"));
		for (size_t i = 0; i < d->ntopic_terms; i++) {
			CHECK(d->topic_terms[i].share > 0);
			CHECK(d->topic_terms[i].times > 0);
			CHECK(strlen(d->topic_terms[i].term) >= 6);
		}
		CHECK(link_topic(d, "/b/2.html") > 128);
		CHECK(link_topic(d, "/b/3.html") < 40);
	}
	TEST("topic: the explain page tells score and words, when there is one")
	{
		const char *html;
		size_t n;

		winnow_set_explain(w, 1, NULL);
		clean(page);
		html = winnow_explain(w, &n);
		CHECK(html != NULL && strstr(html, "id=\"topic\"") != NULL);
		CHECK(html != NULL && strstr(html, "<td>") != NULL);
		winnow_set_topic(w, NULL, 0);
		clean(page);
		html = winnow_explain(w, &n);
		CHECK(html != NULL && strstr(html, "id=\"topic\"") == NULL);
		winnow_set_explain(w, 0, NULL);
		learn(school, N(school), "");
	}
	TEST("topic: without a topic all of it is nothing")
	{
		CHECK_INT(winnow_set_topic(w, NULL, 0), 0);
		d = clean(page);
		CHECK(d->topic_score == 0);
		CHECK_INT(d->ntopic_terms, 0);
		CHECK_INT(link_topic(d, "/b/2.html"), 0);
		CHECK(rate(on) == 0);
	}
}

/* A stored topic of one word, many times, and of grams of which no two are the
 * same: of the nodes that the words leave all are theirs. */
static char *
crowded(size_t nwords, size_t ngrams, size_t *len)
{
	char *b = malloc(16 + 5 * nwords + 16 * ngrams), *p = b;
	uint32_t n = (uint32_t)(nwords + ngrams);

	memcpy(p, "wnt1", 4);
	memcpy(p + 4, &n, 4);
	memcpy(p + 8, "\0\0\x80\x3f\0\0\0\0", 8); /* 1.0, 0.0 */
	for (p += 16; nwords > 0; nwords--, p += 5)
		memcpy(p, "\x05\x01\x10\x10" "a", 5);
	for (size_t i = 0; i < ngrams; i++, p += 16) {
		memcpy(p, "\x04\x0c\x10\x10\xe4\xb8\x80\xe4\xb8\x80"
			  "\xe4\xb8\x80\xe4\xb8\x80", 16);
		for (size_t k = 0, v = i; k < 3; k++, v /= 32)
			p[6 + 3 * k] = (char)(0x80 + v % 32);
	}
	*len = (size_t)(p - b);
	return b;
}

static void
hostile(void)
{
	size_t len, bad = 0;
	char *bytes, *copy;

	TEST("topic: a stored topic that is cut or changed is refused, or "
	     "scores from 0 to 1")
	{
		bytes = stored(school, N(school), "rocket", &len, NULL);
		copy = malloc(len);
		for (size_t n = 1; n < len; n += n < 100 ? 1 : 97) {
			memcpy(copy, bytes, n);
			CHECK_INT(winnow_set_topic(w, copy, n), WINNOW_EINVAL);
			CHECK(rate(on) == 0);
		}
		for (size_t i = 0; i < len; i += i < 200 ? 1 : 31) {
			memcpy(copy, bytes, len);
			copy[i] = (char)(copy[i] ^ (1 << i % 8) ^ 0x80);
			if (winnow_set_topic(w, copy, len) != 0)
				continue;
			bad += !(rate(on) >= 0 && rate(on) <= 1);
			bad += !(rate(flight) >= 0 && rate(flight) <= 1);
		}
		CHECK_INT(bad, 0);
		free(copy);
		free(bytes);
	}
	TEST("topic: there is room for the grams, whatever the words are")
	{
		bytes = crowded(59000, 5000, &len);
		CHECK_INT(winnow_set_topic(w, bytes, len), 0);
		CHECK(rate(on) >= 0 && rate(on) <= 1);
		free(bytes);
	}
	TEST("topic: an example of many megabytes is read as far as it helps")
	{
		size_t n = 8 << 20;

		copy = malloc(n);
		for (size_t i = 0; i + 3 <= n; i += 3)
			memcpy(copy + i, school[i % 5] + i / 3 % 20 * 3, 3);
		for (size_t i = 0; i < n; i++)
			if ((unsigned char)copy[i] < 0x80)
				copy[i] = ' ';
		copy[n - 2] = copy[n - 1] = ' ';
		CHECK(file_gives(copy, n) == 1);
		free(copy);
	}
}

int
main(void)
{
	if (winnow_new(&w, NULL) != 0)
		return 1;
	examples();
	languages();
	words();
	files();
	pages();
	hostile();
	winnow_free(w);
	return test_end();
}
