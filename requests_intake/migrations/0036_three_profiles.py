"""The three kinds of community that districts have; offices edit their words and say which community is which."""

from django.db import migrations

# key, name, English name, words that differ (Chinese, English)
PROFILES = [
    ("estate", "商品房小区", "Modern estate", {}),
    (
        "old_estate",
        "老旧小区",
        "Older estate",
        {
            "estate": ("老小区或弄堂", "Old estate or lane"),
            "example": ("槐安里 7 号楼 2 单元门口", "entrance 2, building 7, Huai’anli"),
            "keeper": ("物业或社区代管的单位", "the property firm or caretaker body"),
        },
    ),
    (
        "village",
        "村",
        "Village",
        {
            "estate": ("自然村", "Hamlet"),
            "building": ("村民小组", "Villagers’ group"),
            "doors": ("组别和门牌", "group or house"),
            "example": ("上塘三组晒谷场旁边的水渠", "ditch by the drying ground, group 3, Shangtang"),
            "keeper": ("村集体", "the village collective"),
        },
    ),
]


def fill(apps, schema_editor):
    model = apps.get_model("requests_intake", "CommunityProfile")
    for key, name, name_en, words in PROFILES:
        own = {word: {"zh": zh, "en": en} for word, (zh, en) in words.items()}
        model.objects.create(key=key, name=name, name_en=name_en, words=own, is_default=key == "estate")


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0035_community_profiles")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
