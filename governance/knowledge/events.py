"""What the knowledge base publishes."""

from governance.outbox.events import EventType

ARTICLE_SAVED = EventType("knowledge.article_saved", ("number",))
ARTICLE_PUBLISHED = EventType("knowledge.article_published", ("number",))
ARTICLE_RETIRED = EventType("knowledge.article_retired", ("number",))
ARTICLE_REVIEWED = EventType("knowledge.article_reviewed", ("review_date",))
REVIEW_DUE = EventType("knowledge.review_fell_due", ("organisation_id", "review_date"))
