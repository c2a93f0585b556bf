"""Programs that call the interface of the test town: a token for a role, a client that shows it."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from governance.access.models import Role
from governance.access.services import IssuedToken, token_issue
from tests.factories.world import STREET, World

API = "/api/v1"


def issue(
    world: World, role: str = "dispatcher", area: str = STREET, organisation: str = "street", **changes: Any
) -> IssuedToken:
    """Issue a token as the administrator does on the page."""
    at = timezone.now()
    order = {
        "name": "市热线工单系统",
        "organisation": world.organisations[organisation],
        "role": Role.objects.get(key=role),
        "area_code": area,
        "expires_at": at + timedelta(days=90),
        "reason": "测试",
        "submission_key": uuid4(),
        "actor": world.viewer("administrator"),
        "at": at,
    }
    return token_issue(**(order | changes))


class Program:
    """A system of an organisation: speaks JSON, shows its token, keeps no cookie."""

    def __init__(self, secret: str = "", **headers: str) -> None:
        self.headers = headers | ({"Authorization": f"Bearer {secret}"} if secret else {})
        self.client = Client(raise_request_exception=True)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(API + path, query, headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        sent = self.headers | ({"Idempotency-Key": key} if key else {}) | headers
        return self.client.post(API + path, json.dumps(body), content_type="application/json", headers=sent)

    def upload(self, path: str, **fields: Any) -> Any:
        return self.client.post(API + path, fields, headers=self.headers)


def told(**changes: Any) -> dict[str, Any]:
    """A request as a hotline hands it down."""
    return {
        "kind": "help",
        "channel": "hotline",
        "body": "槐安里 7 号楼北侧的路灯不亮了，晚上老人走路看不清。",
        "category": "010101",
        "lng": 121.905,
        "lat": 30.905,
        "name": "周梅",
        "phone": "139 1234 2046",
    } | changes
