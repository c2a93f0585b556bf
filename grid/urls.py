"""Pages and map data of the territory."""

from django.urls import path

from grid.views import appointing, changes, checks, codes, components, findings, geometry, my_grid, posts, territory

app_name = "grid"
urlpatterns = [
    path("map/areas.geojson", geometry.outlines, name="outlines"),
    path("map/where", geometry.where, name="where"),
    path("my-grid/", my_grid.find, name="my-grid"),
    path("my-grid/<slug:code>/", my_grid.one, name="my-grid-one"),
    path("checks/<uuid:public_id>/", checks.check, name="check"),
    path("staff/checks/", checks.check_list, name="checks"),
    path("staff/map/", territory.territory, name="map"),
    path("staff/posts/", posts.post_list, name="posts"),
    path("staff/posts/<int:pk>/end/", appointing.end, name="post-end"),
    path("staff/posts/<int:pk>/extend/", appointing.extend, name="post-extend"),
    path("staff/posts/<int:pk>/release/", appointing.release, name="post-release"),
    path("staff/posts/<int:pk>/stand-in/", appointing.stand_in, name="post-stand-in"),
    path("staff/posts/<int:pk>/stand-in/stop/", appointing.stand_in_stop, name="post-stand-in-stop"),
    path("staff/posts/at/<slug:code>/", posts.post_area, name="post-area"),
    path("staff/posts/at/<slug:code>/new/", appointing.appoint, name="post-new"),
    path("staff/areas/<slug:code>/", changes.area, name="area"),
    path("staff/areas/<slug:code>/export/", changes.export, name="area-export"),
    path("staff/areas/<slug:code>/redraw/", changes.redraw, name="area-redraw"),
    path("staff/areas/<slug:code>/split/", changes.split, name="area-split"),
    path("staff/areas/<slug:code>/merge/", changes.merge, name="area-merge"),
    path("staff/areas/<slug:code>/retire/", changes.retire, name="area-retire"),
    path("staff/inventory/", components.components, name="components"),
    path("staff/inventory/map.json", components.component_clusters, name="component-clusters"),
    path("staff/inventory/new/", components.component_new, name="component-new"),
    path("staff/inventory/<uuid:public_id>/", components.component, name="component"),
    path("staff/inventory/<uuid:public_id>/edit/", components.component_edit, name="component-edit"),
    path("staff/inventory/<uuid:public_id>/inspect/", components.component_inspected, name="component-inspect"),
    path("staff/patrols/<uuid:uuid>/", findings.finding, name="finding"),
    path("staff/codes/", codes.code_lists, name="codes"),
    path("staff/codes/load/<slug:key>/", codes.code_list_loaded, name="code-list-load"),
    path("staff/codes/<slug:key>/", codes.code_list, name="code-list"),
    path("staff/codes/<slug:key>/items/<int:pk>/", codes.code_item, name="code-item"),
    path("staff/codes/<slug:key>/old/<slug:kind>/", codes.code_successions, name="code-successions"),
]
