"""Forms of request intake: they parse and coerce; the rules are in the services."""

import math
import re
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.organisations.models import Organisation
from governance.web.forms import Hinted, SignedTimeTrapField
from population.selectors import buildings_of, estates_in
from requests_intake.models import Category, ContactRecord, Grade, Relation, RequestKind, Solved
from requests_intake.selectors.profiles import profile_at
from requests_intake.services.submission import BODY_MAX


class ShortAnswers(forms.RadioSelect):
    """Two or three short answers, side by side where there is room."""

    def __init__(self, attrs: Any = None, choices: Any = ()) -> None:
        super().__init__({"class": "r-row", **(attrs or {})}, choices)

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The class is the group's, not the circles'."""
        option = super().create_option(*args, **kwargs)
        option["attrs"].pop("class", None)
        return option


class KindForm(forms.Form):
    """First choice: what sort of matter it is."""

    kind = forms.ChoiceField(
        label=_("选一样"),
        widget=forms.RadioSelect,
        choices=[
            (RequestKind.HELP, Hinted(_("我要求助"), _("坏了、漏了、要人帮忙"))),
            (RequestKind.ENQUIRY, Hinted(_("我要问"), _("该找谁、怎么办、要什么材料"))),
            (RequestKind.COMPLAINT, Hinted(_("我要投诉"), _("吵了、脏了、服务不好"))),
            (RequestKind.TIP_OFF, Hinted(_("我要举报"), _("有人违法违规；从不公开"))),
            (RequestKind.SUGGESTION, Hinted(_("我有建议"), _("可以做得更好的地方"))),
        ],
        error_messages={"required": _("请选一样，我们才知道怎么接下去")},
    )


# the page asks for the lists below by itself; without script a button does
_LISTS = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-include": "#step-form",
    "hx-vals": '{"browse": "1"}',
    "hx-target": "#estates",
    "hx-swap": "outerHTML",
}


class WhereForm(forms.Form):
    """Address first, map second, community, estate and building from lists third; skipping is a button of its own.

    The lists need no map: a district has them on its first day.
    """

    needs_place = True
    offers_estates = True

    address = forms.CharField(
        label=_("地址，或者附近好认的地方"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",  # our own list stands below the field
                "data-address": "",
                "hx-get": reverse_lazy("intake:address"),
                "hx-trigger": "input changed delay:300ms",
                "hx-target": "#address-matches",
                "hx-sync": "this:replace",
            }
        ),
        error_messages={"max_length": _("地址太长了，请写短一些（最多 200 字）")},
    )
    lng = forms.CharField(required=False, widget=forms.HiddenInput)
    lat = forms.CharField(required=False, widget=forms.HiddenInput)
    area_code = forms.ChoiceField(label=_("或者选社区"), required=False)
    estate = forms.CharField(
        label=_("小区或道路"), required=False, max_length=60, widget=forms.Select(attrs=dict(_LISTS))
    )
    building = forms.CharField(label=_("楼栋或门牌"), required=False, max_length=30, widget=forms.Select)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups: list[Any] = [("", _("不清楚"))]
        for district, _name in areas.children(""):
            for subdistrict, name in areas.children(district):
                groups.append((name, areas.children(subdistrict)))
        self.fields["area_code"].choices = groups  # type: ignore[attr-defined]
        if self.offers_estates:
            self.fields["area_code"].widget.attrs |= _LISTS
        self._speak_of_the_place()
        self._offer_estates()

    def _speak_of_the_place(self) -> None:
        """Call things as the chosen community does: a village has hamlets and groups, no estates and buildings."""
        self.words = profile_at(str(self["area_code"].value() or "")).place_words()
        self.fields["address"].help_text = _("比如：%(example)s。写到大家找得到就行。") % self.words
        self.fields["estate"].label = self.words["estate"]
        self.fields["building"].label = self.words["building"]

    def _offer_estates(self) -> None:
        """Offer the estates of the chosen community and the buildings of the chosen estate; none: no such field."""
        community, estate = str(self["area_code"].value() or ""), str(self["estate"].value() or "")
        estates = estates_in(community) if self.offers_estates and community else []
        buildings = buildings_of(community, estate) if estate in estates else []
        for name, names in (("estate", estates), ("building", buildings)):
            if names:
                offered = [("", _("不清楚")), *((one, one) for one in names)]
                self.fields[name].widget.choices = offered  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def _chosen(self, cleaned: dict[str, Any], name: str) -> str:
        """What was chosen from a list; what belongs to the list of another community is not chosen."""
        value = str(cleaned.get(name) or "")
        field = self.fields.get(name)
        return value if field is not None and value in dict(field.widget.choices) else ""  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Turn the two hidden texts into a point, or into none where they are not a place on earth."""
        cleaned = super().clean() or {}
        cleaned["estate"], cleaned["building"] = self._chosen(cleaned, "estate"), self._chosen(cleaned, "building")
        cleaned["lng"], cleaned["lat"] = _degrees(cleaned.get("lng"), 180), _degrees(cleaned.get("lat"), 90)
        if cleaned["lng"] is None or cleaned["lat"] is None:
            cleaned["lng"] = cleaned["lat"] = None
        given = cleaned["lng"] is not None or cleaned.get("address") or cleaned.get("area_code")
        if self.needs_place and not self.errors and not given:
            self.add_error("address", _("请写一个地址、在地图上点一下，或者点“没有具体地点”"))
        return cleaned


