"""Which matter, which codes, how long, in which words; see ``docs/explanation/how-matters-are-matched.md``.

Read ``features`` → ``rules`` → ``views`` → ``ranker`` → ``calibration`` for the matter, then
``codes``, ``durations``, ``narrative``.
"""
