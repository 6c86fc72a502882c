"""The words of autotime, defined once. Standard library only.

Work flows one way::

    evidence → ranking → owned time → blocks → suggestions → decisions → entries → submissions

Read the modules in that order: ``evidence``, ``matching``, ``work``, ``decisions``,
``entries``, ``delivery``; beside them ``people``, ``books``, ``policy``, ``learning``.
``doors`` holds the protocols guests implement, ``errors`` what can go wrong and what to do next.
"""
