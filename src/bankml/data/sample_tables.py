"""Summary statistics that the sample is drawn from: counts and quantiles, never rows.

They describe the Bank Marketing data of S. Moro, P. Cortez and P. Rita (Decision Support Systems
62, 2014; UCI "bank-additional", CC BY 4.0). Pairs are (label no, label yes). The five economic
indicators are public figures that are the same for all calls of a month.
"""

from __future__ import annotations

from typing import NamedTuple

LABELS = ("no", "yes")
YES_ROWS = 3692
"""Rows with label yes among the 32,950."""


class Period(NamedTuple):
    """A month of the campaign.

    Attributes:
        month: Name of the month.
        emp_var_rate: Employment variation rate, in tenths.
        cons_price_idx: Consumer price index, in thousandths.
        cons_conf_idx: Consumer confidence index, in tenths.
        nr_employed: Number of employees, in tenths.
        euribor3m: Five quartiles of the 3-month Euribor rate, in thousandths.
        calls: Calls by label.
        cellular: Calls to a mobile, in thousandths of all.
    """

    month: str
    emp_var_rate: int
    cons_price_idx: int
    cons_conf_idx: int
    nr_employed: int
    euribor3m: tuple[int, ...]
    calls: tuple[int, int]
    cellular: int


PERIODS = (
    Period("sep", -11, 94199, -375, 49636, (876, 879, 879, 882, 886), (120, 119), 812),
    Period("oct", -11, 94601, -495, 49636, (942, 977, 987, 1025, 1045), (91, 71), 827),
    Period("nov", -11, 94767, -508, 49636, (1028, 1039, 1046, 1049, 1050), (55, 48), 903),
    Period("aug", -17, 94027, -383, 49916, (886, 898, 899, 904, 905), (89, 91), 750),
    Period("jun", -17, 94055, -398, 49916, (702, 715, 729, 748, 767), (95, 87), 725),
    Period("jul", -17, 94215, -403, 49916, (782, 822, 846, 885, 899), (106, 143), 795),
    Period("mar", -18, 93369, -348, 50087, (634, 639, 646, 652, 655), (88, 121), 842),
    Period("apr", -18, 93749, -346, 50087, (635, 642, 644, 645, 663), (62, 80), 866),
    Period("may", -18, 93876, -400, 50087, (668, 682, 684, 697, 701), (81, 95), 824),
    Period("sep", -34, 92379, -298, 50175, (739, 770, 781, 803, 819), (128, 86), 888),
    Period("oct", -34, 92431, -269, 50175, (720, 728, 739, 741, 754), (218, 136), 876),
    Period("nov", -34, 92649, -301, 50175, (714, 714, 715, 716, 722), (148, 138), 864),
    Period("dec", -30, 92713, -330, 50235, (700, 707, 714, 715, 721), (67, 69), 853),
    Period("aug", -29, 92201, -314, 50762, (821, 854, 873, 883, 884), (400, 213), 905),
    Period("jul", -29, 92469, -336, 50762, (899, 1029, 1044, 1059, 1085), (90, 50), 857),
    Period("jun", -29, 92963, -408, 50762, (1099, 1260, 1262, 1266, 1286), (377, 218), 909),
    Period("mar", -18, 92843, -500, 50991, (1510, 1538, 1640, 1726, 1811), (113, 99), 934),
    Period("may", -18, 92893, -462, 50991, (1244, 1266, 1291, 1327, 1354), (4278, 409), 923),
    Period("apr", -18, 93075, -471, 50991, (1365, 1405, 1405, 1415, 1498), (1612, 354), 933),
    Period("dec", -2, 92756, -459, 51763, (3282, 3428, 3563, 3669, 3816), (8, 0), 250),
    Period("may", 11, 93994, -364, 51910, (4855, 4856, 4857, 4859, 4864), (6015, 195), 0),
    Period("nov", -1, 93200, -420, 51958, (3853, 4076, 4120, 4153, 4733), (2758, 149), 901),
    Period("oct", -1, 93798, -404, 51958, (4760, 4860, 4936, 5000, 5045), (19, 34), 0),
    Period("aug", 14, 93444, -361, 52281, (4962, 4963, 4964, 4966, 4970), (3872, 217), 972),
    Period("jul", 14, 93918, -427, 52281, (4955, 4960, 4962, 4963, 4968), (5042, 322), 855),
    Period("jun", 14, 94465, -418, 52281, (4864, 4866, 4959, 4961, 4967), (3326, 148), 0),
)
BOOM_ABOVE, CRISIS_BELOW = 51500, 50991
"""Eras by ``nr_employed``: 0 above the first, 2 below the second, 1 between."""

JOBS = (
    "admin.", "blue-collar", "technician", "services", "management", "retired", "entrepreneur",
    "self-employed", "housemaid", "unemployed", "student", "unknown",
)  # fmt: skip
JOB_COUNTS = (
    (
        (6574, 6712, 4517, 2800, 1914, 744, 1049, 948, 704, 580, 285, 216),
        (504, 397, 314, 173, 148, 96, 80, 70, 38, 39, 56, 12),
    ),
    (
        (686, 146, 330, 112, 163, 292, 42, 75, 59, 97, 183, 30),
        (575, 101, 265, 76, 118, 256, 22, 47, 53, 77, 158, 17),
    ),
)
"""By era (0 or 1, then 2), then label, then job."""

