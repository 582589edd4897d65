"""sitetext.py - invented news of invented schools, no two alike.

An article is a title and paragraphs; a paragraph is sentences, a sentence is a
pattern whose slots are filled by chance. Notices have the lines that all
notices have (各学校：, 特此通知。), which are text and must stay."""
import re

SLOTS = {
    'school': '青蒲一中 临溪小学 柳岸中心校 石桥镇初级中学 云台职业学校 南浦实验小学 北关幼儿园 '
              '松坪九年制学校 望江高级中学 白沙镇中心小学 双河特殊教育学校 新安路小学'.split(),
    'who': '顾晓棠 沈知远 陆闻笛 江一帆 韩雪松 秦素云 何静秋 罗明川 邵子衿 魏长青 宋怀瑾 '
           '程若兰 方以宁 段青禾 贺春生 姚望舒'.split(),
    'job': '党支部书记 校长 班主任 语文教师 年级组长 教研组长 团委书记 宿舍管理员 心理辅导教师 '
           '体育教师 后勤主任 图书管理员'.split(),
    'place': '操场东侧 三楼会议室 图书馆 实验楼前 食堂二层 学校礼堂 村委会小院 河堤公园 '
             '党员活动室 录播教室 校门口的空地 镇文化站'.split(),
    'deed': '清点图书 修补课桌 家访 听课评课 排练合唱 整理档案 栽种树苗 测量水质 检查消防器材 '
            '编写校本教材 辅导作业 布置展板 讲解急救知识 记录天气'.split(),
    'thing': '一份整改清单 三本厚厚的笔记 一套旧教具 两箱捐来的图书 一面手绘的地图 一张签满名字的倡议书 '
             '几十封家长来信 一台修好的显微镜 一册老照片 一块写着承诺的木牌'.split(),
    'theme': '课后服务 党史学习 校园安全 劳动教育 家校沟通 阅读推广 近视防控 师德建设 乡土课程 '
             '结对帮扶 食堂管理 体育锻炼 心理健康 书香校园 防溺水'.split(),
    'effect': '迟到的学生少了大半 借书的人排到了走廊 家长的投诉变成了感谢短信 操场上的笑声多了 '
              '老师们下班也早了一些 食堂的剩饭桶轻了 住校的孩子睡得更踏实 课堂上举手的多起来'.split(),
    'time': '清晨 上午 午后 傍晚 放学以后 周末 开学第一周 期中考试之后 入冬以来 雨停的时候'.split(),
    'view': '慢一点不要紧，方向不能错 事情要做在明处 办法总是一点点试出来的 孩子记得的往往是小事 '
            '规矩立住了，人心就齐了 先把路走通，再谈走快 话说给谁听，就要听得懂 账要一笔一笔地算'.split(),
}
SENTENCES = '''{m}月{d}日{time}，{school}在{place}召开{theme}工作推进会，{n}名教师到场，{job}{who}主持。
{time}，{school}的{job}{who}带着{n}名党员教师到{place}{deed}，一直忙到天色暗下来。
“{view}。”{job}{who}在会上这样说，台下有人低头记下，也有人轻轻点头。
据统计，这项工作开展{k}个月以来，全校共{deed}{n}次，收到意见建议{k}条，已经办结的占到八成。
{who}老师从抽屉里取出{thing}，说这是{k}年前刚到{school}时留下的，一直没舍得丢。
变化是看得见的：{effect}，{effect2}。
围绕{theme}，学校把任务分成{k}项，每项都写明由谁负责、什么时候完成、怎样验收。
{school}与{school2}结成对子，两校教师每月互相听课{k}节，{time}就在{place}交换意见。
会议指出，{theme}不是一阵风，要同{theme2}结合起来，一件一件抓出结果。
家长代表{who}提起去年{m}月的一次{deed}，说那天孩子回家讲了整整一个晚上。
在{place}，记者看到墙上挂着{thing}，旁边的值日表排到了{m}月底，{n}个名字一个不少。
学校还把{deed}写进了{theme}计划，规定每学期不少于{k}次，由{job}当场签字。
谈到下一步的打算，{who}说得很实在：先把{theme}的底数摸清，再同各班商量，{m}月拿出方案。
当天的活动分{k}个小组进行，最小的组员只有{k}岁，最年长的{who}已经教了{n}年书。
{time}的{place}并不安静，{n}多个孩子围着{job}{who}，争着要看{thing}。
有了{theme}的经验，{school}又着手做{theme2}，第一批{n}名学生已经报了名。
“{view}。”说这话的是{job}{who}，{k}年来他{deed}的次数自己也数不清了。
{school2}派来的{n}名代表看完{place}，提了{k}条建议，其中一条是把{thing}留给下一届。
截至{m}月{d}日，全校{n}间教室完成检查，发现的{k}处问题当天改了一多半，其余的限期整改。
回校的路上，{who}算了一笔账：每{deed}一次要花{k}个小时，换来的却是{effect}。'''.split('\n')
TITLES = '''{school}：把{theme}做到孩子心里
{school}扎实推进{theme}工作
{who}：{k}年坚持{deed}
{school}开展“{theme}”主题活动侧记
从{theme}说起——{school}见闻
{school}与{school2}共话{theme}
一次{deed}，{n}名学生
{school}党支部：{theme}走在前'''.split('\n')
NOTICE = '''各学校、幼儿园：
为进一步做好{theme}工作，根据年度计划，经研究，决定在{m}月开展{theme}专项行动。现将有关事项通知如下：
一、工作目标
通过{k}周的集中行动，使全县{theme}的{n}项任务落到实处，{effect}。
二、工作要求
（一）{school}、{school2}等{k}所学校先行试点，{m}月{d}日前报送方案，联系人{who}。
（二）各校要把{theme}与{theme2}统筹安排，{deed}每周不少于{k}次，做到有记录、可核查。
（三）行动期间，局里将组织{n}人次到校查看，结果在{place}公示。
三、其他事项
未尽事宜请与{job}{who}联系。
特此通知。
附件：{theme}专项行动任务清单（{n}项）
青蒲县教育局办公室
2024年{m}月{d}日'''.split('\n')


