"""English pages are English: every page, for every role, in every state of a request; refusals and errors, too."""

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path, resolve, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from governance.access.decorators import public
from governance.access.models import Grant, ReviewItem, Role, RoleChange
from governance.audit.models import Finding, WatchRule
from governance.errors import DomainError, Forbidden, StaleState
from governance.jobs import registry as job_kinds
from governance.jobs.models import Job, State
from governance.jobs.registry import Step, job_kind
from governance.jobs.services import job_run
from governance.notifications.models import Message
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from governance.protection.models import ImpactAssessment
from governance.protection.person_requests.services import person_request_decide, person_request_take
from governance.protection.services import breach_open
from governance.refs import ref_of
from governance.web.views import errors
from grid.code_files import SHIPPED
from grid.models import (
    Application,
    Check,
    CodeItem,
    ComponentImport,
    DutyItem,
    Post,
    Task,
    TerritoryImport,
)
from grid.services.area_sets import area_set_make
from grid.services.checks import CheckPlace, check_complete, check_create
from grid.services.codes import code_item_add, code_list_load
from grid.services.components import ComponentDraft, component_enter, component_inspect
from grid.services.findings import FindingDraft, finding_report
from grid.services.patrols import point_add, point_seen, route_make
from grid.services.territory_imports import territory_import_write
from population.models import RegistryImport
from requests_intake.models import (
    AnswerTemplate,
    Category,
    DispatchRule,
    RuleRun,
    ServiceRequest,
    StandIn,
    UpstreamBatch,
)
from requests_intake.questions import Option, Question, QuestionKind, raw_of
from requests_intake.services.catalogue import category_change
from requests_intake.services.drafts import draft_start
from requests_intake.services.handling import order_reply, order_sign
from requests_intake.services.rule_runs import run_start
from requests_intake.services.rules import RuleDraft, rule_create, rules_check
from requests_intake.services.triage import request_accept, request_dispatch
from requests_intake.services.upstream import batch_run
from tests.adversarial.people import LETTERS
from tests.adversarial.test_every_door import declared
from tests.factories import world as worlds
from tests.factories.population import registry_make
from tests.factories.world import EAST, EAST_GRID, MORNING
from tests.requests_intake.resident import Resident
from tests.requests_intake.upstream_files import order, received, source_of, xlsx
from tests.requests_intake.walk import STATES, to_state, to_turn
from tests.routes import routes
from tests.web.english import chinese_in, language_of