AGE_SHARES = (0, 50, 250, 500, 750, 950, 990, 998, 1000)
AGES = (
    (20, 27, 31, 36, 44, 55, 60, 63, 72),
    (20, 26, 33, 39, 46, 55, 59, 60, 80),
    (20, 27, 32, 37, 44, 55, 59, 63, 70),
    (20, 25, 31, 36, 45, 55, 58, 59, 62),
    (21, 29, 35, 42, 50, 58, 61, 71, 80),
    (23, 48, 56, 59, 69, 82, 88, 94, 98),
    (20, 29, 35, 41, 49, 56, 60, 62, 69),
    (21, 27, 32, 39, 47, 57, 60, 62, 71),
    (21, 30, 37, 46, 53, 60, 76, 85, 85),
    (21, 26, 32, 39, 47, 56, 59, 64, 66),
    (17, 19, 22, 25, 29, 36, 38, 45, 46),
    (24, 28, 36, 45, 53, 61, 76, 81, 81),
)
"""Quantiles of the age in years, by job."""

EDUCATIONS = (
    "basic.4y", "basic.6y", "basic.9y", "high.school", "illiterate", "professional.course",
    "university.degree", "unknown",
)  # fmt: skip
EDUCATION_COUNTS = (
    (59, 112, 417, 2686, 1, 284, 4579, 201),
    (1805, 1143, 2906, 680, 7, 367, 72, 376),
    (45, 73, 314, 699, 0, 2684, 1447, 164),
    (107, 176, 317, 2114, 0, 179, 150, 118),
    (85, 70, 134, 234, 0, 71, 1654, 95),
    (485, 66, 118, 213, 2, 196, 232, 76),
    (116, 66, 171, 183, 2, 109, 504, 42),
    (83, 23, 163, 96, 2, 146, 604, 23),
    (388, 65, 73, 141, 1, 41, 106, 39),
    (91, 26, 147, 200, 0, 109, 205, 15),
    (21, 10, 75, 281, 0, 33, 126, 136),
    (48, 17, 25, 26, 0, 10, 38, 111),
)
"""By job."""

AGE_BANDS = (27, 32, 40, 60)
MARITALS = ("divorced", "married", "single", "unknown")
MARITAL_COUNTS = (
    (27, 394, 1469, 1),
    (269, 2282, 3029, 14),
    (952, 6392, 3197, 24),
    (2248, 10156, 1512, 26),
    (180, 742, 35, 1),
)
"""By age band."""

DEFAULTS = ("no", "unknown", "yes")
DEFAULT_COUNTS = (
    ((15554, 5483, 3), (815, 250, 0)),
    ((5012, 991, 0), (798, 64, 0)),
    ((2163, 52, 0), (1722, 43, 0)),
)
"""By era, then label."""

LOANS = (("no", "no"), ("no", "yes"), ("yes", "no"), ("yes", "yes"), ("unknown", "unknown"))
LOAN_COUNTS = ((11454, 1852, 12633, 2618, 701), (1413, 217, 1666, 315, 81))
"""Housing loan and personal loan together, by label."""

CONTACTS = ("telephone", "cellular")
DAYS = ("mon", "tue", "wed", "thu", "fri")
DAY_COUNTS = ((6135, 5723, 5707, 6105, 5588), (667, 761, 761, 832, 671))
"""By label."""

OUTCOMES = ("nonexistent", "failure", "success")
OUTCOME_COUNTS = (
    ((20473, 539, 28), (1044, 19, 2)),
    ((4111, 1787, 105), (668, 132, 62)),
    ((1304, 649, 262), (794, 325, 646)),
)
"""By era, then label."""

PREVIOUS_COUNTS = ((1,), (0, 3017, 338, 72, 21, 2, 1), (0, 686, 265, 103, 35, 12, 3, 1))
"""Number of earlier contacts, by outcome."""

NEVER = 999
PDAYS_KNOWN = (0, 34, 1000)
"""Share of rows with a known number of days since the last contact, in thousandths, by outcome."""
PDAYS_COUNTS = (12, 22, 55, 350, 93, 39, 326, 47, 13, 54, 39, 24, 48, 30, 16, 22, 8, 7, 7, 3, 1,
                2, 2, 0, 0, 0, 1, 1)  # fmt: skip
"""By days, from 0."""

CAMPAIGNS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 17, 21, 28, 43, 57)
CAMPAIGN_SHARES = (
    (
        0, 4212, 6767, 8071, 8725, 9132, 9377, 9540, 9646, 9715, 9773, 9816, 9850, 9887, 9925,
        9962, 9985, 9998, 10000,
    ),
    (
        0, 4940, 7576, 8824, 9323, 9607, 9764, 9845, 9873, 9913, 9937, 9965, 9973, 9980, 9990,
        9998, 10000, 10000, 10000,
    ),
)  # fmt: skip
"""Shares of calls below each number of contacts, in ten-thousandths, by label."""

DURATION_SHARES = (0, 4, 16, 32, 64, 128, 192, 256, 320, 384, 448, 480, 496, 508, 511, 512)
DURATIONS = (
    (
        (0, 11, 24, 42, 64, 94, 126, 162, 208, 278, 405, 548, 706, 1102, 1478, 4918),
        (37, 125, 227, 367, 489, 589, 683, 777, 894, 1037, 1294, 1528, 1806, 2456, 3094, 3643),
    ),
    (
        (0, 8, 15, 27, 55, 92, 131, 171, 220, 287, 406, 535, 680, 1051, 1452, 3509),
        (63, 95, 112, 137, 178, 269, 367, 475, 611, 733, 949, 1138, 1359, 1871, 2301, 3076),
    ),
    (
        (1, 5, 12, 49, 74, 101, 126, 154, 194, 255, 371, 520, 698, 1139, 1616, 3785),
        (63, 83, 104, 134, 164, 208, 252, 295, 358, 449, 606, 784, 967, 1397, 1868, 2486),
    ),
)
"""Quantiles of the call's length in seconds, by era, then label."""
