"""Drafts of what is sent to the authority and to the persons: all that 个人信息保护法 §57 asks to be told.

They are drafts: whoever tells reads and changes them first. Chinese with the same in English below it.
"""

from collections.abc import Mapping

from django.utils import timezone

from governance.protection.models import BreachCase

UNKNOWN_ZH, UNKNOWN_EN = "还在查", "still being looked into"


def authority_draft(case: BreachCase, operator: Mapping[str, str]) -> str:
    """Return the report to the authority; `operator` is the office's name, by language."""
    zh, en = _parts(case)
    return (
        f"个人信息安全事件报告\n单位：{operator['zh']}\n发现时间：{zh['moment']}\n"
        f"事情：{case.what}\n涉及的信息：{case.kinds}\n涉及人数：{zh['people']}\n原因：{zh['cause']}\n"
        f"可能的危害：{zh['harm']}\n已经采取的措施：{zh['measures']}\n联系人：{zh['contact']}\n\n"
        f"Report of a personal data breach\nOrganisation: {operator['en']}\nNoticed: {en['moment']}\n"
        f"What happened: {case.what}\nData concerned: {case.kinds}\nPersons concerned: {en['people']}\n"
        f"Cause: {en['cause']}\nPossible harm: {en['harm']}\nMeasures taken: {en['measures']}\n"
        f"Contact: {en['contact']}"
    )


def persons_draft(case: BreachCase, operator: Mapping[str, str]) -> str:
    """Return the notice to the persons concerned."""
    zh, en = _parts(case)
    return (
        f"关于您个人信息的通知\n您好，{operator['zh']}在 {zh['day']} 发现：{case.what}\n"
        f"涉及您的：{case.kinds}\n原因：{zh['cause']}\n可能的影响：{zh['harm']}\n我们已经做的：{zh['measures']}\n"
        f"您可以做的：{zh['advice']}\n有疑问请联系：{zh['contact']}\n给您添了麻烦，对不起。\n\n"
        f"A notice about your personal data\nOn {en['day']} {operator['en']} noticed: {case.what}\n"
        f"Data of yours concerned: {case.kinds}\nCause: {en['cause']}\nPossible harm: {en['harm']}\n"
        f"What we have done: {en['measures']}\nWhat you can do: {en['advice']}\nQuestions: {en['contact']}\n"
        f"We are sorry for the trouble."
    )


def _parts(case: BreachCase) -> tuple[dict[str, str], dict[str, str]]:
    words = {name: str(getattr(case, name)) for name in ("cause", "harm", "measures", "advice", "contact")}
    noticed = timezone.localtime(case.noticed_at)
    words |= {"moment": f"{noticed:%Y-%m-%d %H:%M}", "day": f"{noticed:%Y-%m-%d}"}
    words["people"] = "" if case.people is None else str(case.people)
    return (
        {name: text or UNKNOWN_ZH for name, text in words.items()},
        {name: text or UNKNOWN_EN for name, text in words.items()},
    )
