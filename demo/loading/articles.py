"""Articles of the knowledge base with their first version."""

from datetime import datetime, timedelta

from demo.articles import ARTICLES
from governance.access.models import User
from governance.knowledge.models import Article, ArticleVersion
from governance.organisations.models import Organisation


def load_articles(offices: dict[str, Organisation], people: dict[str, User], at: datetime) -> None:
    """Write the demo's articles, as if the person who runs the catalogue had written them."""
    author = next(user for user in people.values() if user.email.startswith("operations_admin@"))
    articles = []
    for one in ARTICLES:
        office, written = offices[one.office], at - timedelta(days=one.age)
        articles.append(
            Article(
                title=one.title,
                title_en=one.title_en,
                body=one.body,
                body_en=one.body_en,
                keywords=list(one.keywords),
                organisation=office,
                area_code=office.area_code,
                state=one.state,
                review_date=at.date() + timedelta(days=one.review_in),
                published_at=written if one.state == "published" else None,
                updated_at=written,
            )
        )
    Article.objects.bulk_create(articles)
    ArticleVersion.objects.bulk_create(
        ArticleVersion(
            article=article,
            number=1,
            title=article.title,
            title_en=article.title_en,
            body=article.body,
            body_en=article.body_en,
            keywords=article.keywords,
            at=article.updated_at,
            by=author,
            reason="第一次写",
        )
        for article in articles
    )
