"""The facts: who works at the firm, for whom, on what."""

from __future__ import annotations

from dataclasses import dataclass

FIRM = "Lindqvist & Okafor LLP"
TAX_ID = "24-6437381"
ADDRESS = "400 Example Plaza, Chicago, IL 60601"
PLACE = {"street": "400 Example Plaza", "city": "Chicago", "state": "IL", "postcode": "60601", "country": "USA"}
DOMAIN = "lindqvist-okafor.example"
ZONE = "America/Chicago"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    mail: str

    @property
    def first(self) -> str:
        return self.name.split()[0]

    @property
    def last(self) -> str:
        return self.name.split()[-1]


@dataclass(frozen=True, slots=True)
class Staff:
    """A timekeeper of the firm."""

    id: str
    person: Person
    classification: str
    rate: int


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing a matter is about: a subject, what there is to say, and what is asked."""

    subject: str
    points: tuple[str, ...]
    ask: str


@dataclass(frozen=True, slots=True)
class Case:
    """A matter with its people and papers. ``across`` is opposing or other outside counsel."""

    number: str
    name: str
    client: str
    client_name: str
    code_set: str
    practice: str
    contact: Person
    across: Person
    party: str
    alias: str
    docket: str
    topics: tuple[Topic, ...]
    papers: tuple[str, ...]


def _mail(name: str, domain: str) -> Person:
    first, last = name.lower().split()
    return Person(name, f"{first}.{last}@{domain}")


STAFF = (
    Staff("MOK", _mail("Marcus Okafor", DOMAIN), "ASSOC", 385),
    Staff("HLQ", _mail("Helen Lindqvist", DOMAIN), "PARTNR", 640),
    Staff("PST", _mail("Priya Stoll", DOMAIN), "PARALG", 190),
)

CASES = (
    Case(
        "2026-0101", "Harrow Mills v. Castellan Freight", "HARROW", "Harrow Mills, Inc.", "litigation", "Litigation",
        _mail("Ruth Adeyemi", "harrowmills.example"), _mail("Owen Petrak", "brandt-petrak-law.example"),
        "Castellan Freight Lines", "Project Millstone", "1:26-cv-02417",
        (
            Topic("second requests for production",
                  ("Castellan objected to 14 of the 22 requests, most of them on burden.",
                   "The gate logs for March and April are still missing from the production.",
                   "Their log withholds the dispatcher's notes as work product, which cannot be right."),
                  "Can we move to compel before the cut-off?"),
            Topic("deposition of the terminal manager",
                  ("Ortiz has been at the Joliet terminal since 2019 and signed both incident reports.",
                   "He is available on two days only, and counsel wants it by video.",
                   "The loading sheets contradict what he told the adjuster."),
                  "Which exhibits do you want marked in advance?"),
            Topic("expert report on spoilage",
                  ("The draft report puts the loss at 61 pallets and explains the temperature curve.",
                   "Paragraph 34 assumes that the doors stayed shut, and we cannot prove that.",
                   "The rebuttal is due three weeks after ours."),
                  "Please mark up sections four to six."),
        ),
        ("Motion to compel gate logs", "Deposition outline Ortiz", "Responses to interrogatories"),
    ),
    Case(
        "2026-0102", "Harrow Millworks supply agreement", "HARWORK", "Harrow Millworks LLC", "project", "Corporate",
        _mail("Glenn Tavares", "harrowmillworks.example"), _mail("Simone Achterberg", "achterberg-legal.example"),
        "Delmar Timber", "", "",
        (
            Topic("take-or-pay volumes",
                  ("Delmar wants a floor of 80 percent and a three year term.",
                   "Our client can live with 70 percent if the shortfall carries over.",
                   "The price index in schedule B is discontinued."),
                  "Could you turn the draft by Thursday?"),
            Topic("warranty and remedies",
                  ("Their mark-up deletes the replacement remedy altogether.",
                   "Moisture above twelve percent has to count as a defect.",
                   "The cap should not apply to recall costs."),
                  "Let me know where we hold and where we give."),
        ),
        ("Supply agreement draft 3", "Issues list supply agreement"),
    ),
    Case(
        "2026-0103", "Acquisition of Bluefin Analytics", "NORTHGATE", "Northgate Capital Partners", "project", "M&A",
        _mail("Imran Castell", "northgatecap.example"), _mail("Lydia Faulk", "faulk-oyelaran-law.example"),
        "Bluefin Analytics", "Project Bluefin", "",
        (
            Topic("disclosure schedules",
                  ("Schedule 3.12 leaves out the two licences we found in the data room.",
                   "The sellers want knowledge qualifiers on data protection.",
                   "Nothing is said of the open tax audit."),
                  "Please send comments to Faulk tonight."),
            Topic("working capital adjustment",
                  ("The peg uses a twelve month average that includes the December outlier.",
                   "Deferred revenue is treated as debt in their model and not in ours.",
                   "The accountants propose a collar of 250,000."),
                  "Is the collar acceptable to Northgate?"),
            Topic("closing checklist",
                  ("Four consents are outstanding, the landlord's among them.",
                   "Signature pages are held in escrow until the funds flow is agreed.",
                   "The bring-down certificate needs one more officer."),
                  "Who chases the landlord?"),
        ),
        ("Stock purchase agreement", "Diligence memorandum", "Closing checklist"),
    ),
    Case(
        "2026-0104", "Northgate fund formation", "NORTHGATE", "Northgate Capital Partners", "project", "Funds",
        _mail("Imran Castell", "northgatecap.example"), _mail("Beatriz Olund", "olund-hart-law.example"),
        "Northgate Fund IV", "Fund IV", "",
        (
            Topic("side letters",
                  ("Two pension investors ask for most favoured nation treatment.",
                   "The excuse right collides with the concentration limit.",
                   "Reporting by quarter is no problem."),
                  "Shall I draft one form for both?"),
            Topic("carried interest waterfall",
                  ("Their counsel reads the catch-up as eighty percent, ours says full.",
                   "The clawback should be net of tax.",
                   "An example with numbers would end the debate."),
                  "Please prepare the example."),
        ),
        ("Limited partnership agreement", "Side letter form"),
    ),
    Case(
        "2026-0105", "Estate of Valerie Prow", "PROW", "Estate of Valerie Prow", "litigation", "Probate litigation",
        _mail("Jonas Prow", "prowfamily.example"), _mail("Edith Larrabee", "larrabee-counsel.example"),
        "Mercer Prow", "", "26-cv-0881",
        (
            Topic("contest of the second codicil",
                  ("The witnesses remember the day differently.",
                   "Dr. Haldane's notes speak of confusion in the week before.",
                   "The drafting lawyer kept no file."),
                  "Do we need the medical records before mediation?"),
            Topic("accounting of the trustee",
                  ("The lake house was let and nothing shows as income.",
                   "Two transfers to Mercer have no entry at all.",
                   "The bank can give statements back to 2021."),
                  "Please draft the demand for an accounting."),
        ),
        ("Petition to contest codicil", "Chronology of transfers"),
    ),
    Case(
        "2026-0106", "Sable Robotics patent licence", "SABLE", "Sable Robotics Corp.", "project", "IP",
        _mail("Nadia Ferreira", "sablerobotics.example"), _mail("Colin Wray", "wray-ip-law.example"),
        "Tessera Grippers", "", "",
        (
            Topic("field of use",
                  ("Tessera wants warehouses and food, we offered warehouses.",
                   "Surgical use must stay out in so many words.",
                   "Improvements should be licensed back without a fee."),
                  "Can you find language that leaves food open?"),
            Topic("royalty audit",
                  ("Once a year, on thirty days notice, is what we proposed.",
                   "They accept if we pay unless the gap is above five percent.",
                   "Late interest is missing from their draft."),
                  "Mark up article 7 and send it back."),
        ),
        ("Licence agreement", "Royalty schedule"),
    ),
    Case(
        "2026-0107", "Sable Robotics employment advice", "SABLE", "Sable Robotics Corp.", "counseling", "Employment",
        _mail("Nadia Ferreira", "sablerobotics.example"), _mail("Hugh Salter", "salterhr.example"),
        "", "", "",
        (
            Topic("non-compete of a leaving engineer",
                  ("He moves to Oregon, where the statute caps the term at a year.",
                   "The covenant was signed after he began, without anything new in return.",
                   "What they really need is the return of the test data."),
                  "What would you advise?"),
            Topic("remote work policy",
                  ("The draft policy pays equipment but not the internet line.",
                   "Two employees work from states where we are not registered.",
                   "Hours must be recorded for the hourly staff."),
                  "Please review the draft."),
        ),
        ("Memo on restrictive covenants", "Remote work policy"),
    ),
    Case(
        "2026-0108", "Ostrander Foods recall", "OSTRANDER", "Ostrander Foods Co.", "litigation", "Product liability",
        _mail("Theo Lindgren", "ostranderfoods.example"), _mail("Carla Nimmo", "nimmo-trial-law.example"),
        "Alvarez class plaintiffs", "", "2:26-cv-00533",
        (
            Topic("motion to dismiss the consumer class",
                  ("Three of the five counts fail under the economic loss rule.",
                   "The warranty count survives unless notice was late.",
                   "The reply brief is limited to ten pages."),
                  "I need your section on standing."),
            Topic("document custodians",
                  ("Plaintiffs ask for thirty one custodians, we proposed nine.",
                   "The plant managers share a mailbox, which complicates the hold.",
                   "Search terms can be tested on the March data."),
                  "Please draft the meet and confer letter."),
        ),
        ("Brief in support of motion to dismiss", "Custodian interview notes", "Privilege log"),
    ),
    Case(
        "2026-0109", "Ostrander Foods lease of the Aurora plant", "OSTRANDER", "Ostrander Foods Co.", "project",
        "Real estate",
        _mail("Theo Lindgren", "ostranderfoods.example"), _mail("Beth Amsel", "amsel-property-law.example"),
        "Aurora Industrial Holdings", "", "",
        (
            Topic("lease amendment",
                  ("The landlord wants the roof shifted to the tenant from year six.",
                   "The title commitment shows an easement across the loading yard.",
                   "Rent steps should follow the index, capped at three percent."),
                  "Could you revise section 9 accordingly?"),
        ),
        ("Second amendment to lease", "Title and survey notes"),
    ),
    Case(
        "2026-0110", "Kestrel Hospital HIPAA counselling", "KESTREL", "Kestrel Regional Hospital", "counseling",
        "Health care",
        _mail("Amara Boateng", "kestrelhospital.example"), _mail("Felix Dorn", "hhs-liaison.example"),
        "", "", "",
        (
            Topic("vendor breach notice",
                  ("The vendor noticed on the 3rd and told us on the 19th.",
                   "Eleven hundred records, names and dates of service only.",
                   "The sixty days run from discovery, and whose discovery is the question."),
                  "May we send the letters on Monday?"),
            Topic("research consent forms",
                  ("The new form merges consent and authorisation.",
                   "The board wants plain words at eighth grade level.",
                   "Revocation has to be explained."),
                  "Please review the second draft."),
        ),
        ("Advice on breach notification", "Consent form review"),
    ),
    Case(
        "2026-0111", "In re Halvorsen Marine", "HALVORSEN", "Halvorsen Marine Supply", "bankruptcy", "Restructuring",
        _mail("Kirsten Halvorsen", "halvorsenmarine.example"), _mail("Abel Quist", "quist-creditors-law.example"),
        "Official Committee of Unsecured Creditors", "", "26-bk-11042",
        (
            Topic("cash collateral budget",
                  ("The bank will not extend past the fifteenth without a sale milestone.",
                   "Payroll and dock fees are the only lines that moved.",
                   "The committee wants its professionals in the carve-out."),
                  "Can you redline the order?"),
            Topic("claims objections",
                  ("Forty proofs of claim duplicate scheduled amounts.",
                   "The chandler's claim is secured on goods that were returned.",
                   "Notices go out twenty one days before the hearing."),
                  "Please prepare the first omnibus objection."),
        ),
        ("Cash collateral order", "First omnibus claims objection"),
    ),
    Case(
        "2026-0112", "Tidewater zoning appeal", "TIDEWATER", "Tidewater Homes LP", "litigation", "Land use",
        _mail("Marta Ilves", "tidewaterhomes.example"), _mail("Ray Colvin", "countyattorney-colvin.example"),
        "Bay County", "", "26-cv-3307",
        (
            Topic("record on appeal",
                  ("The planning board's minutes stop in the middle of the second hearing.",
                   "The traffic study was handed up and never stamped.",
                   "The clerk can certify what there is by the end of the month."),
                  "Do we move to supplement?"),
            Topic("settlement with the county",
                  ("They would accept ninety six units with a wider buffer.",
                   "The impact fee is the sticking point.",
                   "The council votes on the second Tuesday."),
                  "Please draft a term sheet for mediation."),
        ),
        ("Appellate brief", "Settlement term sheet"),
    ),
)  # fmt: skip

COURT = Person("ECF Notification", "ecf-notices@ilnd.uscourts.example")