def _degrees(text: str | None, limit: float) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= limit else None


class WhatForm(forms.Form):
    """The words, and whom a complaint is about. Length and emptiness are the service's rules."""

    body = forms.CharField(
        label=_("发生了什么？"),
        help_text=_("像跟邻居说话一样写：什么东西、怎么了、从什么时候起、希望怎么办。请不要写身份证号。"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7, "data-count": str(BODY_MAX)}),
    )
    complained = forms.ModelChoiceField(
        label=_("说的是哪个单位？（可不选）"),
        queryset=Organisation.objects.none(),
        required=False,
        empty_label=_("不选，或者不在里面"),
        error_messages={"invalid_choice": _("请从列表里选，或者不选")},
    )
    shown = SignedTimeTrapField()

    def __init__(self, *args: Any, organisations: Any = None, keeper: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organisations is None:
            del self.fields["complained"]
        else:
            self.fields["complained"].queryset = organisations  # type: ignore[attr-defined]
            told = _("比如%(keeper)s。它不会牵头办这件事，它的人也看不到是谁反映的。")
            self.fields["complained"].help_text = told % {"keeper": keeper}


class CategoryForm(forms.Form):
    """Which item of the catalogue; suggestions first, the whole list below, "not sure" always possible."""

    category = forms.ChoiceField(
        label=_("这件事属于哪一类？"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选一类；拿不准就选“说不清，请你们判断”")},
    )
    other = forms.ModelChoiceField(
        label=_("从全部事项里选"),
        queryset=Category.objects.none(),
        required=False,
        empty_label=_("请从列表里选一项"),
    )

    UNSURE = "unsure"
    OTHER = "other"

    def __init__(self, *args: Any, suggested: list[Category], catalogue: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [  # type: ignore[attr-defined]
            *((str(category.pk), category.label) for category in suggested),
            (self.UNSURE, _("说不清，请你们判断")),
            (self.OTHER, _("都不是，从全部事项里选")),
        ]
        self.fields["other"].queryset = catalogue  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Resolve the choice to a category or to None ("not sure")."""
        cleaned = super().clean() or {}
        choice = cleaned.get("category")
        if choice == self.OTHER and not cleaned.get("other"):
            self.add_error("other", _("请从列表里选一项"))
        cleaned["category_id"] = (
            None
            if choice in (None, self.UNSURE)
            else (cleaned["other"].pk if choice == self.OTHER and cleaned.get("other") else _int(choice))
        )
        return cleaned


def _int(text: Any) -> int | None:
    return int(text) if str(text).isdigit() else None


class ConcernedForm(forms.Form):
    """For whom somebody else reports: a child for a parent."""

    for_whom = forms.ChoiceField(
        label=_("您是为谁反映的？"),
        choices=[("me", _("为我自己")), ("other", _("替别人，比如父母、邻居"))],
        required=False,
        widget=ShortAnswers,
        error_messages={"invalid_choice": _("没有这一项，请从列表里选")},
    )
    other_name = forms.CharField(
        label=_("这个人怎么称呼"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-needed": "other"}),
    )
    other_phone = forms.CharField(
        label=_("这个人的电话（可不填）"),
        help_text=_("只有经办的人看得到，每次查看都有记录。"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        error_messages={"max_length": _("这个电话太长了，请检查一下")},
    )
    relation = forms.ChoiceField(
        label=_("是您的什么人（可不选）"),
        choices=[("", _("不说")), *Relation.choices],
        required=False,
        error_messages={"invalid_choice": _("没有这一项，请从列表里选")},
    )
    other_told = forms.BooleanField(
        label=_("编号和看进展的链接，也用短信发给这个人"),
        help_text=_("以后的消息和评价还是发给您。"),
        required=False,
    )
    calls = forms.ChoiceField(
        label=_("有事要问，打给谁？"),
        choices=[("me", _("打给我")), ("other", _("打给这个人"))],
        required=False,
        widget=ShortAnswers,
        error_messages={"invalid_choice": _("没有这一项，请从列表里选")},
    )

    def clean_other_phone(self) -> str:
        """As the reporter's own number."""
        return phone_of(str(self.cleaned_data["other_phone"]))


class ContactForm(ConcernedForm):
    """Who asks: all optional, and it says what each is for."""

    name = forms.CharField(
        label=_("怎么称呼您"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("称呼太长了，最多 40 个字")},
    )
    phone = forms.CharField(
        label=_("电话"),
        help_text=_("承办的人会打给您问清楚。只有经办的人看得到，每次查看都有记录。"),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"max_length": _("这个电话太长了，请检查一下")},
    )
    email = forms.EmailField(
        label=_("邮箱"),
        help_text=_("每一步有进展，就发邮件告诉您。"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("邮箱没有看懂，请写成 name@example.com 这样")},
    )
    may_be_public = forms.TypedChoiceField(
        label=_("办完以后，可以给邻居们看吗？"),
        help_text=_("只公开事情和答复，不公开姓名、电话和门牌。工作人员看过才会公开。"),
        choices=[
            ("yes", Hinted(_("可以公开"), _("邻居能看到进展，不用重复反映；办理快慢一样"))),
            ("no", Hinted(_("不要公开"), _("只有您和办事的人看得到"))),
        ],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        required=False,
        empty_value=False,  # type: ignore[arg-type]
    )

    def clean_phone(self) -> str:
        """Digits of a mobile or landline number, as typed apart from spaces and dashes."""
        return phone_of(str(self.cleaned_data["phone"]))


def phone_of(text: str) -> str:
    """Return a telephone number without spaces and dashes; raises `ValidationError` for what is none."""
    phone = re.sub(r"[\s\-－—()（）]", "", text).translate(str.maketrans("０１２３４５６７８９", "0123456789"))
    if phone and not re.fullmatch(r"\+?\d{7,15}", phone):
        raise forms.ValidationError(_("电话没有看懂，请写成 13812345678 或 021-88120316"))
    return phone


class LookupForm(forms.Form):
    """Find a request by number and the telephone or e-mail that was left."""

    number = forms.CharField(
        label=_("受理编号"),
        help_text=_("15 位数字，在回执上"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("请填受理编号")},
    )
    contact = forms.CharField(
        label=_("提交时留的电话或邮箱"),
        max_length=120,
        error_messages={"required": _("请填提交时留的电话或邮箱，我们好确认是您")},
    )
    shown = SignedTimeTrapField()


def _yes_no(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


class RateForm(forms.Form):
    """The call-back: three questions and a word."""

    contacted = forms.TypedChoiceField(
        label=_("有人联系过您吗？"),
        choices=[("yes", _("联系过")), ("no", _("没有联系"))],
        coerce=_yes_no,
        empty_value=None,
        required=False,
        widget=ShortAnswers,
    )
    solved = forms.ChoiceField(label=_("事情解决了吗？"), choices=Solved.choices, required=False, widget=ShortAnswers)
    grade = forms.TypedChoiceField(
        label=_("您满意吗？"),
        choices=[(value, label) for value, label in Grade.choices],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("想补充一句吗？"),
        help_text=_("没有解决的话，请写还差什么，我们退回去重办。"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("最多 1000 字")},
    )


class AcceptForm(forms.Form):
    """Accept under a category."""

    category = forms.ModelChoiceField(
        label=_("事项"), queryset=Category.objects.none(), required=False, empty_label=_("请选事项")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(is_active=True, stop_text="").order_by("code")  # type: ignore[attr-defined]


class DispatchForm(forms.Form):
    """Send to the organisation that leads."""

    organisation = forms.ModelChoiceField(label=_("派给"), queryset=Organisation.objects.none(), required=False)
    instruction = forms.CharField(
        label=_("交代一句（居民看不到）"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    helpers = forms.ModelMultipleChoiceField(
        label=_("协办单位（可不选）"),
        help_text=_("先把结果交给牵头单位，再由牵头单位答复居民。"),
        queryset=Organisation.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, organisations: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["helpers"].queryset = organisations  # type: ignore[attr-defined]
        offered = [(organisation.pk, organisation.label) for organisation in organisations]  # read once for both
        self.fields["organisation"].choices = [("", _("请选承办单位")), *offered]  # type: ignore[attr-defined]
        self.fields["helpers"].choices = offered  # type: ignore[attr-defined]
        self.fields["organisation"].widget.attrs["data-key-focus"] = "a"


class ContactRecordForm(forms.Form):
    """One attempt to reach the resident."""

    how = forms.ChoiceField(
        label=_("怎么联系的"), choices=ContactRecord.How.choices, required=False, widget=ShortAnswers
    )
    reached = forms.TypedChoiceField(
        label=_("联系上了吗"),
        choices=[("yes", _("联系上了")), ("no", _("没联系上"))],
        coerce=_yes_no,
        empty_value=None,
        required=False,
        widget=ShortAnswers,
    )
    note = forms.CharField(
        label=_("记一笔（居民看不到）"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReplyForm(forms.Form):
    """The public answer."""

    text = forms.CharField(
        label=_("答复居民"),
        help_text=_("写清：做了什么，接下来谁在什么时候做什么。居民会马上看到。"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 5, "data-key-focus": "r"}),
    )


class RevealForm(forms.Form):
    """Why the number is needed."""

    purpose = forms.ChoiceField(
        label=_("为什么要看"),
        choices=[("contact", _("联系居民核实情况")), ("visit", _("约上门时间")), ("callback", _("回访"))],
        error_messages={"required": _("请选为什么要看号码")},
    )
