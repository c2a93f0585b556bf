"""The interface for programs (REST framework, drf-spectacular): closed unless a view says who may call it."""

from typing import Any

_API = "governance.web.api."

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [_API + "authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [_API + "access.HoldsCapability"],
    "DEFAULT_THROTTLE_CLASSES": [_API + "throttling.TokenThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [_API + "parsing.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": _API + "schema.TokenSchema",
    "EXCEPTION_HANDLER": _API + "errors.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Liren 里仁",
    "VERSION": "1",
    "DESCRIPTION": (
        "Requests of residents (诉求), for systems of organisations that take part: a hotline that hands requests "
        "down and fetches results, an office that handles its orders (工单) in a system of its own. The same rules, "
        "rights and messages as on the pages. Times are ISO 8601 with an offset. A request is named by its public "
        "number (受理编号)."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SORT_OPERATIONS": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [],
}