NOW = MORNING + timedelta(hours=6)
PEOPLE = [
    "dispatcher",
    "handler",
    "second_handler",
    "other_handler",
    "head",
    "agent",
    "supervisor",
    "district",
    "grid_worker",
    "administrator",
    "clerk",
    "operations",
    "stranger",
]
SAME_ROLE = {"second_handler": "handler", "other_handler": "handler"}
PUBLIC = [
    "web:home",
    "web:privacy",
    "web:accessibility",
    "intake:start",
    "intake:lookup",
    "access:sign-in",
    "intake:public",
    "intake:public-figures",
    "intake:follow-area",
    "intake:windows",
    "knowledge:articles",
    "grid:my-grid",
]
STAFF = {
    "web:work": [""],
    "web:rail": ["?at=/staff/map/"],
    "web:components": ["", "?as=resident"],
    "intake:queue": [
        "",
        *(
            f"?view={key}"
            for key in (
                "triage",
                "dispatch",
                "callback",
                "unanswered",
                "overdue",
                "extension",
                "ledger",
                "resting",
                "open",
                "all",
            )
        ),
        "?view=all&q=state:overdue+nothing:x+-grid:1+x",
    ],
    "intake:entry-begin": [""],
    "intake:upstream": [""],
    "intake:upstream-new": [""],
    "intake:upstream-source-new": [""],
    "intake:orders": ["", "?view=done", "?q=nothing:x+handler:me"],
    "intake:counts": ["?page=requests&view=open", "?page=orders&view="],
    "intake:worklists": [""],
    "intake:worklist-new": ["?q=x&page=requests&view=open"],
    "intake:bulk-runs": [""],
    "intake:macros": [""],
    "intake:macro-new": [""],
    "intake:templates": [""],
    "intake:template-new": [""],
    "intake:stand-ins": [""],
    "intake:moderation": ["", "?view=released", "?view=refused"],
    "notifications:inbox": [""],
    "notifications:robots": [""],
    "notifications:blocks": [""],
    "notifications:deliveries": [""],
    "notifications:choices": [""],
    "notifications:hours": [""],
    "notifications:templates": [""],
    "notifications:log": ["", "?state=failed", "?state=sent"],
    "dashboards:overview": ["", "?period=30d"],
    "grid:map": ["", f"?area={EAST}"],
    "grid:posts": ["", "?state=uncovered", "?q=nobody"],
    "intake:posters": ["", f"?within={EAST}"],
    "intake:posters-print": ["", f"?within={EAST}&size=a5"],
    "grid:codes": [""],
    "grid:territory-imports": [""],
    "grid:components": ["", "?state=removed"],
    "grid:component-imports": [""],
    "population:imports": [""],
    "grid:component-exports": [""],
    "grid:component-new": [""],
    "grid:checks": ["", "?done=1"],
    "grid:tasks": ["", "?view=done", "?view=burden&month=2026-10&forms=1&duty=0"],
    "grid:asks": ["", "?view=waiting"],
    "grid:ask-new": [""],
    "grid:admissions": ["", "?view=done"],
    "grid:task-note": [""],
    "grid:burden": ["", "?month=2026-11"],
    "grid:appraisals": [""],
    "grid:appraisal-new": [""],
    "grid:duty-items": ["", "?listed=barred"],
    "grid:task-policy": [""],
    "grid:patrol": [""],
    "grid:patrol-new": ["", "?kind=hazard", "?kind=dispute"],
    "grid:patrols": ["", "?state=closed"],
    "grid:routes": [""],
    "grid:area-sets": ["", "?over=1"],
    "grid:area-set-new": [""],
    "population:registry": [""],
    "population:due": [""],
    "population:entities": ["", "?kind=trader"],
    "population:spaces": ["", "?undated=1"],
    "population:compound-new": [""],
    "access:grants": ["", "?state=all", "?state=ending", "?state=ended", "?q=nobody"],
    "access:grant-new": [""],
    "access:grant-import": [""],
    "access:grant-reminders": [""],
    "access:reviews": [""],
    "access:review-new": [""],
    "access:matrix": ["", "?q=grant", "?q=nothing-like-it"],
    "access:explain": ["", "?record=990105&who=nobody", "?record=&who="],
    "access:role-new": [""],
    "access:role-compare": ["", "?a=handler&b=dispatcher"],
    "access:role-history": [""],
    "access:tokens": [""],
    "audit:trail": ["", "?kind=write", "?who=nobody&since=x", "?kind=rights&words=zz"],
    "protection:register": ["", "?app=requests_intake", "?q=nothing-like-it"],
    "protection:breaches": [""],
    "protection:breach-new": [""],
    "protection:breach-policy": [""],
    "protection:assessments": [""],
    "protection:person-requests": ["", "?view=done"],
    "protection:person-request-new": [""],
    "protection:person-request-policy": [""],
    "audit:exports": [""],
    "audit:seals": [""],
    "audit:findings": ["", "?view=closed"],
    "audit:watch": [""],
    "access:token-new": [""],
    "access:sign-in-policy": [""],
    "access:duties": [""],
    "access:emergency": [""],
    "access:calendar": ["", "?year=2027"],
    "intake:rules": ["", "?state=faulty", "?state=off", "?q=x"],
    "intake:rule-new": [""],
    "intake:policies": [""],
    "intake:limits": [""],
    "intake:alerts": [""],
    "intake:duty": ["", "?week=2026-11-30"],
    "intake:catalogue": ["", "?retired=1", "?q=nothing"],
    "intake:category-new": [""],
    "intake:standards": ["", "?q=nothing-like-it"],
    "intake:profiles": [""],
    "intake:windows-edit": [""],
    "intake:window-new": [""],
    "intake:appointments": [""],
    "intake:appointments-cancel": [""],
    "knowledge:edit-list": ["", "?view=due"],
    "knowledge:new": [""],
    "intake:policy-new": [""],
    "population:fields": [""],
    "population:bindings": ["", "?view=codes", "?view=ended"],
    "population:corrections": ["", "?done=1"],
    "setup:overview": [""],
    "setup:district": [""],
    "setup:areas": [""],
    "setup:addresses": [""],
    "setup:offices": [""],
    "setup:people": [""],
    "setup:limits": [""],
    "setup:catalogue": [""],
    "setup:starter": [""],
    "setup:invitations": [""],
}
# Pages of one thing: visited below with an object.
OF_A_THING = {
    "intake:step",
    "intake:track",
    "intake:receipt",
    "intake:looks",
    "intake:request",
    "intake:why",
    "intake:recuse",
    "intake:bulk",
    "intake:bulk-run",
    "intake:desk",
    "intake:template",
    "intake:template-use",
    "intake:macro",  # read in tests/web/test_english_macros.py
    "intake:macro-run",
    "intake:print",
    "notifications:message",
    "notifications:template",  # read in tests/web/test_english_notices.py
    "access:grant-end",
    "access:grant-extend",
    "grid:post-area",
    "grid:my-grid-one",
    "intake:here",
    "grid:post-new",
    "grid:post-end",
    "grid:post-extend",
    "grid:post-release",
    "grid:post-stand-in",
    "dashboards:panel",
    "jobs:show",
    "grid:area",  # these five in a test of their own
    "grid:area-redraw",
    "grid:area-split",
    "grid:area-merge",
    "grid:area-retire",
    "grid:outlines",
    "grid:where",
    "grid:code-list",
    "grid:code-item",
    "grid:code-successions",
    "grid:component",
    "grid:check",
    # read in tests/population
    "population:dwelling",
    "population:household",
    "population:person",
    "population:entity",
    "population:space",
    "population:compound",
    "population:building",
    "population:building-new",
    "population:building-edit",
    "population:building-doors",
    "population:dwelling-edit",
    "population:person-change",
    "population:person-merge",
    "population:entity-new",
    "population:entity-edit",
    "population:entity-close",
    "population:space-new",
    "population:space-edit",
    "population:space-inspect",
    "population:death",
    "population:move-in",
    "population:move-out",
    "population:birth",
    "population:household-split",
    "population:head-change",
    "grid:component-edit",
    "grid:component-clusters",
    "grid:component-import",
    "population:import",
    "grid:territory-import",
    "grid:territory-import-outlines",
    "grid:finding",
    # in a test of their own
    "grid:task",
    "grid:ask",
    "grid:admission",
    "grid:duty-item",
    "grid:route",
    "grid:area-set",
    "grid:area-set-edit",
    "intake:address",
    "intake:entry",
    "intake:entry-slip",
    "intake:entry-map",
    "intake:upstream-batch",
    "intake:upstream-source",
    "access:calendar-day",
    "audit:row",
    "audit:finding",
    "protection:breach",
    "protection:breach-edit",
    "protection:assessment",
    "protection:assessment-new",
    "protection:person-request",
    "access:token-revoke",  # read in tests/access/test_pages_tokens.py
    "intake:policy",
    "intake:rule",
    "intake:rule-acting",
    "intake:rules-run",
    "intake:policy-version",
    # read in tests/requests_intake/test_office_settings.py
    "intake:limit",
    "intake:reason",
    "intake:rung",
    "intake:risk-words",
    # read in tests/requests_intake/test_windows.py
    "intake:window",
    "intake:window-edit",
    # read in tests/web/test_english_supervision.py
    "dashboards:exports",
    "intake:supervisions",
    "intake:ledger",
    "intake:supervision",
    "intake:exclusions",
    "intake:exclusion",
    "intake:appraisal",
    "intake:appraisal-month",
    "intake:appraisal-office",
    "intake:object-to",
    "intake:objections",
    "intake:objection",
    "intake:schemes",
    "intake:scheme-new",
    "intake:open-figures",
    "intake:open-bulletin",
    # read in tests/requests_intake/test_appointments.py
    "intake:book",
    "intake:appointment",
    "intake:appointment-move",
    "intake:appointment-one",
    "intake:alert-raise",  # read in tests/requests_intake/test_alerts.py
    # read in tests/web/test_english_knowledge.py
    "knowledge:article",
    "knowledge:edit",
    "intake:answers",
    # read in tests/web/test_english_public_side.py
    "intake:similar",
    "intake:public-one",
    "intake:public-map",
    "intake:public-feed",
    "intake:publication",
    "intake:cover",
    "intake:follow-one",
    "intake:follow-confirm",
    "intake:unfollow",
    # read in tests/web/test_english_outside.py
    "intake:outside",
    "intake:outside-contact",
    "intake:outside-step",
    "intake:external-link",
    "intake:category",
    "intake:category-matters",
    "intake:standard",
    "intake:profile",  # read in tests/requests_intake/test_profiles.py
    "intake:category-edit",
    "intake:category-move",
    "intake:question",
    "intake:question-new",
    # read in tests/setup_wizard/test_pages.py
    "setup:begin",
    "setup:welcome",
    "setup:official",
}
NO_PAGES = {
    "grid:area-export": "a file",
    "access:role-undo": "read in a test of its own",
    "access:person": "read in a test of its own",
    "access:emergency-done": "read in tests/access/test_emergency.py",
    "access:emergency-agree": "posts only; its answer is read in tests/access/test_emergency.py",
    "access:emergency-close": "posts only",
    "access:person-password": "read in tests/accounts/test_pages_english.py",
    "access:person-identity": "read in tests/access/test_identity_provider.py",
    "access:provider": "leads on; its words are read in tests/access/test_identity_provider.py",
    "access:provider-back": "leads on; its words are read in tests/access/test_identity_provider.py",
    "access:provider-end": "leads on",
    "web:here": "an answer to the page",
    "web:keep": "an answer to the page",
    "web:kept-drop": "posts only",
    "access:second-step-reset": "read in tests/accounts/test_pages_english.py",
    "access:person-leave": "read in a test of its own",
    "access:stand-ins": "read in a test of its own",
    "access:stand-in-end": "posts only",
    "grid:post-stand-in-stop": "posts only",
    "access:review": "read in a test of its own",
    "access:review-export": "a table",
    "access:grant-import-write": "posts only",
    "access:grant-import-template": "an Excel file",
    "access:grant-import-faults": "an Excel file",
    "access:role-reset": "read in a test of its own",
    "access:role-retire": "posts only",
    "dashboards:export-file": "a file",
    "audit:export-file": "a file",
    "protection:register-table": "a file",
    "grid:code-list-load": "posts only",
    "grid:task-step": "posts only; its answer is the page of the task",
    "grid:ask-step": "posts only; its answer is the page of the ask",
    "grid:patrol-seen": "posts only",
    "grid:area-set-end": "posts only; its answer is the page of the set",
    "grid:territory-import-load": "posts only",
    "grid:territory-import-drop": "posts only",
    "grid:component-import-write": "posts only",
    "population:import-write": "posts only",
    "population:import-answer": "posts only",
    "population:import-undo": "posts only",
    "population:import-drop": "posts only",
    "population:import-faults": "a file",
    "population:import-template": "a file",
    "grid:component-import-drop": "posts only",
    "grid:component-import-faults": "a file",
    "grid:component-export-file": "a file",
    "grid:component-import-template": "a file",
    "grid:component-inspect": "posts only; its answer is the page of the component",
    "population:person-reveal": "posts only; its answer is the card of the person",
    "population:person-confirm": "posts only",
    "population:person-part": "posts only",
    "population:dwelling-confirm": "posts only",
    "population:entity-confirm": "posts only",
    "population:entity-reveal": "posts only; its answer is the card of the entity",
    "population:space-reveal": "posts only; its answer is the card of the space",
    "protection:assessment-decision": "posts only; its answer is the page of the assessment",
    "protection:assessment-end": "as above",
    "protection:breach-step": "posts only; its answer is the page of the case",
    "protection:person-request-step": "posts only; its answer is the page of the request",
    "protection:person-request-copy": "a file; read in test_english_accounts, where the account's own is",
    "protection:my-data-confirm": "leads on",
    "protection:my-data-copy": "a file; read in test_english_accounts",
    "protection:my-data": "for residents with an account; read in test_english_accounts",
    "protection:my-data-new": "for residents with an account; read in test_english_accounts",
    "protection:my-data-one": "for residents with an account; read in test_english_accounts",
    "protection:my-data-withdraw": "leads back to the list",
    "intake:appraisal-csv": "a file",
    "intake:open-csv": "a file",
    "intake:open-json": "for machines",
    "intake:open-bulletin-csv": "a file",
    "intake:appraisal-freeze": "leads back to the month",
    "intake:appraisal-publish": "leads back to the month",
    "intake:appraisal-revise": "leads back to the month",
    "intake:appointment-cancel": "leads back to the appointment",
    "intake:appointment-reveal": "shows the appointment with the number",
    "intake:appointment-mark": "leads back to the day's sheet",
    "intake:appointment-enter": "leads to the entry",
    "setup:trial": "shows the overview with what became of it; read in tests/setup_wizard",
    "setup:write": "leads back to the step",
    "setup:template": "a file",
    "knowledge:act": "leads back to the article; its refusal is read in test_english_knowledge",
    "population:my-home": "for residents with an account; read in tests/population/test_own_pages_english.py",
    "population:my-home-end": "leads back to the homes",
    "population:my-record": "for residents with an account; read in tests/population/test_own_pages_english.py",
    "population:my-record-confirm": "leads back to the record",
    "population:my-correction-new": "read in tests/population/test_own_pages_english.py",
    "population:my-correction": "read in tests/population/test_own_pages_english.py",
    "population:my-correction-withdraw": "leads back to the record",
    "population:correction": "read in tests/population/test_own_pages_english.py",
    "population:person-binding": "read in tests/population/test_own_pages_english.py",
    "population:binding-letter": "read in tests/population/test_own_pages_english.py",
    "population:binding-end": "leads back to the person",
    "population:binding-code-revoke": "leads back to the person",
    "intake:mine": "for residents with an account; read in test_english_accounts",
    "intake:my-looks": "for residents with an account; read in test_english_accounts",
    "intake:my-drafts": "for residents with an account; read in test_english_accounts",
    "intake:my-draft-discard": "leads back to the drafts",
    "intake:take-over": "leads back to the tracking page",
    "intake:hide-name": "leads back to the tracking page",
    "intake:forget-contact": "leads back to the tracking page",
    "notifications:sent": "only in a demo; visited in test_english_notices",
    "web:preferences": "takes a choice, then leads back",
    "web:robots": "for machines",
    "health:healthz": "for machines",
    "files:show": "a photo",
    "files:recording": "a film or voice note",
    "intake:recording-words": "leads back to the request",
    "access:sign-out": "leads to the sign-in page",
    "intake:public-me-too": "counts one more, then leads back",
    "intake:external-link-revoke": "leads back to the link",
    "intake:alert-answer": "leads back to the alerts; its refusal is read in test_alerts",
    "intake:rate": "takes the rating, then leads back",
    "intake:macro-delete": "leads back to the list",
    "intake:worklist-move": "leads back to the lists",
    "intake:worklist-delete": "leads back to the lists",
    "intake:note": "shows the desk, which is visited",
    "intake:presence": "a line of the desk",
    "intake:stand-in-end": "leads back to the stand-ins",
    "intake:bulk-resume": "leads back to the run",
    "intake:find": "leads to a request or to a list",
    "intake:act": "a step of the request page, which is visited",
    "intake:own": "a step of the tracking page, which is visited",
    "intake:reveal": "shows the request page with the number",
    "intake:entry-drop": "leads to an empty entry",
    "intake:upstream-run": "leads back to the batch",
    "intake:upstream-recheck": "leads back to the batch",
    "intake:upstream-collect": "leads back to the batch",
    "intake:upstream-broken": "a file for Chinese readers upstream",
    "intake:upstream-results": "a file for Chinese readers upstream",
    "notifications:read-all": "leads back to the inbox",
    "notifications:block-lift": "leads back to the list",
    "notifications:template-restore": "leads back to the text",
    "notifications:open": "leads to what the notice is about",
    "notifications:retry": "leads back to the log",
    "notifications:delivery-retry": "leads back to the list",
    "notifications:retry-all": "leads back to the log",
    "jobs:cancel": "leads back to the job",
    "access:calendar-year": "fills a year, then leads back to the calendar",
    "intake:category-use": "leads back to the category; with a fault it shows the category's page",
    "intake:category-delete": "as category-use",
    "intake:category-preview": "leads to the residents' own pages",
    "intake:question-drop": "as category-use",
    "intake:profile-default": "leads back to the kinds of communities",
    "intake:profile-preview": "leads to the residents' own pages",
    "intake:rule-step": "leads back to the rules",
    "intake:rules-propose": "leads back to the rules",
    "intake:rules-try": "leads to the job",
    "intake:policy-source": "leads back to the policy; with a fault it shows the policy's page",
    "intake:policy-withdraw": "leads back to the policy",
}


