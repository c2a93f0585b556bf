"""What is watched, in words: for the page of the rules, for a finding and for its notice, in both languages."""

from governance.audit.models import WatchKey

# day begins and ends for "outside office hours"; a day off is outside throughout
OPENS, CLOSES = 7, 20

# key: (what is counted, with {limit}; what was found, with {count}), each Chinese and English
_WORDS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    WatchKey.LOOKS: (
        ("一个人一天看别人的电话、姓名超过 {limit} 次", "One person looks at more than {limit} names or numbers a day"),
        ("一天看了 {count} 次别人的信息", "{count} looks at personal data in one day"),
    ),
    WatchKey.OFF_HOURS: (
        (
            "一个人在 20:00 到 7:00 或者休息日看超过 {limit} 次",
            "One person looks more than {limit} times between 20:00 and 7:00, or on a day off",
        ),
        ("下班时间看了 {count} 次别人的信息", "{count} looks at personal data out of hours"),
    ),
    WatchKey.ONE_RECORD: (
        (
            "一个人一天看同一条记录的信息超过 {limit} 次",
            "One person looks at the data of one record more than {limit} times a day",
        ),
        ("同一条记录一天看了 {count} 次", "{count} looks at one record in one day"),
    ),
    WatchKey.EXPORTS: (
        ("一个人一天导出超过 {limit} 次", "One person exports more than {limit} times a day"),
        ("一天导出了 {count} 次", "{count} exports in one day"),
    ),
    WatchKey.RIGHTS: (
        (
            "一个人一天给、延长、结束授权超过 {limit} 项",
            "One person gives, extends or ends more than {limit} grants a day",
        ),
        ("一天动了 {count} 项授权", "{count} grants changed in one day"),
    ),
    WatchKey.WEIGHTY: (
        (
            "改角色、给管理员角色、重设别人的两步验证或密码、打开应急账号，一天超过 {limit} 次",
            "Changing roles, granting an administrator’s role, resetting somebody’s second step or password, opening "
            "the emergency account: more than {limit} a day",
        ),
        ("动了 {count} 次要紧的权限", "{count} weighty changes of rights"),
    ),
}


def rule_words(key: str, limit: int, *, english: bool) -> str:
    """Say what a rule counts."""
    return _WORDS[key][0][english].format(limit=limit)


def found_words(key: str, count: int, *, english: bool) -> str:
    """Say what was found."""
    return _WORDS[key][1][english].format(count=count)
