"""MyCase, by its Open API v1: time entries out, the firm's books and history in.

::

    asking    where it lies, signing in, pages, and what its refusals say
    entries   an entry as MyCase writes it, both ways
    scan      the firm's time entries, read whole once and kept current
    biller    the doors: ``Biller``, ``BooksSource``, ``HistorySource``, ``Connectable``
    books     staff, clients, companies, cases
    history   entries of the past
"""
