"""Who somebody is at the office's identity provider."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import governance.privacy.fields


class Migration(migrations.Migration):
    dependencies = [("access", "0016_grant_endings")]

    operations = [
        migrations.AddField(
            model_name="accountchange", name="identity_untied", field=models.BooleanField(default=False)
        ),
        migrations.CreateModel(
            name="ExternalIdentity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("issuer", models.CharField(max_length=200)),
                ("subject", governance.privacy.fields.EncryptedTextField()),
                ("subject_index", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("issuer", "subject_index"),
                        name="external_identity_one_person",
                        violation_error_message="这个身份已经连着别的账号",
                    ),
                    models.UniqueConstraint(
                        fields=("user", "issuer"),
                        name="external_identity_one_each",
                        violation_error_message="这个账号已经连着一个身份",
                    ),
                ]
            },
        ),
    ]
