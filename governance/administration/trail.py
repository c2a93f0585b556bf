"""What the trail says of the working calendar."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects

tell(
    {
        "administration.calendar_day_changed": _("改工作日历的一天"),
        "administration.calendar_day_reset": _("按通知恢复日历的一天"),
        "administration.calendar_year_filled": _("填写一年的工作日历"),
        "administration.calendar_ending": _("工作日历快用完了"),
    }
)
tell_keys(
    {
        "date": Key(_("日期")),
        "is_workday": Key(_("上班")),
        "year": Key(_("年份")),
        "written": Key(_("写入天数")),
        "kept": Key(_("没动的天数")),
        "horizon": Key(_("填到")),
        "stage": Key(_("阶段")),
    }
)
tell_subjects({"worktime.calendar": Subject(_("工作日历"), is_one=True)})
