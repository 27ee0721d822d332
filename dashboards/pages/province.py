"""省份: one province, with the others as context."""

from dashboards.place import page_of

PAGE = page_of("province", "/province", 20)
