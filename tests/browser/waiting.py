"""When a page stands whole in the browser."""

# The page of the address as it is now: every card drawn, nothing loading, nothing faded.
WHOLE = """() => document.documentElement.dataset.shown === location.pathname + location.search
    && document.querySelectorAll('.card').length > 0
    && [...document.querySelectorAll('.card-foot')].every(foot => foot.children.length > 0)
    && document.querySelectorAll('.mantine-Skeleton-root, [data-dash-is-loading="true"]').length === 0
    && document.querySelectorAll('.card div[style*="opacity: 0.45"]').length === 0"""
