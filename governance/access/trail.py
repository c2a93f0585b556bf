"""What the trail says of people, roles and grants."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, TrailKind, tell, tell_keys, tell_subjects

tell(
    {
        "access.signed_in": _("登录成功"),
        "access.signed_out": _("退出了登录"),
        "access.session_timed_out": _("太久没有动作，自动退出"),
        "access.sign_in_failed": _("登录失败"),
        "access.sign_in_locked": _("试错太多，暂停登录"),
        "access.provider_refused": _("统一身份认证来的人没有放行"),
        "access.identity_tied": _("连上了统一身份"),
        "access.identity_untied": _("解开了统一身份"),
        "access.password_set": _("设置密码"),
        "access.second_step_set": _("设好了两步验证"),
        "access.second_step_reset": _("重置了两步验证"),
        "access.password_changed": _("改了密码"),
        "access.password_reset": _("让人重设密码"),
        "access.recovery_codes_renewed": _("换了备用码"),
    },
    kind=TrailKind.SIGN_IN,
)
tell(
    {
        "access.user_created": _("建立人员账号"),
        "access.user_invited": _("邀请人员"),
        "access.duties_separated": _("分开了三员"),
        "access.emergency_asked": _("申请打开应急账号"),
        "access.emergency_opened": _("打开了应急账号"),
        "access.emergency_closed": _("封上了应急账号"),
        "access.person_left": _("人员离开，账号停用"),
        "access.person_returned": _("人员回来，账号启用"),
        "access.policy_changed": _("改了登录的要求"),
        "access.role_changed": _("改角色能做的事"),
        "access.role_created": _("新建了角色"),
        "access.role_retired": _("停用角色"),
        "access.grant_given": _("给了授权"),
        "access.grant_ended": _("结束了授权"),
        "access.grant_extended": _("给授权延了期"),
        "access.grant_ending": _("提醒：授权快到期"),
        "access.grants_ending": _("提醒：有授权要延期"),
        "access.guardians_ending": _("提醒：管理员快没有了"),
        "access.reminders_changed": _("改了到期提醒的天数"),
        "access.grants_imported": _("按表给了授权"),
        "access.stand_in_given": _("安排了代班"),
        "access.token_issued": _("发了接口令牌"),
        "access.token_revoked": _("收回接口令牌"),
    },
    kind=TrailKind.RIGHTS,
)
tell_keys(
    {
        "organisation_id": Key(_("单位"), "organisations.organisation"),
        "parent_id": Key(_("上级单位"), "organisations.organisation"),
        "user_id": Key(_("人员"), "access.user"),
        "person_id": Key(_("人员"), "access.user"),
        "role": Key(_("角色")),
        "grants": Key(_("授权数")),
        "stands_in_for_id": Key(_("代谁"), "access.user"),
        "change_id": Key(_("改动编号")),
        "undoes_id": Key(_("撤回的改动编号")),
        "added": Key(_("增加")),
        "removed": Key(_("去掉了")),
        "starts_at": Key(_("从")),
        "ends_at": Key(_("到")),
        "expires_at": Key(_("到期")),
        "reason": Key(_("原因代码")),
        "why": Key(_("原因代码")),
        "second_step": Key(_("要两步验证")),
        "days": Key(_("天数")),
        "rows": Key(_("行数")),
        "left_out": Key(_("没写入的行数")),
        "hours": Key(_("几小时")),
        "asked_by_id": Key(_("申请人"), "access.user"),
        "sessions": Key(_("退出的设备数")),
        "grace_days": Key(_("宽限天数")),
        "fresh_minutes": Key(_("几分钟内不再问密码")),
        "idle_minutes": Key(_("多少分钟没有动作就退出")),
        "source_index": Key(_("来源（摘要）")),
    }
)
tell_subjects(
    {
        "access.user": Subject(_("账号")),
        "access.grant": Subject(_("一项授权")),
        "access.reminderpolicy": Subject(_("到期提醒"), is_one=True),
        "access.role": Subject(_("角色")),
        "access.emergencyrelease": Subject(_("应急账号的一次打开")),
        "access.apitoken": Subject(_("一个接口令牌")),
        "access.door": Subject(_("登录入口"), is_one=True),
    }
)
