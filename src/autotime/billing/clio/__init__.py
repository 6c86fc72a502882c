"""Clio Manage: time in, books and history out, after its API v4.

::

    site        where a region lies, signing in, the version that is pinned, the limit that is kept
    entries     an entry as Clio is told of it, and as it tells of one
    books       users, clients, matters with their rates, categories, codes, in parts (``nouns``: each as ours)
    history     entries of the past
    biller      all of it behind the doors
"""
