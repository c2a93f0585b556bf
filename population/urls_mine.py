"""What residents see of themselves, and the desks that answer them."""

from django.urls import path

from population.views import bindings, home

urlpatterns = [
    path("my/home/", home.my_home, name="my-home"),
    path("my/home/<uuid:public_id>/end/", home.my_home_end, name="my-home-end"),
    path("staff/registry/bindings/", bindings.binding_list, name="bindings"),
    path("staff/registry/bindings/<uuid:public_id>/end/", bindings.binding_stop, name="binding-end"),
    path("staff/registry/bindings/codes/<uuid:public_id>/revoke/", bindings.code_revoke, name="binding-code-revoke"),
    path("staff/registry/people/<uuid:public_id>/binding/", bindings.person_binding, name="person-binding"),
    path("staff/registry/people/<uuid:public_id>/binding/letter/", bindings.letter, name="binding-letter"),
]
