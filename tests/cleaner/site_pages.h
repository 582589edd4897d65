/* site_pages.h - invented sites for the tests of the site memory: articles of
 * sentences put together by chance, no two alike, in a template's page. */
#ifndef SITE_PAGES_H
#define SITE_PAGES_H

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct page {
	char html[1 << 16];
	size_t len;
	uint32_t rnd;
};

static inline void
say(struct page *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	p->len += (size_t)vsnprintf(
	    p->html + p->len, sizeof(p->html) - p->len, fmt, ap);
	va_end(ap);
}

static inline uint32_t
chance(struct page *p, uint32_t n)
{
	uint32_t h = p->rnd += 0x9E3779B9u;

	h = (h ^ h >> 16) * 0x85EBCA6Bu;
	h = (h ^ h >> 13) * 0xC2B2AE35u;
	return (h ^ h >> 16) % n;
}

#define PICK(p, list) list[chance(p, sizeof(list) / sizeof(list[0]))]

static const char *const who[] = {"青石镇中心小学", "南湾中学的老师们",
    "河东区教研室", "六年级的同学", "校党支部", "新来的支教教师",
    "白杨村的家长", "后勤处的师傅", "图书馆的志愿者", "合唱队的孩子",
    "县里的督导组", "附属幼儿园", "退休的王老师", "体育组", "科学社团"};
static const char *const when[] = {"上周三下午", "开学第一天", "三月中旬",
    "入冬以后", "清明前夕", "课间操时", "这个学期", "大雪之后", "周末",
    "端午节前", "去年秋天", "放学以后", "运动会那天", "一个清晨"};
static const char *const what[] = {"在操场边的空地上种下了一排海棠",
    "把旧课桌修好送到了山里的教学点", "围着老井听了一堂水利课",
    "整理出三百多本没有人借的旧书", "走访了住得最远的几户人家",
    "讨论了怎样让作业少一点而有用一点", "为食堂换上了新的灶台",
    "排练了一个关于种子的小话剧", "把河堤上的垃圾一袋袋背了回来",
    "给低年级的弟弟妹妹讲长征的故事", "学习了有关师德的几篇文章",
    "用一块黑板记录了四十天的气温", "请木匠教大家做小板凳",
    "在走廊里办了一个花灯展览", "测量了学校附近七座桥的长度",
    "把校史里的老照片一张张扫描下来"};
static const char *const then[] = {"许多人从没有这样仔细地看过自己的校园",
    "大家说，这比坐在教室里记得更牢", "事情不大，却花了整整两个星期",
    "直到天黑，灯还亮着", "没有人提起奖状，也没有人问分数",
    "后来这件事写进了村里的年志", "有几位家长也悄悄加入进来",
    "最难的是坚持，最容易的也是坚持", "一位老人站在门口看了很久",
    "结果比预想的好，也比预想的慢", "孩子们的笔记本上画满了箭头",
    "校长说，明年还要接着做", "经费是大家一点一点凑起来的",
    "风很大，可是谁也没有先走"};

static inline void
sentence(struct page *p)
{
	say(p, "%s，%s%s，%s。", PICK(p, when), PICK(p, who), PICK(p, what),
	    PICK(p, then));
}

/* n paragraphs, each between the two strings. */
static inline void
paragraphs(struct page *p, int n, const char *before, const char *after)
{
	for (int i = 0; i < n; i++) {
		uint32_t k = 1 + chance(p, 3);

		say(p, "%s", before);
		while (k-- > 0)
			sentence(p);
		say(p, "%s\n", after);
	}
}

static inline void
title(struct page *p, char *out, size_t n)
{
	snprintf(
	    out, n, "%s%s%u", PICK(p, who), PICK(p, what), chance(p, 1000));
}

/* Begins page n of a site. */
static inline void
page_begin(struct page *p, uint32_t n)
{
	p->len = 0;
	p->rnd = n * 2654435761u + 12345;
	p->html[0] = '\0';
}

#endif
