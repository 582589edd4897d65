#!/usr/bin/env python3
"""How well near copies are told by their sketches: pairs are made of texts, some
copies and some not, and build/tests/eval/pairs compares them.

    make eval-pairs                       exit 1 below the promise
    BUILD=build tests/eval/pairs.py --misses    what was told wrong as well
    ... --chinese                         of Chinese texts alone

Texts: the golds of the development sets ($WINNOW_SHARED) and the project's own
pages (tests/cleaner/pages). Copies: edited by 1 to 30 % (characters replaced, put
in and left out; words; sentences; paragraphs), excerpts, damage as mirrors do it.
No copies: every two different texts; forms filled in for other people, places,
days and amounts; those of one day that differ in a name alone; each text with
its numbers and a name changed. Those that are
copies in the sets themselves are found by difflib and left out.

The yardstick is the simhash of the same record, at the distance that serves it
best. A word is two Han characters, or letters; a seed makes it all the same each
time. Without development data the project's own pages alone are too few for the
floors, and nothing fails."""
import argparse
import difflib
import glob
import json
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BUILD", "build")
LEVELS = (0.01, 0.02, 0.05, 0.10, 0.15, 0.20, 0.30)
RECALL, PRECISION = 0.95, 0.99
HAN = re.compile("[\u4e00-\u9fff]")


# ---- texts -------------------------------------------------------------------

def own_texts():
    for path in sorted(glob.glob(HERE + "/../cleaner/pages/*/expected.txt")):
        with open(path, encoding="utf-8") as f:
            yield f.read().strip()


def corpus_texts():
    shared = os.environ.get("WINNOW_SHARED", HERE + "/../../../shared")
    for path in sorted(glob.glob(shared + "/corpus/*/gold.jsonl")):
        with open(path, encoding="utf-8") as f:
            for line in f:
                text = json.loads(line).get("text") if line.strip() else None
                if text:
                    yield text


def is_chinese(t):
    return len(HAN.findall(t)) * 2 > len(t)


def texts():
    out = []
    for t in list(own_texts()) + list(corpus_texts()):
        letters = sum(2 if HAN.match(c) else c.isalnum() for c in t)
        lines = t.split("\n")
        if letters >= 120 and len(set(x[:20] for x in lines)) > len(lines) / 2:
            out.append(t)
    return out


# ---- copies ------------------------------------------------------------------

def edit_items(items, level, rng, other):
    """Each item is replaced, left out, or gets one put before it, together with
    the chance `level`; other() gives one from elsewhere."""
    out = []
    for x in items:
        if rng.random() >= level:
            out.append(x)
            continue
        what = rng.randrange(3)
        if what == 0:
            out.append(other())
        elif what == 2:
            out += [other(), x]
    return out


def edit_chars(t, level, rng, pool):
    return "".join(edit_items(t, level, rng,
        lambda: rng.choice(rng.choice(pool))))


WORD = re.compile("[\u4e00-\u9fff]{1,2}|[^\\W_\u4e00-\u9fff]+|.", re.S)


def edit_words(t, level, rng, pool):
    def other():
        words = WORD.findall(rng.choice(pool)[:2000])
        return rng.choice([w for w in words if w[0].isalnum()] or ["x"])
    out = []
    for w in WORD.findall(t):
        if not w[0].isalnum():
            out.append(w)
            continue
        out += edit_items([w], level, rng, lambda: other())
    return ("" if HAN.search(t) else "").join(out)


SENTENCE = re.compile(r"[^。！？!?.\n]+[。！？!?.]*\n?|\n|[。！？!?.]+")


def edit_parts(t, level, rng, pool, pattern):
    """Parts that hold about `level` of the text."""
    parts = pattern.findall(t)
    budget = level * len(t)
    order = list(range(len(parts)))
    rng.shuffle(order)
    chosen = {}
    for i in order:
        if len(parts[i]) <= budget and len(parts[i]) > 1:
            budget -= len(parts[i])
            chosen[i] = rng.randrange(3)
    out = []
    for i, p in enumerate(parts):
        if i in chosen and chosen[i] != 1:
            there = pattern.findall(rng.choice(pool)) or [""]
            near = sorted(there, key=lambda x: abs(len(x) - len(p)))[:5]
            out.append(rng.choice(near))
        if i not in chosen or chosen[i] == 2:
            out.append(p)
    return "".join(out)