@dataclass
class Town:
    """The town of the tests with a request in every state, notices sent, a grant of each life, a job in each state."""

    world: worlds.World
    requests: dict[str, ServiceRequest] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def written(self) -> tuple[str, ...]:
        """Words of residents that may stand in the title of a page."""
        return tuple({request.title for request in self.requests.values()})


@pytest.fixture(scope="module")
def _town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """Built once, in a transaction around all tests of this module."""
    with worlds.kept(django_db_blocker, _furnished) as town:
        yield town


def _furnished(world: worlds.World) -> Town:
    town = Town(world)
    _questions(world)
    town.requests = {state: to_state(world, state) for state in STATES}
    to_state(world, "submitted", lng=120.0, lat=30.0)
    to_state(world, "submitted", kind="tip_off", place_kind="none", lng=None, lat=None, category_id=None)
    _rules(world)
    relay.drain(NOW)
    _grants(world)
    town.jobs = _jobs(world)
    town.posts = _posts(world)
    town.clients = {name: _english(world.people[name]) for name in PEOPLE}
    return town


@pytest.fixture
def town(_town: Town, db: None, time_machine: Any) -> Town:
    """The town at four in the afternoon."""
    worlds.forget()
    time_machine.move_to(NOW, tick=False)
    return _town


def _posts(world: worlds.World) -> list[Post]:
    """A captain in office with an end, one before, and a neighbour without an account."""
    about = {"area_code": EAST_GRID, "created_at": MORNING, "changed_at": MORNING, "reason": "a meeting"}
    earlier, later = MORNING - timedelta(days=30), MORNING + timedelta(days=30)
    who = {"user": world.people["grid_worker"], "is_public": True, "public_phone": "8812 0316"}
    held = Grant.objects.filter(user=world.people["grid_worker"]).first()
    return [
        Post.objects.create(kind="captain", grant=held, starts_at=MORNING, ends_at=later, **who, **about),
        Post.objects.create(kind="captain", starts_at=earlier, ends_at=MORNING, end_reason="x", **who, **about),
        Post.objects.create(kind="building", holder_name="Zhou", starts_at=earlier, **about),
    ]


def _english(user: Any = None) -> Client:
    """A browser of somebody who reads English."""
    client = Client()
    if user is not None:
        client.force_login(user)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def _rules(world: worlds.World) -> None:
    """One with every condition, one that fits everything, one that switched itself off, a trial with differences."""
    parks, actor = world.organisations["parks"], world.viewer("operations", NOW)
    draft = RuleDraft(
        organisation=parks,
        category_prefix="010101",
        area_prefix=EAST,
        kinds=["help"],
        channels=["web"],
        words=["tree"],
        hours="closed",
        time_from=time(18),
        time_until=time(6),
    )
    rule_create(draft=draft, position=1, actor=actor, at=NOW)
    rule_create(draft=RuleDraft(organisation=parks, is_active=False), position=2, actor=actor, at=NOW)
    DispatchRule.objects.create(category_prefix="010999", organisation=parks)
    DispatchRule.objects.create(position=1, area_prefix=EAST_GRID, organisation=parks)
    rules_check(at=NOW)
    # one dispatches at once, of another the trial has been read
    DispatchRule.objects.filter(words=["tree"]).update(acts=True)
    for tried in (DispatchRule.objects.get(area_prefix=EAST_GRID), None):
        run, job = run_start(rule=tried, actor=actor, at=NOW)
        job_run(job_id=job.pk, clock=lambda: NOW)
    assert run.rows.exists()


def _questions(world: worlds.World) -> None:
    """The lamps ask something, have been changed once, and a request has answers."""
    raw = raw_of(
        [
            Question(
                "lit",
                QuestionKind.ONE,
                "全黑吗？",
                "Is it all dark?",
                options=(
                    Option("yes", "是", "Yes"),
                    Option("no", "否", "No", notice="那就不急。", notice_en="Then it can wait."),
                ),
            ),
            Question("pole", QuestionKind.LINE, "灯杆", "Pole", only_if="lit", only_if_codes=("yes",)),
        ]
    )
    lamp, actor = world.categories["lamp"], world.viewer("operations")
    category_change(category=lamp, version=1, values={"closing": "灯亮了"}, reason="写明", actor=actor, at=MORNING)
    Category.objects.filter(pk=lamp.pk).update(questions=raw, version=1)
    worlds.forget()
    to_state(world, "submitted", answers={"lit": "yes", "pole": "A-7"})


def _grants(world: worlds.World) -> None:
    """One that has ended, one to come, one taken back before it began."""
    person, grant = world.people["stranger"], Grant.objects.filter(user=world.people["head"]).get()
    for begins, ends in [(-9, -2), (3, 9), (4, 4)]:
        Grant.objects.create(
            user=person,
            role=grant.role,
            area_code=grant.area_code,
            starts_at=NOW + timedelta(days=begins),
            ends_at=NOW + timedelta(days=ends),
            reason="代班",
            created_at=NOW - timedelta(days=10),
        )


def _jobs(world: worlds.World) -> list[Job]:
    ended = (State.DONE, State.FAILED, State.CANCELLED)
    return [
        Job.objects.create(
            kind="english_test.work",
            owner=world.people["administrator"],
            state=state,
            done=3,
            total=7,
            created_at=NOW - timedelta(hours=1),
            touched_at=NOW,
            finished_at=NOW if state in ended else None,
        )
        for state in State.values
    ]


@pytest.fixture
def _kind() -> Iterator[None]:
    @job_kind("english_test.work", title="Work")
    def nothing(**_given: Any) -> Step:
        return Step(0)

    yield
    job_kinds.unregister("english_test.work")


