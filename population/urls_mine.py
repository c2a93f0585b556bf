"""What residents see of themselves, and the desks that answer them."""

from django.urls import path

from population.views import bindings, corrections, home, record

urlpatterns = [
    path("my/home/", home.my_home, name="my-home"),
    path("my/home/<uuid:public_id>/end/", home.my_home_end, name="my-home-end"),
    path("my/record/", record.my_own_record, name="my-record"),
    path("my/record/confirm/", record.my_record_confirm, name="my-record-confirm"),
    path("my/record/new/<slug:kind>/", record.my_correction_new, name="my-correction-new"),
    path("my/record/<uuid:public_id>/", record.my_correction, name="my-correction"),
    path("my/record/<uuid:public_id>/withdraw/", record.my_correction_withdraw, name="my-correction-withdraw"),
    path("staff/registry/corrections/", corrections.correction_list, name="corrections"),
    path("staff/registry/corrections/<uuid:public_id>/", corrections.correction, name="correction"),
    path("staff/registry/bindings/", bindings.binding_list, name="bindings"),
    path("staff/registry/bindings/<uuid:public_id>/end/", bindings.binding_stop, name="binding-end"),
    path("staff/registry/bindings/codes/<uuid:public_id>/revoke/", bindings.code_revoke, name="binding-code-revoke"),
    path("staff/registry/people/<uuid:public_id>/binding/", bindings.person_binding, name="person-binding"),
    path("staff/registry/people/<uuid:public_id>/binding/letter/", bindings.letter, name="binding-letter"),
]
