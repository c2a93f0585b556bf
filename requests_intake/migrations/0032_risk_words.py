"""Words behind which somebody may be in danger, and how long each one who is called has; the office edits both."""

from django.db import migrations

# No official text lists them [GK]: the office confirms them on the page of its limits and words.
WORDS = [
    "煤气泄漏", "燃气泄漏", "漏煤气", "漏燃气", "煤气味", "燃气味", "爆炸", "着火", "起火", "冒浓烟", "自杀", "轻生", "跳楼",
    "想死", "不想活", "溺水", "触电", "坍塌", "昏迷", "晕倒", "电梯困人", "被困", "持刀", "救命",
]  # fmt: skip
FIELDS = ("name", "name_en", "amount", "unit")
LIMIT = ("alert_ack", "突发警报等一个人回应", "Waiting for each person who is called in an alert", 10, "minutes")


def fill(apps, schema_editor):
    apps.get_model("requests_intake", "RiskWords").objects.create(words=WORDS)
    values = dict(zip(FIELDS, LIMIT[1:], strict=True))
    apps.get_model("requests_intake", "TurnLimit").objects.create(key=LIMIT[0], **values)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0031_duty")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