class Reader:
    """Opens pages and remembers what was Chinese on them."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.faults: dict[str, list[str]] = {}
        self.opened = 0

    def read(self, response: HttpResponse, name: str) -> HttpResponse:
        """Look at one answer; a redirect shows nothing."""
        self.opened += 1
        html = response.content.decode() if response.status_code not in (302, 304) else ""
        assert response.status_code < 500, name
        if response.headers.get("Content-Type", "").partition(";")[0].endswith("json"):
            html = json.dumps(json.loads(html), ensure_ascii=False)
        elif "<html" in html and language_of(html) != "en":
            self.faults[name] = [f"says lang={language_of(html)}"]
        if found := chinese_in(html, written=self.town.written):
            self.faults[name] = found
        return response

    def visit(self, client: Client, address: str) -> HttpResponse:
        """Open an address."""
        return self.read(client.get(address), address)


@pytest.fixture
def reader(town: Town) -> Iterator[Reader]:
    """Read pages; what was Chinese on any of them fails the test at its end."""
    reader = Reader(town)
    yield reader
    assert reader.opened
    assert reader.faults == {}


def test_every_page_is_visited_here():
    """A page that is added must be added here, or be listed as none with the reason."""
    visited = {*PUBLIC, *STAFF, *OF_A_THING}
    own = {name for name, _route, _part in routes() if not name.startswith(("account", "mfa", "usersessions", "api:"))}
    assert own - visited - set(NO_PAGES) == set()
    assert (visited | set(NO_PAGES)) - own == set()


def test_every_role_is_visited_here(town: Town):
    assert set(PEOPLE) == set(town.world.people)


@pytest.mark.parametrize("size", ["standard", "large"])
def test_public_pages(town: Town, reader: Reader, size: str):
    client = _english()
    client.cookies["liren_size"] = size
    for name in PUBLIC:
        assert reader.visit(client, reverse(name)).status_code == 200
    assert reader.visit(client, "/no-such-page/").status_code == 404
    assert reader.visit(client, "/t/no-such-token/").status_code == 404
    assert reader.visit(client, "/o/no-such-token/").status_code == 404
    assert reader.visit(client, "/staff/").status_code == 302


@pytest.mark.parametrize("state", STATES)
def test_pages_behind_the_tracking_link(town: Town, reader: Reader, state: str):
    token = town.requests[state].track_token
    for name in ("intake:track", "intake:receipt", "intake:looks"):
        assert reader.visit(_english(), reverse(name, args=[token])).status_code == 200


@pytest.mark.parametrize("name", PEOPLE)
def test_staff_pages(town: Town, reader: Reader, name: str):
    """Every staff page as everybody whom its door lets in; what refusals say is read as a stranger, all of them.

    That the others stay outside is proved by tests/adversarial/test_every_door.py.
    """
    client, shut = town.clients[name], set()
    if name != "stranger":
        letter = next(key for key, who in LETTERS.items() if who == SAME_ROLE.get(name, name))
        shut = {route for route, (looking, _doing) in declared().items() if letter not in looking}

    def visit(address: str) -> None:
        if resolve(address.partition("?")[0]).view_name not in shut:
            reader.visit(client, address)

    for page, queries in STAFF.items():
        for query in queries:
            visit(reverse(page) + query)
    for request in town.requests.values():
        visit(reverse("intake:request", args=[request.number]))
        visit(reverse("intake:recuse", args=[request.number]))
        visit(reverse("intake:why", args=[request.number]))
    for pk in Grant.objects.filter(user=town.world.people["stranger"]).values_list("pk", flat=True):
        visit(reverse("access:grant-end", args=[pk]))
        visit(reverse("access:grant-extend", args=[pk]))
    for post in town.posts:
        for page in ("end", "extend", "release", "stand-in"):
            visit(reverse(f"grid:post-{page}", args=[post.pk]))
    visit(reverse("grid:my-grid-one", args=[EAST_GRID]))
    visit(reverse("intake:start") + f"?here={EAST_GRID}")
    visit(reverse("grid:post-area", args=[EAST_GRID]))
    visit(reverse("grid:post-new", args=[EAST_GRID]))
    for pk in Message.objects.order_by("kind", "channel").distinct("kind", "channel").values_list("pk", flat=True):
        visit(reverse("notifications:message", args=[pk]))
    for day in ("2026-11-19", "2026-10-01"):
        visit(reverse("access:calendar-day", args=[day]))
    for pk in DispatchRule.objects.values_list("pk", flat=True):
        visit(reverse("intake:rule", args=[pk]))
        visit(reverse("intake:rule-acting", args=[pk]))
    for pk in RuleRun.objects.values_list("pk", flat=True):
        visit(reverse("intake:rules-run", args=[pk]))
    lamp = town.world.categories["lamp"]
    for page in ("intake:category", "intake:category-edit", "intake:category-move", "intake:question-new"):
        visit(reverse(page, args=[lamp.pk]))
    visit(reverse("intake:question", args=[lamp.pk, "lit"]))
    for page in ("intake:policy", "intake:policy-version"):
        visit(reverse(page, args=["general"]))
    for key in ("intake-figures", "intake-map", "intake-waiting"):
        visit(reverse("dashboards:panel", args=[key]))


STANDING = ("asked", "suspended", "ledger_asked", "ledgered", "extension_asked", "extended")


@pytest.mark.parametrize("turn", STANDING)
def test_what_stops_and_moves_the_clocks(town: Town, reader: Reader, turn: str):
    """The resident's page, the staff page with each form that it offers, and why the date is what it is."""
    request = to_turn(town.world, turn)
    assert reader.visit(_english(), reverse("intake:track", args=[request.track_token])).status_code == 200
    page = reverse("intake:request", args=[request.number])
    for name in ("dispatcher", "handler", "supervisor"):
        client = town.clients[name]
        answer = reader.visit(client, page)
        for offered in answer.context["turns"]:
            reader.visit(client, f"{page}?turn={offered.key}")
            act = reverse("intake:act", args=[request.number, offered.name])
            if offered.action.form(request, offered.order, None).fields:
                reader.read(client.post(act, {}), f"{offered.name}, empty")
        reader.visit(client, reverse("intake:why", args=[request.number]))


def test_pages_open_for_those_whose_work_they_are(town: Town):
    """The walk above would be content with refusals alone; these are the pages themselves."""
    for name, pages in {
        "dispatcher": ["intake:queue", "notifications:inbox", "web:components"],
        "handler": ["intake:orders", "notifications:inbox"],
        "supervisor": ["dashboards:overview", "grid:map"],
        "administrator": ["access:grants", "access:grant-new", "access:matrix", "notifications:log"],
        "operations": ["intake:policies", "intake:policy-new", "access:calendar", "intake:catalogue", "intake:rules"],
    }.items():
        assert {town.clients[name].get(reverse(page)).status_code for page in pages} == {200}, name


def test_the_table_of_roles_changed_and_changed_back(town: Town, reader: Reader):
    """Differences with the first refusal, the history with what was undone, a reset."""
    client = town.clients["administrator"]
    added, removed = "handler requests_intake.moderate", "handler requests_intake.blow_whistle"
    form = {"row": ["requests_intake.moderate", "requests_intake.blow_whistle"], "cell": [added], "seen": "0"}
    form["read"] = [f"+ {added}", f"- {removed}"]
    others = Role.objects.exclude(key="handler").filter(group__permissions__codename__in=("moderate", "blow_whistle"))
    form["cell"] += [
        f"{role.key} requests_intake.{name}"
        for role in others.distinct()
        for name in role.group.permissions.values_list("codename", flat=True)
        if name in ("moderate", "blow_whistle")
    ]
    assert reader.read(client.post(reverse("access:matrix"), form | {"save": "1"}), "no reason").status_code == 422
    assert client.post(reverse("access:matrix"), form | {"save": "1", "reason": "Decided"}).status_code == 302
    undo = reverse("access:role-undo", args=[RoleChange.objects.get().pk])
    assert reader.visit(client, undo).status_code == 200
    reader.visit(client, reverse("access:role-reset", args=["handler"]))
    reader.read(client.post(undo, {}), "no reason")
    assert client.post(undo, {"reason": "Not yet"}).status_code == 302
    reader.visit(client, reverse("access:role-history"))
    reader.read(client.post(reverse("access:role-new"), {}), "nothing")
    handler = town.world.people["handler"]
    arranging = reverse("access:stand-ins", args=[handler.public_id])
    reader.read(client.post(arranging, {"reason": ""}), "nothing")
    substitute = town.world.people["second_handler"].public_id
    arranged = {
        "user": substitute,
        "grants": list(handler.grants.values_list("pk", flat=True)),
        "starts_at": "2026-11-19 09:00",
    }
    arranged |= {"ends_at": "2099-12-04 09:00", "reason": "On leave", "key": str(uuid.uuid4())}
    assert client.post(arranging, arranged).status_code == 302
    reader.visit(client, arranging)
    table = "人员,角色,区域,单位,从,到,理由\nnobody@liren.example,dispatcher,1,,soon,,\n"
    table += f"{handler.email},dispatcher,{worlds.EAST},,,,Cover\n"
    importing = reverse("access:grant-import")
    assert client.post(importing, {"text": table}).status_code == 302
    assert reader.visit(client, importing).status_code == 200
    opening = {"title": "Autumn", "area_code": worlds.EAST, "due_on": "2027-01-31", "key": str(uuid.uuid4())}
    reader.read(client.post(reverse("access:review-new"), {"title": ""}), "nothing")
    opened = client.post(reverse("access:review-new"), opening)["Location"]
    assert reader.visit(client, opened).status_code == 200
    row = ReviewItem.objects.exclude(grant__user__email=town.world.people["administrator"].email).first()
    reader.read(client.post(opened, {"what": "ended", "items": row.pk}), "no reason")
    assert client.post(opened, {"what": "confirmed", "items": row.pk}).status_code == 302
    reader.visit(client, f"{opened}?state=all")
    reader.visit(client, reverse("access:reviews"))
    for page in ("access:person", "access:person-leave"):
        assert reader.visit(client, reverse(page, args=[handler.public_id])).status_code == 200
    leaving = reverse("access:person-leave", args=[handler.public_id])
    reader.read(client.post(leaving, {"what": "leave"}), "no reason")
    assert client.post(leaving, {"what": "leave", "reason": "Moved"}).status_code == 302
    reader.visit(client, reverse("access:person", args=[handler.public_id]))
    reader.visit(client, leaving)
    assert client.post(leaving, {"what": "return", "reason": "Back"}).status_code == 302
    asked = {"who": town.world.people["handler"].email, "record": town.requests["contacted"].number}
    for wanted in ("", "requests_intake.dispatch_request", "requests_intake.handle_order"):
        page = f"{reverse('access:explain')}?{urlencode(asked | {'can': wanted})}"
        assert reader.visit(client, page).status_code == 200


