"""Forms of the wizard: they parse and coerce; the services decide."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.web.forms import IdempotencyField
from setup_wizard.models import PortalProfile

HOTLINES = 3
HOTLINE_FIELDS = ("name", "number", "hours", "name_en", "hours_en")
ENGLISH = {"lang": "en"}


def password_fields() -> dict[str, forms.Field]:
    """A new password, typed twice."""
    new = {"autocomplete": "new-password"}
    return {
        "password": forms.CharField(
            label=_("密码"),
            help_text=_("10 个字符以上；几个不相干的词连起来最好记"),
            max_length=200,
            strip=False,
            widget=forms.PasswordInput(attrs=new),
            error_messages={"required": _("请写密码")},
        ),
        "password_again": forms.CharField(
            label=_("再写一次密码"),
            max_length=200,
            strip=False,
            widget=forms.PasswordInput(attrs=new),
            error_messages={"required": _("请再写一次密码")},
        ),
    }


class NewPasswordForm(forms.Form):
    """The first password of somebody who was invited."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= password_fields()

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        cleaned = super().clean() or {}
        again = cleaned.get("password_again")
        if again and cleaned.get("password") and again != cleaned["password"]:
            self.add_error("password_again", _("两次写的密码不一样"))
        return cleaned


class BeginForm(NewPasswordForm):
    """The district and its first administrator."""

    code = forms.CharField(
        label=_("区的编码"),
        help_text=_("国家统计局的 6 位行政区划代码。定了就不改。"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("请写区的编码")},
    )
    name = forms.CharField(label=_("区的名称"), max_length=60, error_messages={"required": _("请写区的名称")})
    name_en = forms.CharField(
        label=_("区的英文名称"), max_length=60, required=False, widget=forms.TextInput(attrs=ENGLISH)
    )
    display_name = forms.CharField(
        label=_("您的姓名"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请写您的姓名")},
    )
    email = forms.EmailField(
        label=_("您的邮箱"),
        help_text=_("登录时用它"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": _("请写您的邮箱"), "invalid": _("邮箱没有看懂，请写成 name@example.cn")},
    )
    field_order = ("code", "name", "name_en", "display_name", "email")


class ProfileForm(forms.Form):
    """Names, address and telephone numbers of the portal."""

    place = forms.CharField(label=_("区的名称"), max_length=40, error_messages={"required": _("请写区的名称")})
    place_en = forms.CharField(
        label=_("区的英文名称"), max_length=60, required=False, widget=forms.TextInput(attrs=ENGLISH)
    )
    operator = forms.CharField(
        label=_("主办单位"),
        help_text=_("写在每一页的下面"),
        max_length=80,
        error_messages={"required": _("请写主办单位")},
    )
    operator_en = forms.CharField(
        label=_("主办单位英文"), max_length=120, required=False, widget=forms.TextInput(attrs=ENGLISH)
    )
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    address_en = forms.CharField(
        label=_("地址英文"), max_length=160, required=False, widget=forms.TextInput(attrs=ENGLISH)
    )
    record_number = forms.CharField(
        label=_("备案号"), help_text=_("ICP 备案号和公安备案号，有就写"), max_length=80, required=False
    )

    def __init__(self, posted: Any, *, profile: PortalProfile | None, district: tuple[str, str]) -> None:
        initial: dict[str, Any] = {"place": district[0], "place_en": district[1]}
        lines = list(profile.hotlines) if profile else []
        if profile is not None:
            initial |= {name: getattr(profile, name) for name in self.base_fields}
        for number, line in enumerate(lines[:HOTLINES]):
            initial |= {f"{name}_{number}": line.get(name, "") for name in HOTLINE_FIELDS}
        super().__init__(posted, initial=initial)
        for number in range(HOTLINES):
            self.fields |= _hotline_fields(number)

    @property
    def names(self) -> list[Any]:
        """Fields above the telephone numbers."""
        return [self[name] for name in self.base_fields]

    @property
    def hotlines(self) -> list[list[Any]]:
        """Fields of the telephone numbers, one list a number."""
        return [[self[f"{name}_{number}"] for name in HOTLINE_FIELDS] for number in range(HOTLINES)]

    def clean(self) -> dict[str, Any]:
        """A number needs a name, and a name a number; lines left empty are none."""
        cleaned = super().clean() or {}
        lines = []
        for number in range(HOTLINES):
            line = {name: cleaned.get(f"{name}_{number}") or "" for name in HOTLINE_FIELDS}
            if any(line.values()):
                lines.append(line)
                if not line["number"]:
                    self.add_error(f"number_{number}", _("请写号码，或者把这一行都空着"))
                if not line["name"]:
                    self.add_error(f"name_{number}", _("请写这是什么电话"))
        if not lines and not self.errors:
            self.add_error("number_0", _("请至少写一个居民打得通的号码"))
        cleaned["hotlines"] = lines
        return cleaned


def _hotline_fields(number: int) -> dict[str, forms.Field]:
    english = forms.TextInput(attrs=ENGLISH)
    return {
        f"name_{number}": forms.CharField(label=_("叫什么"), max_length=40, required=False),
        f"number_{number}": forms.CharField(
            label=_("号码"), max_length=30, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
        ),
        f"hours_{number}": forms.CharField(label=_("什么时候打得通"), max_length=60, required=False),
        f"name_en_{number}": forms.CharField(label=_("英文叫什么"), max_length=60, required=False, widget=english),
        f"hours_en_{number}": forms.CharField(label=_("英文：什么时候"), max_length=80, required=False, widget=english),
    }


class TrialForm(forms.Form):
    """Where and what a trial request is about."""

    area_code = forms.ChoiceField(label=_("哪个社区"), required=False)
    category = forms.ChoiceField(label=_("哪个事项"), required=False)
    key = IdempotencyField()

    def __init__(self, posted: Any = None, *, communities: Any, categories: Any) -> None:
        super().__init__(posted)
        self.fields["area_code"].choices = [("", _("没有地点")), *communities]  # type: ignore[attr-defined]
        self.fields["category"].choices = [("", _("还不知道是哪一类")), *categories]  # type: ignore[attr-defined]
