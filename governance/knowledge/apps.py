"""App configuration."""

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    """Public knowledge base: what the office answers before anybody has to ask."""

    name = "governance.knowledge"
    label = "knowledge"
    default_auto_field = "django.db.models.BigAutoField"