PARAGRAPH = re.compile(r"[^\n]+\n?|\n")
EDITS = {
    "characters": edit_chars,
    "words": edit_words,
    "sentences": lambda *a: edit_parts(*a, SENTENCE),
    "paragraphs": lambda *a: edit_parts(*a, PARAGRAPH),
}


def excerpt(t, share, rng):
    n = int(len(t) * share)
    at = rng.randrange(len(t) - n + 1)
    return t[at:at + n]


def opencc(config, batch):
    if not batch:
        return []
    cut = "\n\u241e\n"
    out = subprocess.run(["opencc", "-c", config + ".json"], input=cut.join(
        batch), capture_output=True, encoding="utf-8", check=True).stdout
    return out.split(cut)


def gloss(t, share, rng):
    syllables = ("huì", "xué", "guó", "dǎng", "jiào", "zhì", "lì", "yè")
    return "".join(c + "(" + rng.choice(syllables) + ")"
        if HAN.match(c) and rng.random() < share else c for c in t)


def lose_bytes(t, share, rng):
    """A mirror drops a byte: a character becomes '?', or takes the next along."""
    out, skip = [], False
    for c in t:
        if skip:
            skip = False
        elif HAN.match(c) and rng.random() < share:
            out.append(rng.choice(("?", "\ufffd", "?\ufffd")))
            skip = rng.random() < 0.5
        else:
            out.append(c)
    return "".join(out)


MARKS = str.maketrans("，。；：！？（）", ",.;:!?()")


def damaged(t, rng):
    t = lose_bytes(gloss(t, 0.05, rng), 0.01, rng).translate(MARKS)
    return t.replace("\n", " ")


# ---- no copies ----------------------------------------------------------------

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国志文海燕"
PLACES = ("安平", "清河", "石门", "东林", "南浦", "桃源", "永乐", "双桥", "白塔",
    "长岭", "金沙", "新洲")
SCHOOLS = ("第一小学", "实验中学", "第三中学", "中心小学", "职业学校", "外国语学校")


def name(rng):
    return rng.choice(SURNAMES) + "".join(
        rng.choice(GIVEN) for _ in range(rng.choice((1, 2))))


def filled(form, rng):
    month, day = rng.randrange(1, 13), rng.randrange(1, 29)
    values = {
        "人": name(rng), "人二": name(rng), "县": rng.choice(PLACES),
        "校": rng.choice(SCHOOLS), "年": rng.choice((2021, 2022, 2023, 2024)),
        "月": month, "日": day, "日二": day % 28 + 1,
        "数": rng.randrange(3, 400), "数二": rng.randrange(10, 9000),
        "号": rng.randrange(1, 99), "电话": rng.randrange(1000000, 9999999),
    }
    return re.sub(r"\{(.+?)\}", lambda m: str(values[m[1]]), form)


