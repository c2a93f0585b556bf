"""The only writers of requests of the persons concerned, of their copies and of the days within which to answer."""

from governance.protection.person_requests.services.copies import (
    COPY_JOB,
    TAKEN,
    copy_step,
    person_copies_expire,
    person_copy_take,
)
from governance.protection.person_requests.services.erasing import WHAT_MISSING, erasable, person_data_erase
from governance.protection.person_requests.services.requests import (
    READ,
    person_copy_again,
    person_policy_change,
    person_request_decide,
    person_request_file,
    person_request_finish,
    person_request_identify,
    person_request_read,
    person_request_take,
    person_request_withdraw,
    person_requests_forget,
    person_requests_remind,
)

__all__ = [
    "COPY_JOB",
    "READ",
    "TAKEN",
    "WHAT_MISSING",
    "copy_step",
    "erasable",
    "person_copies_expire",
    "person_copy_again",
    "person_copy_take",
    "person_data_erase",
    "person_policy_change",
    "person_request_decide",
    "person_request_file",
    "person_request_finish",
    "person_request_identify",
    "person_request_read",
    "person_request_take",
    "person_request_withdraw",
    "person_requests_forget",
    "person_requests_remind",
]