def fill(rng, pattern):
    names = re.findall(r'{(\w+)}', pattern)
    v = {n: '%d' % rng.randint(*{'m': (1, 12), 'd': (1, 28), 'n': (12, 980)}.get(n, (2, 29)))
         for n in names if n.rstrip('2') not in SLOTS}
    for n in SLOTS:
        v[n], v[n + '2'] = rng.sample(SLOTS[n], 2)
    return pattern.format(**v)


def paragraph(rng):
    return ''.join(fill(rng, s) for s in rng.sample(SENTENCES, rng.randint(1, 4)))


class Article:
    def __init__(self, title, paragraphs, rng, notice=False):
        self.title, self.paragraphs, self.notice = title, paragraphs, notice
        self.date = '2024-%02d-%02d' % (rng.randint(1, 12), rng.randint(1, 28))
        self.views = rng.randint(12, 98765)
        self.text = '\n'.join(paragraphs)


def articles(rng, n, notices=0.0):
    """n of them; a share of them are notices."""
    out, titles = [], set()
    while len(out) < n:
        notice = rng.random() < notices
        title = fill(rng, '关于开展{theme}专项行动的通知（{n}号）' if notice else rng.choice(TITLES))
        if title in titles:
            continue
        titles.add(title)
        lines = NOTICE if notice else None
        body = [fill(rng, x) for x in lines] if lines else [
            paragraph(rng) for _ in range(rng.randint(4, 9))]
        out.append(Article(title, body, rng, notice))
    return out


# What a mirror's converter writes, and the reading it puts behind some of them.
TRADITIONAL = dict(zip(
    '万与专业东丢两个临为举么习乡书争于云仅从们会体余侧儿党兰关内册写决况准减几击划刚办务动劳区单占却历县双发变台号后听员团园'
    '围图场块坚墙声处头夹学宁实对导将尽层屉届岁师带帮并广开张当录怀总户执报拨挂换据数旧时显晓权条来标栏树样档桥检楼气沟没测浏'
    '涧满点炼热现礼种积笔筹签类紧级纸线练组织经结绕绘给统编网罗职联节营补见规视览计让议讯记讲设访证评识诉试话语说请诺读课谁谈'
    '谢负责账质贺转轻载较辅辑边过运还这进远迟里错锻镇镜长门问间闻阅阵陆随静韩页项须顾题风饭馆馈验齐',
    '萬與專業東丟兩個臨爲舉麼習鄉書爭於雲僅從們會體餘側兒黨蘭關內冊寫決況準減幾擊劃剛辦務動勞區單佔卻歷縣雙發變臺號後聽員團園'
    '圍圖場塊堅牆聲處頭夾學寧實對導將盡層屜屆歲師帶幫並廣開張當錄懷總戶執報撥掛換據數舊時顯曉權條來標欄樹樣檔橋檢樓氣溝沒測瀏'
    '澗滿點煉熱現禮種積筆籌籤類緊級紙線練組織經結繞繪給統編網羅職聯節營補見規視覽計讓議訊記講設訪證評識訴試話語說請諾讀課誰談'
    '謝負責賬質賀轉輕載較輔輯邊過運還這進遠遲裏錯鍛鎮鏡長門問間聞閱陣陸隨靜韓頁項須顧題風飯館饋驗齊'))
READINGS = {'會': 'huì', '學': 'xué', '黨': 'dǎng', '書': 'shū', '長': 'zhǎng', '師': 'shī',
            '們': 'men', '來': 'lái', '說': 'shuō', '這': 'zhè', '時': 'shí', '間': 'jiān',
            '課': 'kè', '開': 'kāi', '爲': 'wèi', '記': 'jì', '動': 'dòng', '實': 'shí'}


def traditional(s):
    return ''.join(TRADITIONAL.get(c, c) for c in s)


def glossed(s):
    return ''.join('%s(%s)' % (c, READINGS[c]) if c in READINGS else c for c in s)
