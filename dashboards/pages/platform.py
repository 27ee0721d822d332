"""平台: one platform, with the others as context."""

from dashboards.place import page_of

PAGE = page_of("platform", "/platform", 30)