def test_the_desk_and_the_printed_order(town: Town, reader: Reader):
    """With a note, a template whose place stays empty, a wrong template, and a colleague who is here, too."""
    world, handler = town.world, town.clients["handler"]
    number = town.requests["contacted"].number
    template = AnswerTemplate.objects.create(title="Done", text="{编号} 已办好。{地点}", changed_at=NOW)
    for name in ("handler", "dispatcher", "agent"):
        client = town.clients[name]
        for page in ("intake:desk", "intake:print"):
            assert reader.visit(client, reverse(page, args=[number])).status_code == 200
        client.post(reverse("intake:note", args=[number]), {"note": "Please @handler have a look"})
        assert client.post(reverse("intake:note", args=[number]), {"note": "@nobody"}).status_code == 422
        client.post(reverse("intake:presence", args=[number]), {"writing": "1"})
    assert reader.visit(handler, reverse("intake:desk", args=[number])).status_code == 200
    assert reader.visit(handler, reverse("intake:template-use", args=[number, template.pk])).status_code == 200
    assert reader.visit(town.clients["supervisor"], reverse("intake:template", args=[template.pk])).status_code == 200
    StandIn.objects.create(
        person=world.people["handler"],
        substitute=world.people["second_handler"],
        organisation=world.organisations["lamps"],
        starts_at=NOW,
        ends_at=NOW + timedelta(days=3),
        created_at=NOW,
    )
    for name in ("handler", "second_handler"):
        assert reader.visit(town.clients[name], reverse("intake:stand-ins")).status_code == 200


def test_many_at_once(town: Town, reader: Reader):
    """Confirming a step for all requests there are, refusing it without an office, and what became of each."""
    client = town.clients["dispatcher"]
    picks = "&".join(f"pick={request.number}" for request in town.requests.values())
    for action in ("accept", "dispatch"):
        assert reader.visit(client, f"{reverse('intake:bulk')}?action={action}&{picks}").status_code == 200
    sent = {"action": "dispatch", "picks": ",".join(request.number for request in town.requests.values())}
    assert client.post(reverse("intake:bulk"), sent).status_code == 422
    answer = client.post(reverse("intake:bulk"), sent | {"organisation": town.world.organisations["lamps"].pk})
    assert reader.visit(client, answer["Location"]).status_code == 200
    orders = f"{reverse('intake:bulk')}?action=assign&{picks}"
    assert reader.visit(town.clients["handler"], orders).status_code == 200


@pytest.mark.usefixtures("_kind")
def test_jobs(town: Town, reader: Reader):
    row = reverse(
        "audit:row", args=["event", DomainEvent.objects.filter(name="requests_intake.dispatched").latest("pk").pk]
    )
    assert reader.visit(town.clients["administrator"], row).status_code == 200
    handler = town.world.people["handler"]
    made = [
        Finding.objects.create(rule=rule, person=handler, day=MORNING.date(), count=7, found_at=MORNING)
        for rule in WatchRule.objects.all()
    ]
    assert reader.visit(town.clients["administrator"], reverse("audit:findings")).status_code == 200
    for one in made:
        page = reverse("audit:finding", args=[one.pk])
        assert reader.visit(town.clients["administrator"], page).status_code == 200
    case = breach_open(
        words={"title": "List sent astray", "what": "Sent to the wrong office", "kinds": "names"},
        noticed_at=MORNING,
        people=None,
        finding=made[0],
        submission_key=uuid.uuid4(),
        actor=town.world.viewer("administrator"),
        at=NOW,
    )
    for name in ("breach", "breach-edit"):
        page = reverse(f"protection:{name}", args=[case.public_id])
        assert reader.visit(town.clients["administrator"], page).status_code == 200
    assert reader.visit(town.clients["administrator"], reverse("protection:breaches")).status_code == 200
    row, boss = ImpactAssessment.objects.all()[0], town.clients["administrator"]
    new = reverse("protection:assessment-new", args=[row.use])
    assert reader.visit(boss, new).status_code == 200
    assert reader.read(boss.post(new, {"valid_until": "soon"}), new).status_code == 422
    assert reader.visit(boss, reverse("protection:assessment", args=[row.public_id])).status_code == 200
    for job in town.jobs:
        address = reverse("jobs:show", args=[job.public_id])
        assert reader.visit(town.clients["administrator"], address).status_code == 200


def test_an_area_and_what_may_be_done_with_it(town: Town, reader: Reader):
    """Its page and past, the forms, what they answer to nonsense, and the result before it is done."""
    boss, area = town.clients["administrator"], f"/staff/areas/{EAST_GRID}/"
    for query in ("", "?point=121.905,30.905&day=2026-11-01", "?point=there&day=then"):
        assert reader.visit(boss, area + query).status_code == 200
    square = "121.9, 30.9\n121.908, 30.9\n121.908, 30.91\n121.9, 30.91"
    for act, wrong, right in (
        ("redraw", {"outline": "here"}, {"outline": square}),
        ("split", {"line": "121.0, 30.0\n121.0, 30.1"}, {"line": "121.905, 30.89\n121.905, 30.92"}),
        ("merge", {}, {"codes": ["x"]}),
        ("retire", {}, {}),
    ):
        assert reader.visit(boss, f"{area}{act}/").status_code == 200
        for fields in (wrong, right):
            versions = json.dumps({EAST_GRID: 1})
            answer = boss.post(f"{area}{act}/", {"versions": versions, **fields})
            assert reader.read(answer, f"{area}{act}/").status_code == 200


def test_requests_about_personal_data(town: Town, reader: Reader):
    """In each state, to whoever handles it, with what the steps answer to something missing."""
    boss, clerk = town.clients["administrator"], town.world.viewer("clerk")
    for kind, decision, ground in (
        ("copy", "", ""),
        ("correct", "refused", "accurate"),
        ("delete", "partly", "retention"),
    ):
        made = person_request_take(
            kind=kind, name="Mr Smith", contact="13912342046", words="The number, please", identity="document",
            identity_note="Passport", is_number_proved=False, language="en", submission_key=uuid.uuid4(),
            actor=clerk, at=NOW,
        )  # fmt: skip
        page = reverse("protection:person-request", args=[made.public_id])
        for step in ("identity", "decision"):
            refused = boss.post(reverse("protection:person-request-step", args=[made.public_id, step]))
            assert reader.read(refused, f"{kind}, {step}").status_code == 422
        if decision:
            person_request_decide(
                request=made, decision=decision, ground=ground, reason="We looked into it.",
                actor=town.world.viewer("administrator"), at=NOW,
            )  # fmt: skip
        assert reader.visit(boss, page).status_code == 200
    for view in ("open", "done"):
        reader.visit(boss, reverse("protection:person-requests") + f"?view={view}")


def test_files_of_areas_and_tables_of_components(town: Town, reader: Reader):
    boss, home = town.clients["administrator"], reverse("grid:territory-imports")
    assert reader.read(boss.post(home), home).status_code == 422

    def ring(*corners: tuple[float, float]) -> list[list[float]]:
        return [[121.9 + x / 1000, 30.9 + y / 1000] for x, y in (*corners, corners[0])]

    west, east = ring((1, 1), (3, 1), (3, 3), (1, 3)), ring((3.05, 1), (5, 1), (5, 3), (3.05, 3))
    cross = ring((6, 1), (8, 3), (8, 1), (6, 3))
    first = [(f"{EAST_GRID}01", "North", west), (f"{EAST_GRID}02", "East", east)]
    rows = [*first, (f"{EAST_GRID}03", "South", cross), ("99", "Short", west)]

    def handed_in(client: Client, page: str, name: str, body: bytes) -> str:
        answer = client.post(page, {"file": SimpleUploadedFile(name, body), "key": uuid.uuid4()})
        return str(answer["Location"])

    def areas(*chosen: tuple[str, str, Any]) -> bytes:
        features = [
            {"properties": {"code": code, "name": name}, "geometry": {"type": "Polygon", "coordinates": [shape]}}
            for code, name, shape in chosen
        ]
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()

    mapping = {"version": "1", "code": "code", "name": "name", "datum": "wgs84"}
    faulty = handed_in(boss, home, "areas.geojson", areas(*rows))
    assert reader.visit(boss, faulty).status_code == 200
    assert reader.read(boss.post(faulty, {"version": "1"}), faulty).status_code == 422
    assert boss.post(faulty, mapping).status_code == 302
    assert reader.visit(boss, faulty).status_code == 200
    slits = handed_in(boss, home, "areas.geojson", areas(*first))
    boss.post(slits, mapping | {"repairs": ["snap"]})
    assert reader.visit(boss, slits).status_code == 200
    file = TerritoryImport.objects.get(public_id=slits.split("/")[-2])
    territory_import_write(pk=file.pk, seen=2, actor=town.world.viewer("administrator"), at=NOW)
    assert file.loaded_at is None
    assert reader.visit(boss, slits).status_code == 200
    assert reader.visit(boss, home).status_code == 200

    keeper, page = town.clients["operations"], reverse("grid:component-imports")
    code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=town.world.viewer("operations"), at=NOW)
    assert reader.read(keeper.post(page), page).status_code == 422
    lines = [
        "kind,lng,lat,manager,note,state",
        "01037,121.905,30.905,Lamps,x,",
        "7,a,b,,,?",
        "01037,1,,Lamps,,",
        "01037,1,1,L,,",
    ]
    parts = handed_in(keeper, page, "parts.csv", "\n".join(lines).encode())
    assert reader.visit(keeper, parts).status_code == 200
    wrong = {"version": "1", "lng": "lng", "name": "lng"}
    assert reader.read(keeper.post(parts, wrong), parts).status_code == 422
    columns = {"code": "kind", "lng": "lng", "lat": "lat", "manager_name": "manager", "state": "state"}
    assert keeper.post(parts, columns | {"version": "1", "datum": "wgs84"}).status_code == 302
    assert reader.visit(keeper, parts).status_code == 200
    table = ComponentImport.objects.get(public_id=parts.split("/")[-2])
    assert table.job is not None
    for _step in ("check", "write"):
        job_run(job_id=table.job.pk, clock=lambda: NOW)
        assert reader.visit(keeper, parts).status_code == 200
        keeper.post(reverse("grid:component-import-write", args=[table.public_id]), {"version": "2"})
        table.refresh_from_db()
    assert table.written_at is not None
    assert reader.visit(keeper, page).status_code == 200
    exports = reverse("grid:component-exports")
    keeper.post(exports, {"format": "csv"})
    assert reader.visit(keeper, exports).status_code == 200


