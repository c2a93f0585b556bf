"""The demo's knowledge base: what residents of a district ask every week, answered as an office would."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemoArticle:
    """One article; `office` is a key of demo.organisations, `age` how many days ago it was written."""

    office: str
    title: str
    title_en: str
    body: str
    body_en: str
    keywords: tuple[str, ...]
    age: int
    review_in: int
    state: str = "published"


ARTICLES = (
    DemoArticle(
        "ga",
        "居住证怎么办、怎么续",
        "Getting and renewing a residence permit",
        "在本区住满半年，有稳定工作、稳定住处或者在读，三样有一样就能办。\n\n"
        "带身份证、近照一张，再带劳动合同、租房合同（或房产证）、在读证明里的一样。换了工作、换了住处不影响续签，带新的合同来就行。\n\n"
        "到便民服务中心或者社区窗口办，十五个工作日出证。每年签注一次，到期前一个月就可以来，可以请家里人代办，"
        "代办的带双方身份证。不收费。",
        "You can get one if you have lived here for six months and have a steady job, a steady home or a place at a "
        "school.\n\nBring your identity card, a photo, and one of these: work contract, tenancy or title deed, proof of "
        "enrolment. A new job or a new home is no obstacle to renewing: bring the new contract.\n\nApply at the service "
        "centre or your community's counter; it takes fifteen working days. Renew it every year, up to a month early. "
        "A relative may do it for you with both identity cards. It is free.",
        ("居住证", "签注", "续签", "暂住", "居住登记"),
        200,
        40,
    ),
    DemoArticle(
        "rs",
        "医保断缴了怎么补",
        "Making up a gap in health insurance",
        "断了三个月以内，接上以后待遇不受影响，断的月份可以补。\n\n断了三个月以上，重新缴满六个月后恢复报销，缴费年限不清零。"
        "换工作断的，请新单位从入职当月参保；自己缴的，带身份证到便民服务中心医保窗口，或者在医保平台上办。\n\n"
        "住院已经发生的费用，先保存好票据和清单，再来窗口问，能不能报要看住院那天的参保状态。",
        "A gap of up to three months does not cost you anything once you pay again, and the missing months can be made "
        "up.\n\nAfter a longer gap you are covered again when you have paid for six months; your years of insurance are "
        "kept. If you changed jobs, ask the new employer to insure you from the first month. If you pay yourself, come "
        "to the health insurance counter with your identity card.\n\nFor a hospital stay in between, keep the receipts "
        "and ask at the counter: it depends on the day you were admitted.",
        ("医保", "断缴", "补缴", "社保断了", "报销"),
        150,
        10,
    ),
    DemoArticle(
        "zj",
        "老小区加装电梯怎么申请",
        "Adding a lift to an old block",
        "一个单元里，面积和户数都过三分之二的业主参与表决，参与的里面面积和户数都过四分之三同意，就可以申请。\n\n"
        "先到社区领意见表，社区帮着召集。方案要公示十天，有人反对，社区和街道来调解。公示以后由街道报住建部门联合审查，"
        "一般二十个工作日。\n\n补贴和住房公积金都可以用，每年标准不同，申请时窗口会告诉您。一楼住户的采光、通行要在方案里写清楚。",
        "Owners of two thirds of the units and of the floor space must vote, and three quarters of those who vote must "
        "agree, by both counts.\n\nGet the form at your community; it helps to call everybody together. The plan is "
        "posted for ten days; the community and the sub-district mediate if somebody objects. Then the housing "
        "authority examines it, usually within twenty working days.\n\nThere is a subsidy, and the housing fund may be "
        "used; ask for this year's amounts. The plan must say what changes for the ground floor.",
        ("电梯", "加装电梯", "装电梯", "老楼"),
        120,
        120,
    ),
    DemoArticle(
        "zj",
        "楼上漏水，找谁",
        "Water coming through the ceiling",
        "先找楼上住户和物业，物业有责任上门查是公共管道还是户内。\n\n公共管道坏了由物业修，费用从维修资金里出；户内坏了由楼上修。"
        "双方说不拢，社区调解委员会可以上门调解，不收费。\n\n找不到人、还在漏，请物业先关总阀，再打我们电话，我们联系社区一起上门。"
        "拍照、录像留着，谈赔偿用得上。",
        "Speak with the neighbours upstairs and the property manager first; the manager has to find out whether a "
        "shared pipe or a flat is the cause.\n\nShared pipes are repaired by the manager from the maintenance fund, "
        "pipes in a flat by its owner. If you cannot agree, the community's mediation committee comes free of charge."
        "\n\nIf nobody can be reached and it still leaks, have the main valve closed and call us. Keep photos and videos "
        "for the damages.",
        ("漏水", "渗水", "天花板", "楼上"),
        90,
        100,
    ),
    DemoArticle(
        "mz",
        "高龄津贴怎么领",
        "The allowance for people over eighty",
        "户籍在本区、满八十周岁的老人都可以领，从满岁的下个月起发，不用排队。\n\n本人或家里人带老人的身份证、户口本、银行卡到社区窗口登记一次就行，"
        "行动不便的打社区电话，工作人员上门办。\n\n每年要确认一次在世，可以视频，也可以由社区上门看望时一起办，不用专门跑一趟。",
        "Everybody over eighty who is registered in the district gets it, from the month after the birthday.\n\nYou or a "
        "relative register once at the community's counter with identity card, household book and bank card. If it is "
        "hard to come, call the community and somebody visits you.\n\nOnce a year we confirm that you are well, by video "
        "or during a visit.",
        ("高龄", "津贴", "老人补贴", "八十岁", "养老"),
        60,
        200,
    ),
    DemoArticle(
        "hb",
        "噪声扰民，多大声算超标",
        "When noise is too loud",
        "居民楼附近，白天超过 55 分贝、夜里（22 点到早上 6 点）超过 45 分贝就算超标。装修只能在工作日早上 8 点到 12 点、"
        "下午 2 点到 6 点做有噪声的活。\n\n邻居吵，先请物业和社区说；工地夜里施工，看有没有夜间施工证明，没有就告诉我们时间和地点；"
        "广场舞、商铺音响，社区和派出所一起劝。\n\n请写清几点到几点、在哪里，我们去测一次，比形容多响更管用。",
        "Near homes the limit is 55 decibels by day and 45 by night (10 pm to 6 am). Noisy renovation is allowed on "
        "working days from 8 to 12 and from 2 to 6.\n\nFor neighbours, ask the property manager and the community first; "
        "for a site that works at night without a permit, tell us when and where; for music in the square or from shops, "
        "the community and the police speak with them.\n\nTell us the hours and the place: then we can measure.",
        ("噪声", "噪音", "扰民", "分贝", "装修时间", "夜间施工"),
        45,
        90,
    ),
    DemoArticle(
        "jy",
        "小孩上学，积分怎么算",
        "Points for a school place",
        "今年的办法正在改，改好再发。",
        "",
        ("入学", "积分", "学位"),
        3,
        170,
        state="draft",
    ),
)