FORMS = (
    "各科室、直属单位：\n经局党组研究，并按规定程序公示，决定任命{人}同志为{县}县{校}"
    "副校长，试用期一年。试用期自{年}年{月}月{日}日起计算。\n以上同志的任职，按照有关"
    "规定办理手续，工资待遇从任职的下一个月起执行。请所在单位做好谈话、交接和公示工作，"
    "并将有关材料报人事科存档。\n中共{县}县教育局党组\n{年}年{月}月{日}日",
    "{县}县教育局决定对{校}校舍维修项目进行公开招标，现将有关事项公告如下。\n一、项目"
    "概况。本项目预算{数二}元，工期{数}天，资金来源为财政拨款，已经落实。\n二、投标人"
    "资格要求。投标人应当具有独立承担民事责任的能力，有良好的商业信誉和健全的财务制度，"
    "近三年内没有重大违法记录。\n三、报名时间：{年}年{月}月{日}日至{日二}日，上午八点"
    "半到十一点半，下午两点半到五点。\n四、联系人：{人}，电话：{电话}。",
    "{月}月{日}日，{县}县{校}党支部召开{年}年度组织生活会。会议由支部书记{人}主持，全体"
    "党员参加。\n会上，{人}代表支部班子作对照检查，带头开展批评与自我批评。支部党员逐一"
    "发言，联系思想和工作实际，查摆问题，剖析原因，提出努力方向。大家态度诚恳，见人见事，"
    "达到了红脸出汗、排毒治病的效果。\n会后进行了民主评议党员，共发出测评表{数}份，收回"
    "{数}份。支部将根据评议结果列出整改清单，明确时限，逐项落实。",
    "{县}县气象台{月}月{日}日发布天气预报：今天白天多云，偏南风三到四级，最高气温{数}度；"
    "夜间阴有小雨，最低气温{号}度。预计未来三天以多云天气为主，请各学校注意防范早晚温差，"
    "合理安排户外活动，并做好流感等呼吸道疾病的预防。",
    "关于{人}同志先进事迹的公示\n根据上级通知要求，经个人申报、学校推荐、专家评审，"
    "{县}县教育局拟推荐{人}同志为优秀教师候选人。现予公示，公示期为五个工作日，自{年}年"
    "{月}月{日}日起。公示期间如有异议，请以书面形式向局人事科反映，并署真实姓名和联系"
    "方式。监督电话：{电话}。\n{县}县教育局\n{年}年{月}月{日}日",
    "市民来信摘登\n来信人：{人}\n来信时间：{年}-{月}-{日}\n内容：您好，我想咨询一下孩子"
    "转学到{校}需要哪些材料，什么时候可以办理，是否需要房产证明。\n回复：您好，您反映的"
    "问题已收悉。转学手续一般在每学期开学前两周办理，请携带户口簿、房产证明和学籍证明到"
    "学校教务处登记，由学校核实以后统一安排。感谢您对教育工作的关心和支持。",
    "The {年} spring term at the school begins on {月}/{日}. Parents are asked to "
    "return the enclosed form, signed, to the office of Mrs {人} before noon. "
    "Lunch costs {数} a week and may be paid in advance. Please label all "
    "clothing with the name of your child, and do not send valuables to school. "
    "If your child is ill, call {电话} before nine in the morning.",
)