def test_a_table_of_people(town: Town, reader: Reader):
    """Handed in, mapped, looked over with faults and a doubt, written, taken back."""
    registry_make()
    head, home = town.clients["head"], reverse("population:imports")
    assert reader.read(head.post(home), home).status_code == 422
    lines = [
        "name,birth_date,address,kind,sex",
        "Ann,1990-01-01,槐安里7幢1单元101,usual,Female",
        "Ann,1990-01-01,槐安里7幢1单元101,usual,Female",
        "欧阳小明,1995-01-20,槐安里7幢2单元101,usual,Female",
        "Bob,yesterday,槐安里7幢1单元101,usual,?",
        ",,槐安里7幢,,",
        "Eve,,槐安里7幢1单元909,usual,",
    ]
    file = SimpleUploadedFile("people.csv", "\n".join(lines).encode())
    answer = head.post(home, {"file": file, "key": uuid.uuid4(), "kind": "people"})
    page = answer["Location"]
    assert reader.visit(head, page).status_code == 200
    assert reader.read(head.post(page, {"version": "1", "name": "name"}), page).status_code == 422
    columns = {name: name for name in lines[0].split(",")}
    assert head.post(page, columns | {"version": "1", "rule": "fill"}).status_code == 302
    assert reader.visit(head, page).status_code == 200
    table = RegistryImport.objects.get(public_id=page.split("/")[-2])
    for step in ("write", "undo", ""):
        assert table.job is not None
        job_run(job_id=table.job.pk, clock=lambda: NOW)
        assert reader.visit(head, page).status_code == 200
        if step:
            head.post(reverse(f"population:import-{step}", args=[table.public_id]), {"version": "2"})
        table.refresh_from_db()
    assert table.undone_at is not None
    assert reader.visit(head, home).status_code == 200


def test_components_and_their_codes(town: Town, reader: Reader):
    boss, keeper, at = town.clients["operations"], town.world.viewer("operations"), NOW
    shipped = SHIPPED["gbt47678-5-2026"]
    assert reader.visit(boss, reverse("grid:codes")).status_code == 200
    codes = code_list_load(shipped=shipped, actor=keeper, at=at)
    own = code_item_add(
        code_list=codes, kind="matter", major="06", name="占楼道", name_en="Blocked stairs", actor=keeper, at=at
    )
    page = reverse("grid:code-list", args=[codes.key])
    for query in ("", "?kind=matter&major=06", "?q=nothing-like-it"):
        assert reader.visit(boss, page + query).status_code == 200
    assert reader.read(boss.post(page, {"do": "confirm"}), page).status_code == 422
    item = reverse("grid:code-item", args=[codes.key, own.pk])
    assert reader.visit(boss, item).status_code == 200
    old = reverse("grid:code-successions", args=[codes.key, "matter"])
    assert reader.read(boss.post(old, {"code": "99999"}), old).status_code == 422
    lamp = CodeItem.objects.get(code_list=codes, kind="component", code="01037")
    draft = ComponentDraft(
        item=lamp, name="Lamp 7", state="intact", started_on=MORNING.date(), area_code=EAST_GRID, place="North side",
        manager=town.world.organisations["lamps"], inspect_every=30,
    )  # fmt: skip
    row = component_enter(draft=draft, submission_key=uuid.uuid4(), actor=keeper, at=MORNING)
    component_inspect(component=row, state="damaged", text="Glass broken", actor=keeper, at=MORNING)
    one = reverse("grid:component", args=[row.public_id])
    assert reader.visit(boss, one).status_code == 200
    assert reader.visit(boss, reverse("grid:components") + "?q=Lamp").status_code == 200
    inspect = reverse("grid:component-inspect", args=[row.public_id])
    assert reader.read(boss.post(inspect, {"state": ""}), inspect).status_code == 422
    edit = reverse("grid:component-edit", args=[row.public_id])
    assert reader.visit(boss, edit).status_code == 200
    wrong = {"code": "01037", "name": "", "lng": "x", "started_on": "soon", "inspect_every": "0"}
    assert reader.read(boss.post(edit, wrong), edit).status_code == 422
    assert reader.visit(boss, reverse("grid:component-clusters") + "?box=here").status_code == 400
    ties = reverse("intake:category-matters", args=[town.world.categories["lamp"].pk])
    for query in ("", "?q=06010", "?q=nothing-like-it"):
        assert reader.visit(boss, ties + query).status_code == 200
    assert reader.read(boss.post(ties, {"item": ""}), ties).status_code == 422
    assert boss.post(ties, {"item": own.pk}).status_code == 302
    assert boss.post(reverse("intake:standards")).status_code == 302
    assert reader.visit(boss, reverse("intake:standards") + "?q=06010").status_code == 200
    rubbish = reverse("intake:standard", args=[CodeItem.objects.get(code_list=codes, kind="matter", code="06010").pk])
    assert reader.visit(boss, rubbish).status_code == 200
    assert reader.read(boss.post(rubbish, {"is_confirmed": "on"}), rubbish).status_code == 422
    assert reader.visit(boss, ties).status_code == 200
    assert reader.visit(boss, reverse("intake:category", args=[town.world.categories["lamp"].pk])).status_code == 200


def test_a_walk_and_who_plans_it(town: Town, reader: Reader):
    worker, actor = town.clients["grid_worker"], town.world.viewer("grid_worker")
    head, boss, when = town.clients["head"], town.world.viewer("head"), {"at": NOW}
    for kind in ("matter", "hazard", "dispute"):
        settled = {"settled_on_spot": True, "done_on_spot": "Put upright"} if kind == "hazard" else {}
        draft = FindingDraft(kind=kind, text="A lamp post leans", place="North side", area_code=EAST_GRID, **settled)
        found = finding_report(uuid=uuid.uuid4(), draft=draft, actor=actor, **when)
        assert reader.visit(worker, reverse("grid:finding", args=[found.uuid])).status_code == 200
    by_head = {"submission_key": uuid.uuid4(), "actor": boss, **when}
    area_set = area_set_make(
        kind="patrol", name="East", name_en="East", area_code=EAST, codes=[EAST_GRID], starts_on=NOW.date(), **by_head
    )
    walk = route_make(name="Daily", area_code="", area_set=area_set, **by_head)
    place = point_add(route=walk, name="Fire lane", every_days=7, area_code=EAST_GRID, actor=boss, **when)
    point_add(route=walk, name="Roof door", every_days=3, area_code=EAST_GRID, actor=boss, **when)
    point_seen(point=place, key=uuid.uuid4(), actor=actor, **when)
    for page in (reverse("grid:patrol"), reverse("grid:patrol-new") + f"?at=point:{place.public_id}"):
        assert reader.visit(worker, page).status_code == 200
    new = reverse("grid:patrol-new") + "?kind=dispute"
    assert reader.read(worker.post(new, {"text": "", "settled_on_spot": "on"}), new).status_code == 422
    route, one = reverse("grid:route", args=[walk.public_id]), reverse("grid:area-set", args=[area_set.public_id])
    for page in (reverse("grid:patrols"), reverse("grid:routes"), route + "?q=nothing", one, one + "edit/"):
        assert reader.visit(head, page).status_code == 200
    for page, posted in ((route, {"name": "", "every_days": "x"}), (one + "edit/", {"name": ""}), (one + "end/", {})):
        assert reader.read(head.post(page, posted), page).status_code == 422
    routes, sets = reverse("grid:routes"), reverse("grid:area-set-new")
    for page, posted in ((routes, {"name": ""}), (sets, {"kind": "patrol", "area_code": EAST, "starts_on": "soon"})):
        assert reader.read(head.post(page, posted), page).status_code == 422


