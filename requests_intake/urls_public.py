"""Addresses of the public side and of its moderation."""

from django.urls import path

from requests_intake.views import (
    appointments,
    follow,
    moderation,
    neighbours,
    public,
    public_data,
    transparency,
    windows,
)

urlpatterns = [
    path("windows/", windows.windows, name="windows"),
    path("windows/<uuid:public_id>/", windows.window, name="window"),
    path("windows/<uuid:public_id>/book/", appointments.book, name="book"),
    path("a/<str:token>/", appointments.appointment, name="appointment"),
    path("a/<str:token>/move/", appointments.move, name="appointment-move"),
    path("a/<str:token>/cancel/", appointments.cancel, name="appointment-cancel"),
    path("report/<str:token>/similar/", neighbours.similar, name="similar"),
    path("staff/moderation/", moderation.queue, name="moderation"),
    path("staff/moderation/<str:number>/", moderation.publication, name="publication"),
    path("staff/moderation/<str:number>/photos/<uuid:source>/", moderation.cover, name="cover"),
    path("neighbours/", public.listing, name="public"),
    path("neighbours/map.json", public_data.map_clusters, name="public-map"),
    path("neighbours/feed.rss", public_data.feed, name="public-feed"),
    path("neighbours/figures/", public.figures, name="public-figures"),
    path("open/", transparency.figures, name="open-figures"),
    path("open/figures.csv", transparency.as_csv, name="open-csv"),
    path("open/figures.json", transparency.as_json, name="open-json"),
    path("open/appraisal/<str:month>/", transparency.bulletin, name="open-bulletin"),
    path("open/appraisal/<str:month>.csv", transparency.bulletin_csv, name="open-bulletin-csv"),
    path("neighbours/follow/", follow.follow_area, name="follow-area"),
    path("neighbours/<slug:key>/", public.one, name="public-one"),
    path("neighbours/<slug:key>/me-too/", neighbours.me_too, name="public-me-too"),
    path("neighbours/<slug:key>/follow/", follow.follow_one, name="follow-one"),
    path("follow/<str:token>/", follow.confirm, name="follow-confirm"),
    path("follow/<str:token>/end/", follow.unfollow, name="unfollow"),
]