# Two of one day and office that differ in a name alone.
NAMED = (
    ("人", "经县委教育工委研究决定：\n{人}同志任县教育局人事科科长，免去其县教师进修学校副"
     "校长职务。\n请{人}同志在接到通知之日起五个工作日内到新单位报到，并按照规定办好工作"
     "交接，退还原单位配发的物品。\n特此通知。\n中共清河县委教育工作委员会\n2023年9月6日"),
    ("人", "根据干部选拔任用工作有关规定，现将{人}同志拟任职情况公示如下。\n{人}，大学学历，"
     "中共党员，现任县实验学校教务处主任，拟任县实验学校副校长。\n公示时间为2023年9月6日至"
     "9月12日。公示期间，干部群众可以通过来信、来电、来访等形式，向局人事科反映公示对象在"
     "德、能、勤、绩、廉方面的情况。反映问题要实事求是，提倡署真实姓名。\n联系电话：5550012。"),
    ("校", "因教学工作需要，{县}县{校}面向社会招聘合同制教师，现将有关事项公告如下。\n一、招聘"
     "条件。遵纪守法，品行端正，热爱教育事业；具有本科以上学历和相应学段的教师资格证书；年龄"
     "在三十五周岁以下，身体健康。\n二、报名办法。应聘人员带身份证、毕业证、教师资格证的原件"
     "和复印件到{校}办公室报名，同时交近期免冠照片两张。\n三、考试。考试分笔试和试讲，成绩按"
     "四比六合成，依次确定体检人选。\n报名截止到2023年7月20日，逾期不再受理。"),
    ("县", "{县}县教育局关于做好秋季开学工作的通知\n各学校：\n秋季学期将于9月1日开始。各校要"
     "提前检查校舍、水电、食堂和消防设施，做好教室和宿舍的清扫消毒；要备齐教材和作业本，保证"
     "课前到书；要严格执行收费公示制度，不得以任何名义向学生乱收费。\n{县}县教育局将在开学第"
     "一周进行督导，结果予以通报。\n{县}县教育局\n2023年8月25日"),
    ("县", "受冷空气影响，预计未来24小时{县}县有一次降温大风天气过程，最低气温下降8到10度，并伴有"
     "偏北风五到六级，阵风七级。{县}县气象局提醒，请有关部门和单位按照职责做好防风防寒准备，"
     "设施农业要加固大棚，中小学校减少户外活动，市民外出注意添衣保暖，谨防感冒和煤气中毒。"),
    ("物", "据监测，本周全县农贸市场{物}平均零售价格为每公斤6.40元，比上周上涨3.2%，比去年同期"
     "上涨5.1%。分市场看，城东市场每公斤6.60元，城西市场每公斤6.20元。\n分析原因，一是近期"
     "阴雨天气较多，{物}采收和运输受到影响；二是外地货源减少，批发环节成本增加。预计随着天气"
     "转好，下周{物}价格将稳中有降。县价格监测中心将继续跟踪{物}价格，及时发布信息。"),
    ("名单", "为表彰先进，激励广大教师爱岗敬业、教书育人，经学校推荐、评审组评审和公示，县教育局"
     "决定授予下列教师优秀班主任称号：\n{名单}\n希望受到表彰的教师珍惜荣誉，再接再厉，为全县"
     "教育事业作出新的贡献。全县教师要以他们为榜样，立德树人，扎实工作，努力办好人民满意的教育。"
     "\n2023年9月8日"),
    ("公司", "经评标委员会评审，并报监督部门同意，县职业学校实训设备采购项目的中标结果公告如下。\n"
     "中标单位：{公司}有限公司。中标金额286.5万元，供货期30天。\n请{公司}有限公司在收到中标"
     "通知书以后15日内与采购人签订合同。其他投标人对结果有异议的，可以在公告发布之日起三日内，"
     "以书面形式向采购代理机构提出质疑，逾期不予受理。感谢各投标人对本项目的支持和参与。"),
    ("人", "9月10日上午，全县庆祝教师节大会在县礼堂举行。会上宣读了表彰决定，优秀教师代表{人}作了"
     "题为《守住讲台》的发言。\n{人}在山区学校工作二十三年，教过的学生有一千多名。她把家安在"
     "学校旁边，每天早晨第一个到校，晚上等住校的孩子睡下才离开。{人}说，看见孩子们一个个走出"
     "大山，是她最高兴的事。\n县领导为优秀教师颁发了证书，并向全县教师致以节日的问候。"),
    ("人", "The board of the county library has appointed {人} as head of the children's "
     "department. {人} joined the library nine years ago and has led its reading club since "
     "then. In the new post {人} will be in charge of school visits, of the mobile library "
     "and of the summer programme. The board thanks all who applied for their interest, and "
     "asks readers to send their ideas for the new year to the desk on the ground floor."),
)
# Written when the words beside names had been chosen: two of the five were taken for
# copies then, which is what new kinds of notices may cost.
LATER = (
    ("人", "4月18日下午，市图书馆邀请{人}教授作题为《怎样读史》的讲座，一百多名读者到场聆听。\n{人}"
     "从事地方史研究多年，讲座中结合自己整理方志的经历，讲了选书、做笔记、比较史料的方法。讲座"
     "最后，{人}回答了读者的提问，并向图书馆赠送了新书。\n据了解，该讲座每月举办一期，市民凭"
     "读者证即可免费参加，场次安排可在图书馆大厅的公告栏查询。"),
    ("村", "近日，县乡村振兴工作队到{村}走访慰问困难党员和老党员，为他们送去慰问金和生活用品。\n"
     "在{村}，队员们同老党员围坐在一起，询问他们的身体状况和生活情况，听取对村里产业发展的意见。"
     "大家说，这几年村里修了路、通了水，日子一年比一年好。\n工作队表示，将把大家的意见带回去逐条"
     "研究，帮助{村}把大棚蔬菜做大，让集体经济的收入再上一个台阶。"),
    ("人", "讣告\n中国共产党党员、县第一中学退休语文教师{人}，因病医治无效，于2023年3月2日在县医院"
     "逝世，享年八十一岁。\n{人}从教三十八年，工作勤恳，为人谦和，深受学生和同事的敬重。遵照"
     "本人遗愿和家属意见，丧事从简，不举行告别仪式。谨此讣闻。\n县第一中学治丧小组\n2023年3月3日"),
    ("校", "本报讯 5月20日，省语言文字规范化示范校评估组到{校}开展实地评估。评估组听取了学校的工作"
     "汇报，查阅了档案材料，观看了学生的经典诵读展演，并随机走进课堂听课。\n评估组认为，{校}领导"
     "重视，制度健全，活动丰富，校园用语用字规范，特色鲜明；希望继续保持，在区域内发挥示范带动作用。"),
    ("人", "The jury of the regional science fair has given this year's first prize to {人} for a "
     "model of a water mill that can be built from waste wood. According to the jury, the work of "
     "{人} stood out because every step had been measured and written down. The prize is worth "
     "four hundred pounds. Next month {人} will show the model at the national fair, where "
     "thirty schools from all parts of the country are expected."),
)
VILLAGES = ("柳树沟村", "大王庄村", "前进村", "石桥村", "上河湾村", "杏花岭村")
GOODS = ("白菜", "土豆", "西红柿", "黄瓜", "猪肉", "鸡蛋", "大葱", "生姜", "苹果", "牛肉")
FIRMS = ("宏远科技", "中天教学设备", "启明电子", "天成贸易", "华信科教", "恒通实业",
    "博雅文化", "新世纪仪器")