def test_an_order_from_a_walk(town: Town, reader: Reader):
    draft = FindingDraft(kind="matter", text="A lamp post leans", place="North side", area_code=EAST_GRID)
    actor = town.world.viewer("grid_worker")
    finding_report(uuid=uuid.uuid4(), draft=draft, actor=actor, at=NOW)
    relay.drain()
    order = ServiceRequest.objects.filter(channel="patrol").latest("pk")
    page, act = reverse("intake:request", args=[order.number]), town.world.viewer
    order = request_accept(request=order, category=town.world.categories["lamp"], actor=act("dispatcher"), at=NOW)
    lamps = town.world.organisations["lamps"]
    lead = request_dispatch(request=order, organisation=lamps, actor=act("dispatcher"), at=NOW)
    assert reader.visit(town.clients["handler"], page).status_code == 200
    lead = order_sign(order=lead, actor=act("handler"), at=NOW)
    assert reader.visit(town.clients["handler"], page).status_code == 200
    order_reply(order=lead, text="Put upright.", file_ids=[], actor=act("handler"), at=NOW)
    check = Check.objects.get(subject_ref=ref_of(order))
    check_complete(check=check, result="settled", words="Upright.", file_ids=[], actor=act("head"), at=NOW)
    relay.drain()
    for name in ("dispatcher", "head", "agent"):
        assert reader.visit(town.clients[name], page).status_code == 200
        assert reader.visit(town.clients[name], reverse("intake:queue") + "?view=all").status_code == 200


def test_a_check_on_site(town: Town, reader: Reader):
    worker, at = town.clients["grid_worker"], MORNING
    asked = {"place": CheckPlace(area_code=EAST_GRID, words="North side"), "what": "Is the lamp out?", "at": at}
    asked |= {"actor": town.world.viewer("dispatcher"), "due_at": at}
    for kind in ("before_filing", "before_closing"):
        check = check_create(kind=kind, subject_ref=f"x.{kind}:1", **asked)
        page = reverse("grid:check", args=[check.public_id])
        assert reader.visit(worker, page).status_code == 200
        assert reader.read(worker.post(page, {"result": "cannot_tell"}), page).status_code == 422
        assert reader.visit(worker, reverse("grid:checks")).status_code == 200
        assert worker.post(page, {"result": "settled", "words": "It is lit."}).status_code == 302
        assert reader.visit(worker, page).status_code == 200
    assert reader.visit(worker, reverse("grid:checks") + "?done=1").status_code == 200
    request = to_turn(town.world, "looked_for")
    waits, desk = reverse("intake:request", args=[request.number]), town.clients["dispatcher"]
    for turn in ("", "?turn=drop_check", "?turn=to_district"):
        assert reader.visit(desk, waits + turn).status_code == 200
    fresh = to_state(town.world, "submitted")
    ask = reverse("intake:act", args=[fresh.number, "ask_check"])
    assert reader.read(desk.post(ask, {"text": " "}), ask).status_code == 422
    away = [town.world.people["grid_worker"].pk]
    kept = check_create(kind="before_closing", subject_ref="x.y:2", excluded_user_ids=away, **asked)
    assert reader.visit(worker, reverse("grid:check", args=[kept.public_id])).status_code == 200


def test_tasks_from_asking_to_accepting(town: Town, reader: Reader):
    boss, head, keeper = town.clients["supervisor"], town.clients["head"], town.clients["operations"]
    duty, office = DutyItem.objects.get(code="P-1"), town.world.organisations["street"]
    said = {
        "title": "Count the lamps", "purpose": "As it says", "kind": "form", "everyone": "on", "days": "3",
        "hours": "0.5", "legal_ground": "Rule 3", "organisation": office.pk, "label_0": "Lamps", "what_0": "number",
        "what_1": "fact:grid.grids", "repeat": "week", "repeat_until": "2026-12-31",
    }  # fmt: skip
    new = reverse("grid:ask-new")
    assert reader.read(boss.post(new, {"title": ""}), new).status_code == 422
    assert reader.read(boss.post(new, said), new).status_code == 422, "no duty: the grounds are asked for"
    assert boss.post(new, said | {"grounds": "The law of the city"}).status_code == 302
    page = reverse("grid:duty-item", args=[duty.pk])
    assert reader.read(keeper.post(page, {"community_list": "own"}), page).status_code == 422
    assert keeper.post(page, {"community_list": "own", "legal_basis": "Rule 3"}).status_code == 302
    assert boss.post(new, said | {"duty": duty.pk, "title": "Count the stairs"}).status_code == 302
    policy = reverse("grid:task-policy")
    for do in ({"do": "numbers", "apply_days": "x"}, {"do": "weights"}):
        assert reader.read(keeper.post(policy, do), policy).status_code == 422
    application = Application.objects.get()
    sent, waits = Task.objects.get(state="sent"), application.task
    for client in (boss, town.clients["administrator"]):
        for url in (
            reverse("grid:admission", args=[application.pk]),
            *(reverse("grid:ask", args=[one.public_id]) for one in (sent, waits)),
        ):
            assert reader.visit(client, url).status_code == 200
    row = sent.assignments.get(area_code=EAST)
    one = reverse("grid:task", args=[row.public_id])

    def step(client: Client, name: str, **data: str) -> HttpResponse:
        url = reverse("grid:task-step", args=[row.public_id, name])
        return reader.read(client.post(url, data, follow=True), one)

    for name in ("answer", "extend", "hand_back"):
        assert step(head, name).status_code == 422
    assert step(head, "extend", until="2026-12-01", text="Ill").status_code == 200
    for client in (head, boss):
        assert reader.visit(client, one).status_code == 200
    assert step(boss, "deny").status_code == 422
    assert step(boss, "give").status_code == 200
    assert step(head, "answer", field_0="7", field_1="9").status_code == 200
    assert step(boss, "rework").status_code == 422
    assert step(boss, "rework", text="Count again").status_code == 200
    assert step(head, "hand_back", text="Not ours").status_code == 200
    assert step(boss, "again", text="Yours").status_code == 200
    assert step(boss, "cancel", text="Over").status_code == 200
    note = reverse("grid:task-note")
    assert reader.read(head.post(note, {"title": "Photos"}), note).status_code == 422
    heard = {"title": "Photos", "organisation": office.pk, "area_code": EAST, "hours": "2", "days": "3"}
    assert reader.read(head.post(note, heard | {"legal_ground": "Said so"}, follow=True), note).status_code == 200
    url = reverse("grid:burden")
    assert reader.visit(boss, f"{url}?month=2026-11").status_code == 200
    new = reverse("grid:appraisal-new")
    assert reader.read(boss.post(new, {"title": "Year"}), new).status_code == 422
    said = {"title": "Year", "organisation": office.pk, "area_code": EAST, "ground": "Rule 3", "indicators": "Peace"}
    for status in (302, 422):
        answer = boss.post(new, said | {"starts_on": "2026-12-01", "ends_on": "2026-12-20"})
        assert reader.read(answer, new).status_code == status
    assert reader.visit(boss, reverse("grid:appraisals")).status_code == 200


def test_answers_to_the_map(town: Town, reader: Reader):
    client = _english()
    for level in ("district", "subdistrict", "community", "grid"):
        assert reader.visit(client, f"{reverse('grid:outlines')}?level={level}").status_code == 200
    for lng, lat in [("121.905", "30.905"), ("120", "30"), ("here", "there")]:
        reader.visit(client, f"{reverse('grid:where')}?lng={lng}&lat={lat}")
    reader.visit(client, f"{reverse('grid:outlines')}?level=nonsense")
    reader.visit(client, f"{reverse('intake:address')}?q=7")


WORDS = {
    "where": {"address": "North side of building 7"},
    "what": {"body": "The street lamp has been out for three days."},
    "category": {"category": "unsure"},
    "questions": {"q_lit": "yes", "q_pole": "A-7", "seen": "q_lit q_pole"},
    "photos": {},
    "contact": {"name": "Mr Smith", "phone": "13912342046", "email": "smith@example.com", "may_be_public": "yes"},
}
WRONG = {
    "where": {"address": "", "area_code": ""},
    "what": {"body": " "},
    "category": {"category": "other"},
    "contact": {"phone": "call me", "email": "at home", "name": "x" * 60},
}


def test_reporting_what_asks_more(town: Town, reader: Reader, time_machine: Any):
    """The extra questions in the flow, in the preview and behind the tracking link."""
    resident = Resident(clock=time_machine, client=_english()).begin("help")
    while resident.step != "preview":
        answers = WORDS[resident.step]
        if resident.step == "category":
            answers = {"category": str(town.world.categories["lamp"].pk)}
        reader.read(resident.open(resident.address), resident.step)
        assert resident.send(**answers).status_code == 302
    reader.read(resident.open(resident.address), "preview with answers")
    resident.send()
    page = reader.read(resident.open(reverse("intake:track", args=[resident.token])), "track with answers")
    assert "Is it all dark?" in page.content.decode()


@pytest.mark.parametrize("kind", ["help", "enquiry", "tip_off"])
def test_reporting_step_by_step(town: Town, reader: Reader, time_machine: Any, kind: str):
    """Every question, with its refusal, up to the receipt; what was reported in English is answered in English."""
    resident = Resident(clock=time_machine, client=_english())
    resident.open(reverse("intake:start"))
    reader.read(resident.send(kind=""), "start, nothing chosen")
    resident.begin(kind)
    while resident.step != "preview":
        step = resident.step
        reader.read(resident.open(resident.address), step)
        if step in WRONG:
            response = reader.read(resident.send(**WRONG[step]), f"{step}, with errors")
            assert response.status_code == 422
        resident.send(**WORDS[step])
    reader.read(resident.open(resident.address), "preview")
    resident.send()
    reader.read(resident.open(resident.address), "receipt")
    token = resident.token
    reader.read(resident.open(reverse("intake:track", args=[token])), "track")
    assert ServiceRequest.objects.latest("pk").language == "en"


