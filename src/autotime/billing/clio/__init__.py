"""Clio Manage: time in, books and history out, after its API v4.

::

    site        where a region lies, signing in, the version that is pinned, the limit that is kept
    refusals    what Clio says when it refuses, and what to do then
    entries     an entry as Clio is told of it, and as it tells of one
    books       users, clients, categories, codes and matters, in parts (``nouns``: each as ours; ``rates``)
    history     entries of the past
    biller      all of it behind the doors
"""