ENGLISH = ("Anna Bell", "Peter Moss", "Ruth Carter", "Omar Field", "Jane Whitlock",
    "Tom Harding", "Lucy Grant", "Samuel Reed")


def named_pair(which, form, rng):
    fixed = {"县": rng.choice(PLACES), "校": rng.choice(SCHOOLS)}
    made = {
        "人": lambda: name(rng) if is_chinese(form) else rng.choice(ENGLISH),
        "校": lambda: rng.choice(PLACES[:6]) + rng.choice(SCHOOLS),
        "县": lambda: rng.choice(PLACES), "物": lambda: rng.choice(GOODS),
        "村": lambda: rng.choice(VILLAGES),
        "公司": lambda: rng.choice(PLACES) + rng.choice(FIRMS),
        "名单": lambda: rng.choice("、 \n").join(name(rng) for _ in range(24)),
    }[which]
    a, b = made(), made()
    while b == a:
        b = made()
    return tuple(re.sub(r"\{(.+?)\}",
        lambda m: x if m[1] == which else fixed[m[1]], form) for x in (a, b))


def changed_facts(t, rng):
    """Other numbers everywhere, and another name for one that comes up."""
    t = re.sub(r"\d", lambda m: str(rng.randrange(10)), t)
    names = re.findall("(?<=[^\u4e00-\u9fff])[%s][\u4e00-\u9fff]{1,2}(?=同志|说|表示|介绍|主持)"
        % SURNAMES, t)
    if names:
        t = t.replace(rng.choice(names), name(rng))
    return t


# ---- measuring ----------------------------------------------------------------

def run(args, batch):
    data = "\0".join(x.replace("\0", " ") for x in batch) + "\0"
    out = subprocess.run([BUILD + "/tests/eval/pairs"] + args,
        input=data.encode("utf-8", "replace"), capture_output=True, check=True)
    return [x.split() for x in out.stdout.decode().splitlines()]


def compare(pairs):
    rows = run([], [x for p in pairs for x in p])
    return [dict(copy=r[0] == "1", same=float(r[1]), held=float(r[2]),
        numbers=float(r[3]), keys=int(r[4]), bits=int(r[5]), names=float(r[8])) for r in rows]


def found(r):
    """The copy is told, and the index leads to it."""
    return r["copy"] and r["keys"] > 0


def copies(ts, rng):
    """(name, counts for the promise, pairs)"""
    for kind, edit in EDITS.items():
        for level in LEVELS:
            pairs = [(t, edit(t, level, rng, ts)) for t in ts]
            yield "%s %2.0f %%" % (kind, 100 * level), level <= 0.10, pairs
    zh = [t for t in ts if is_chinese(t)]
    for config in ("s2t", "s2twp", "s2hk"):
        yield "script " + config, True, list(zip(zh, opencc(config, zh)))
    yield "glosses 10 %", True, [(t, gloss(t, .1, rng)) for t in zh]
    yield "lost bytes 1 %", True, [(t, lose_bytes(t, .01, rng)) for t in zh]
    yield "lost bytes 5 %", True, [(t, lose_bytes(t, .05, rng)) for t in zh]
    yield ("traditional, glossed, bytes lost, marks folded", True,
        [(t, damaged(h, rng)) for t, h in zip(zh, opencc("s2t", zh))])
    yield ("another first line", True,
        [(t, rng.choice(ts).split("\n")[0] + "\n" + t.partition("\n")[2])
            for t in ts if len(t.partition("\n")[0]) * 10 < len(t)])
    for share in (0.8, 0.6, 0.5, 0.4, 0.3):
        yield ("excerpt of %.0f %%" % (100 * share), False,
            [(t, excerpt(t, share, rng)) for t in ts])


