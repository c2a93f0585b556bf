"""Deadline policies to begin with: how long each stage may take, and where the number comes from.

Numbers are defaults in data. A source that says so is general knowledge, compared with no text: the office
must confirm it before it relies on it. Where no source gives a value, the district's own promise is named as such.
"""

from dataclasses import dataclass

from django.utils.translation import get_language

STAGES = ("accept", "sign", "contact", "resolve")
UNITS = ("natural_hour", "natural_day", "working_hour", "working_day")

_ACCEPT = "DB11/T 2021-2022 征求意见稿：网上诉求 2 小时内受理（未见定稿）"
_SIGN = "通行做法，没有核对过：工作时间 2 小时内签收"
_SIGN_URGENT = "通行做法，没有核对过：紧急件 30 分钟内签收，这里取整为 1 小时"
_CONTACT = "通行做法，没有核对过：签收后 24 小时内联系诉求人"
_CONTACT_URGENT = "区里的承诺，没有核对过：紧急件签收后 1 小时内联系"
_DRAFT = "DB11/T 2021-2022 征求意见稿（未见定稿）："


@dataclass(frozen=True, slots=True)
class Clock:
    """One time limit. `amount` counts in `unit`; `accept` and `resolve` start at submission, the others at dispatch
    (`sign`) and at signing (`contact`)."""

    stage: str
    amount: int
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Policy:
    """A named set of clocks. `round_the_clock` marks water, power, gas and heat: nights and holidays count."""

    key: str
    name: str
    name_en: str
    urgency: str
    clocks: tuple[Clock, ...]
    round_the_clock: bool = False

    @property
    def label(self) -> str:
        """Name in the language of the page."""
        return self.name_en if get_language() == "en" else self.name

    @property
    def source(self) -> str:
        """Where its numbers come from, in one line."""
        return "；".join(dict.fromkeys(clock.source for clock in self.clocks))

    def clock(self, stage: str) -> Clock:
        """The clock of one stage; KeyError for an unknown one."""
        for clock in self.clocks:
            if clock.stage == stage:
                return clock
        raise KeyError(stage)


def _policy(key: str, names: tuple[str, str], urgency: str, resolve: Clock, *, all_day: bool = False) -> Policy:
    if urgency == "urgent":
        sign = Clock("sign", 1, "natural_hour", _SIGN_URGENT)
        contact = Clock("contact", 1, "natural_hour", _CONTACT_URGENT)
    else:
        sign = Clock("sign", 2, "natural_hour" if all_day else "working_hour", _SIGN)
        contact = Clock("contact", 24, "natural_hour", _CONTACT)
    accept = Clock("accept", 2, "natural_hour", _ACCEPT)
    return Policy(key, *names, urgency, (accept, sign, contact, resolve), all_day)


POLICIES: tuple[Policy, ...] = (
    _policy(
        "urgent_2h",
        ("紧急：2 小时", "Urgent: 2 hours"),
        "urgent",
        Clock("resolve", 2, "natural_hour", _DRAFT + "危及人身和财产的 2 小时内反馈"),
        all_day=True,
    ),
    _policy(
        "immediate_24h",
        ("水电气热：24 小时", "Water, power, gas, heat: 24 hours"),
        "immediate",
        Clock(
            "resolve",
            24,
            "natural_hour",
            _DRAFT + "水电气热 24 小时内反馈；《北京市接诉即办工作条例》第 19 条：全天候服务",
        ),
        all_day=True,
    ),
    _policy(
        "immediate_day",
        ("立刻能办：24 小时", "Quick fix: 24 hours"),
        "immediate",
        Clock("resolve", 24, "natural_hour", "区里的承诺，没有核对过：井盖、困人、带电这类小事不过夜"),
    ),
    _policy(
        "general_7d",
        ("一般诉求：7 天", "General: 7 days"),
        "general",
        Clock("resolve", 7, "natural_day", _DRAFT + "一般诉求 7 日内反馈"),
    ),
    _policy(
        "complex_15d",
        ("复杂疑难：15 天", "Complex: 15 days"),
        "complex",
        Clock("resolve", 15, "natural_day", _DRAFT + "复杂疑难 15 日内反馈"),
    ),
    _policy(
        "service_5wd",
        ("咨询和办事：5 个工作日", "Questions and services: 5 working days"),
        "general",
        Clock(
            "resolve",
            5,
            "working_day",
            "《济南市12345市民服务热线条例》第 24 条、《潍坊市12345政务服务便民热线条例》第 20 条",
        ),
    ),
)

BY_KEY: dict[str, Policy] = {policy.key: policy for policy in POLICIES}

# What a request gets whose category nobody knows yet.
USUAL, UNCLASSIFIED = "general_7d", "general"
UNCLASSIFIED_NAMES = ("未分类：按一般诉求", "Not yet classified: as general")
