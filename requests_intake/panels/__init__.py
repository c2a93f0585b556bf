"""Panels of the overview, one module a question: what waits, what came in, how long, where, who, what was left out."""

from governance.dashboards.registry import register
from requests_intake.panels.evaluation import FoundPanel, HandledPanel, LooksPanel
from requests_intake.panels.figures import FiguresPanel, RatesPanel
from requests_intake.panels.intake import (
    CategoriesPanel,
    ChannelsPanel,
    HoursPanel,
    KindsPanel,
    TrendPanel,
)
from requests_intake.panels.notices import NoticesPanel
from requests_intake.panels.offices import OfficesPanel
from requests_intake.panels.places import AreasPanel, MapPanel, WaitingPanel
from requests_intake.panels.waiting import AgesPanel, DuePanel, TimesPanel, TurnsPanel

PANELS = (
    FiguresPanel,
    RatesPanel,
    WaitingPanel,
    AreasPanel,
    MapPanel,
    OfficesPanel,
    DuePanel,
    AgesPanel,
    TimesPanel,
    TurnsPanel,
    NoticesPanel,
    TrendPanel,
    KindsPanel,
    ChannelsPanel,
    CategoriesPanel,
    HoursPanel,
)
# Ratios of the standard: their parts are explained, not listed.
INDICATORS = (FoundPanel, HandledPanel, LooksPanel)
for _panel in (*PANELS, *INDICATORS):
    register(_panel())