def test_refused_forms(town: Town, reader: Reader):
    client = _english()
    reader.read(client.post(reverse("intake:lookup"), {"number": "", "contact": ""}), "lookup, empty")
    reader.read(client.post(reverse("intake:lookup"), {"number": "1", "contact": "x"}), "lookup, nothing found")
    reader.read(client.post(reverse("access:sign-in"), {"email": "x", "password": ""}), "sign in, not understood")
    wrong = {"email": "dispatcher@example.com", "password": "wrong"}
    reader.read(client.post(reverse("access:sign-in"), wrong), "sign in, refused")
    token = town.requests["callback"].track_token
    reader.read(client.post(reverse("intake:rate", args=[token]), {"solved": "no"}), "rating without a word")
    number = town.requests["submitted"].number
    for step, person in [
        ("accept", "dispatcher"),
        ("dispatch", "dispatcher"),
        ("sign", "handler"),
        ("reply", "handler"),
    ]:
        response = town.clients[person].post(reverse("intake:act", args=[number, step]), {})
        reader.read(response, f"{step} on a request that is new")
    answered = town.requests["contacted"].number
    reader.read(town.clients["handler"].post(reverse("intake:act", args=[answered, "reply"]), {}), "reply, empty")
    reader.read(town.clients["handler"].post(reverse("intake:act", args=[answered, "sign"]), {}), "sign for it twice")
    reader.read(town.clients["handler"].post(reverse("intake:act", args=[answered, "contact"]), {}), "contact, empty")
    reader.read(town.clients["administrator"].post(reverse("access:grant-new"), {}), "grant, empty")
    for words in ("handler", "nobody"):
        response = town.clients["administrator"].post(reverse("access:grant-new"), {"find": "1", "user_words": words})
        reader.read(response, f"grant, looking for {words}")
    for page, args in [("intake:policy-new", []), ("intake:policy-version", ["general"])]:
        reader.read(town.clients["operations"].post(reverse(page, args=args), {"sign_amount": "x"}), f"{page}, wrong")
    reader.read(town.clients["operations"].post(reverse("access:calendar-day", args=["2026-11-19"]), {}), "day, empty")
    parks = town.world.organisations["parks"].pk
    for posted in ({}, {"organisation": parks, "position": "1", "hours": "any", "is_active": "on"}):
        reader.read(town.clients["operations"].post(reverse("intake:rule-new"), posted), f"a rule of {posted}")
    lamp = town.world.categories["lamp"]
    for page in ("intake:category-edit", "intake:category-move", "intake:question-new", "intake:category-use"):
        response = town.clients["operations"].post(reverse(page, args=[lamp.pk]), {"position": "9"})
        reader.read(response, f"{page}, empty")
    looked = town.clients["operations"].post(
        reverse("intake:category-edit", args=[lamp.pk]),
        {"name": "灯", "name_en": "Lamp", "policy_key": "urgent", "urgency": "urgent", "reason": "x", "version": "1"},
    )
    reader.read(looked, "changes of a category")
    for answer, words in (("no", "a notice"), ("yes", "a further question")):
        reader.read(_asked(town, answer), words)
    reveal = reverse("intake:reveal", args=[answered])
    reader.read(town.clients["handler"].post(reveal, {"purpose": "contact"}), "the number")


def test_taking_down_a_request(town: Town, reader: Reader):
    """An empty entry, one with an error, one that looks like another, the map, the slip."""
    for person in ("clerk", "dispatcher", "head"):
        client = town.clients[person]
        address = client.get(reverse("intake:entry-begin"))["Location"]
        assert reader.visit(client, address).status_code == 200
        reader.visit(client, reverse("intake:entry-map"))
        reader.read(client.post(address, {"phone": "call me", "category_words": "e"}), "entry, not understood")
        told = {
            "channel": "counter",
            "kind": "help",
            "phone": "13912342046",
            "area_code": EAST,
            "body": "The street lamp at building 7 has been out for three days.",
        }
        reader.read(client.post(f"{address}?aside=1", told | {"body": "着火了"}), "beside the entry")
        for item in ("010101", "010103"):
            asked = client.post(address, told | {"category_words": item})
            assert reader.read(asked, f"entry, {item} chosen").status_code == 422
        response = client.post(address, told)
        while response.status_code != 302:
            response = reader.read(client.post(address, told | {"is_new": "1"}), "entry, perhaps the same")
        assert reader.visit(client, response["Location"]).status_code == 200


def test_batches_of_the_hotline(town: Town, reader: Reader):
    """A table with rows of every state, one with merged cells, the mapping, a file that is none."""
    client, source = town.clients["dispatcher"], source_of(name_en="City hotline")
    first = received(town.world, source, xlsx([order(1), order(2)]))
    work = batch_run(batch=first, actor=town.world.viewer("dispatcher"), at=NOW)
    address = reverse("intake:upstream-batch", args=[first.public_id])
    reader.visit(client, address)
    job_run(job_id=work.pk, clock=lambda: NOW)
    rows = [
        order(1),
        order(2, 主要内容="别的"),
        order(3, 截止时间="尽快"),
        order(4, 联系方式="保密"),
        order(5, 工单编号="=A1"),
    ]
    batch = received(town.world, source, xlsx(rows))
    UpstreamBatch.objects.filter(pk=batch.pk).update(has_merged=True)
    for page in (address, reverse("intake:upstream-batch", args=[batch.public_id]), reverse("intake:upstream")):
        assert reader.visit(client, page).status_code == 200
    reader.visit(client, reverse("intake:upstream-source", args=[source.key]))
    reader.read(client.post(reverse("intake:upstream-source", args=[source.key]), {"values_kind": "x"}), "mapping")
    file = SimpleUploadedFile("a.xlsx", b"%PDF")
    reader.read(client.post(reverse("intake:upstream-new"), {"source": source.pk, "file": file}), "no table")
    reader.read(client.post(reverse("intake:upstream-new"), {}), "no file")


def _asked(town: Town, answer: str) -> HttpResponse:
    """The extra questions after one answer."""
    client = _english()
    _draft, token = draft_start(
        data={"kind": "help", "raw": {}, "category_id": town.world.categories["lamp"].pk}, at=NOW
    )
    return client.post(reverse("intake:step", args=[token, "questions"]), {"q_lit": answer, "seen": "q_lit"})


def _refusing(error: Exception) -> Callable[..., HttpResponse]:
    @public("a view that refuses, for this test")
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


@public("a view that is asked too often, for this test")
def _busy(request: HttpRequest) -> HttpResponse:
    return errors.too_many_requests(request, int(request.GET["wait"]))


class Refusals:
    """Addresses that refuse in every way."""

    from governance.urls import handler400, handler403, handler404, handler500, urlpatterns

    urlpatterns = [
        path("broken/", _refusing(SuspiciousOperation())),
        path("denied/", _refusing(PermissionDenied())),
        path("forbidden/", _refusing(Forbidden("no", _("这个链接不能做这件事")))),
        path("stale/", _refusing(StaleState("stale", _("这件事的状态已经变了，请看最新进展。")))),
        path("rule/", _refusing(DomainError("rule", _("这个单位已经停用，请选别的单位")))),
        path("missing/", _refusing(Http404())),
        path("busy/", _busy),
        *urlpatterns,
    ]


@override_settings(ROOT_URLCONF=Refusals)
@pytest.mark.parametrize("person", ["", "handler"])
def test_error_pages(town: Town, reader: Reader, person: str):
    client = town.clients[person] if person else _english()
    addresses = ["broken/", "denied/", "forbidden/", "stale/", "rule/", "missing/", "busy/?wait=1", "busy/?wait=90"]
    statuses = [reader.visit(client, f"/{address}").status_code for address in addresses]
    assert statuses[:1] + statuses[1:3] + statuses[-2:] == [400, 403, 403, 429, 429]
    assert reader.visit(client, reverse("web:preferences")).status_code == 405


def test_the_page_that_a_missing_mark_leads_to(town: Town, reader: Reader):
    for cookies in ({}, {"anything": "1"}):
        client = Client(enforce_csrf_checks=True)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        client.cookies.load(cookies)
        assert reader.read(client.post(reverse("intake:start"), {}), f"no mark, {cookies}").status_code == 403


def test_the_reader_finds_what_it_looks_for():
    """Chinese in text, in what is spoken and in words for scripts; not in marked elements or what somebody typed."""
    page = (
        '<html lang="en"><title>路灯 · Liren</title><p title="好">x</p><p data-word="：">y</p><b>坏</b>'
        '<button lang="zh-Hans">中文<i>字</i></button><p>ok</p><textarea>写的</textarea><input value="写的">'
    )
    assert chinese_in(page, written=("路灯",)) == ["html > p[title]: 好", "html > p[data-word]: ：", "html > b: 坏"]
    assert chinese_in("<title>路灯</title>") == ["title: 路灯"]
    assert language_of(page) == "en"
