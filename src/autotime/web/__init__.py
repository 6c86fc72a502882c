"""One way out to the network.

A token goes only to the root it was issued for: every address, also one that a server put into its
answer or that was stored earlier, must lie under the client's root. Nothing is redirected. A whole
request has a deadline and a size, so that a slow drip ends. Reads are repeated politely, writes never.
What an error or a log may show is the host, the status and the server's request id; never a path,
a query or a word of an answer.
"""

from autotime.web.answers import Answer, Answered, Misdirected, TooLarge, asked_for
from autotime.web.client import Authorise, Carrier, Headers, Manners, Web, asked_wait, gate, nobody
from autotime.web.links import Params, checked_root
from autotime.web.transport import Lost, Network

__all__ = [
    "Answer",
    "Answered",
    "Authorise",
    "Carrier",
    "Headers",
    "Lost",
    "Manners",
    "Misdirected",
    "Network",
    "Params",
    "TooLarge",
    "Web",
    "asked_for",
    "asked_wait",
    "checked_root",
    "gate",
    "nobody",
]