def strangers(ts):
    """Different texts that share a key, but for those that are copies."""
    out = []
    for r in run(["all"], ts):
        i, j = int(r[0]), int(r[1])
        row = dict(copy=r[2] == "1", same=float(r[3]), numbers=float(r[5]),
            keys=int(r[6]), bits=int(r[7]), pair=(ts[i], ts[j]))
        if found(row) and difflib.SequenceMatcher(None, ts[i][:4000],
                ts[j][:4000], False).ratio() > 0.6:
            continue
        out.append(row)
    return out


def share(rows, is_true):
    return sum(map(is_true, rows)) / max(1, len(rows))


def best_simhash(positive, negative):
    """Recall of the largest distance that keeps the precision."""
    best = (0, 0)
    for bits in range(33):
        tp = sum(r["bits"] <= bits for r in positive)
        fp = sum(r["bits"] <= bits for r in negative)
        if tp and tp / (tp + fp) >= 0.99:
            best = max(best, (tp / len(positive), bits))
    return best


def show(title, rows, is_copy, misses):
    print("%-48s %6d %8.4f   %.3f" % (title, len(rows), share(rows, found),
        sum(r["same"] for r in rows) / max(1, len(rows))))
    wrong = [r for r in rows if found(r) != is_copy]
    for r in wrong[:12] if misses else []:
        print("   ", {k: v for k, v in r.items() if k != "pair"})
        for t in r["pair"]:
            print("      ", len(t), t[:100].replace("\n", "|"))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--misses", action="store_true")
    ap.add_argument("--seed", type=int, default=8)
    ap.add_argument("--chinese", action="store_true")
    args = ap.parse_args()
    rng = random.Random(args.seed)
    ts = [t for t in texts() if not args.chinese or is_chinese(t)]
    positive, negative = [], []
    print("%d texts" % len(ts))
    print("%-48s %6s %8s   %s" % ("copies", "pairs", "found", "same"))
    for title, promised, pairs in copies(ts, rng):
        rows = compare(pairs)
        for r, p in zip(rows, pairs):
            r["pair"] = p
        show(title, rows, True, args.misses)
        if promised:
            positive += rows
    print("no copies")
    forms = [(filled(f, rng), filled(f, rng)) for f in FORMS for _ in range(60)]
    facts = [(t, changed_facts(t, rng)) for t in ts if len(re.findall(r"\d+", t)) > 2]
    named = [named_pair(w, f, rng) for w, f in NAMED for _ in range(60)]
    later = [named_pair(w, f, rng) for w, f in LATER for _ in range(60)]
    for title, pairs in (("forms filled in anew", forms),
            ("of one day, another name", named),
            ("the same, of forms written later", later),
            ("other numbers, another name", facts)):
        rows = compare(pairs)
        for r, p in zip(rows, pairs):
            r["pair"] = p
        show(title, rows, False, args.misses)
        negative += rows
    rows = strangers(ts)
    show("different texts that share a key", rows, False, args.misses)
    print("of %d pairs of different texts" % (len(ts) * (len(ts) - 1) // 2))
    negative += rows
    tp, fp = sum(map(found, positive)), sum(map(found, negative))
    recall, bits = best_simhash(positive, negative)
    promise = tp / len(positive) >= RECALL and tp / (tp + fp) >= PRECISION
    print("promised (edits up to 10 %%, damage): recall %.4f, precision %.4f" %
        (tp / len(positive), tp / (tp + fp)))
    print("simhash, %d of 64 bits: recall %.4f at precision 0.99" %
        (bits, recall))
    return 0 if promise or len(ts) < 100 else 1


sys.exit(main())
