"""A fictional firm, made from a seed as real files: mail, calendars, documents, books.

Everybody and everything in it is invented. It is easier than real mail: few people, clean subjects,
texts put together from fact sheets. What is measured on it says that the path works, not how often
a matter guess is right.
"""
