/* test_topic.c - examples in, scores out. */
#include "tests/test.h"

#include "cleaner/winnow.h"

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
    "课，和乡村教师一起备课，发挥支部战斗堡垒作用。",
};
static const char on[] =
    "北川二中党支部举办党课\n日前，北川二中党支部书记为全校"
    "党员教师上党课，要求学校党员发挥先锋模范作用，做好"
    "教学和育人工作。";
static const char off[] = "新款手机开售\n这款手机采用六点五英寸屏幕，电池容量比"
			  "上一代增加一成，起售价三千元，下周五在各大电商平台"
			  "同时开卖，分析师预计销量将超过去年。";

static struct winnow *w;

static void
learn(void)
{
	struct winnow_topic *t;
	void *bytes;
	size_t len;

	CHECK_INT(winnow_topic_new(&t), 0);
	for (size_t i = 0; i < 5; i++)
		CHECK_INT(winnow_topic_add(t, school[i], strlen(school[i])), 0);
	CHECK_INT(winnow_topic_finish(t, NULL), 0);
	CHECK_INT(winnow_topic_store(t, &bytes, &len), 0);
	CHECK_INT(winnow_set_topic(w, bytes, len), 0);
	free(bytes);
	winnow_topic_free(t);
}

int
main(void)
{
	winnow_new(&w, NULL);
	TEST("topic: five short examples tell a sixth from anything else")
	{
		learn();
		CHECK(winnow_topic_score(w, on, strlen(on)) > 0.5);
		CHECK(winnow_topic_score(w, off, strlen(off)) < 0.3);
	}
	winnow_free(w);
	return test_end();
}
