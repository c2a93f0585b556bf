"""Forms of tables of the registry."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.files.table_form import MappingForm
from governance.web.forms import Hinted, IdempotencyField
from population.import_tables import SHAPES
from population.models import ImportKind, ImportRule, ResidencyKind


class ImportFileForm(forms.Form):
    """The table, and what its rows are."""

    kind = forms.ChoiceField(
        label=_("表里是什么"),
        choices=ImportKind.choices,
        widget=forms.RadioSelect,
        initial=ImportKind.PEOPLE.value,
        error_messages={"required": _("请选表里是什么")},
    )
    file = forms.FileField(
        label=_("台账"),
        help_text=_("Excel（.xlsx）或 CSV，最大 160 MB、120 万行。先检查，再写入。"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt"}),
        error_messages={"required": _("请选一个文件"), "empty": _("这个文件是空的")},
    )
    key = IdempotencyField()


class RegistryMappingForm(MappingForm):
    """Which column is what, and what is done with people who are known, empty cells and unknown doors."""

    rule = forms.ChoiceField(
        label=_("登记里已经有的人，和文件写得不一样的"),
        choices=[
            (ImportRule.FILL.value, Hinted(ImportRule.FILL.label, _("登记里空着的用文件补上，别的不动"))),
            (ImportRule.KEEP.value, Hinted(ImportRule.KEEP.label, _("只加登记里没有的人"))),
            (ImportRule.TAKE.value, Hinted(ImportRule.TAKE.label, _("文件更新的时候选；住在别处的按搬家办"))),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("请选怎么办")},
    )
    kind_default = forms.ChoiceField(
        label=_("居住类型空着的，按"), choices=[("", _("不写入，要一行一行填")), *ResidencyKind.choices], required=False
    )
    takes_from_number = forms.BooleanField(
        label=_("性别、出生日期空着的，按身份号码填"),
        help_text=_("号码里写的不一定对；本人说的和号码不一样的，以后照本人说的改"),
        required=False,
    )
    makes_dwellings = forms.BooleanField(
        label=_("没有的户室新建"),
        help_text=_("只在登记了的楼里、有的楼层上新建"),
        required=False,
    )

    def __init__(self, data: Any = None, *, kind: str, **options: Any) -> None:
        super().__init__(data, columns=SHAPES[kind].columns, **options)

    def clean(self) -> dict[str, Any]:
        """Where people live must be said, in one column or in several."""
        said = super().clean()
        if not said.get("address") and not (said.get("estate") and said.get("door")):
            self.add_error("address", _("请选住址在哪一列，或者选小区和室号在哪一列"))
        return said

    @property
    def choices_shown(self) -> list[Any]:
        """What is to be decided beside the columns, bound."""
        return [self[name] for name in ("rule", "kind_default", "takes_from_number", "makes_dwellings")]
