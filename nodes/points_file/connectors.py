"""Other people's names for connectors."""

import re

from nodes.domain.point import Connector

ALIASES: dict[str, Connector] = {
    "TYPE2": Connector.IEC_62196_T2,
    "MENNEKES": Connector.IEC_62196_T2,
    "CCS2": Connector.IEC_62196_T2_COMBO,
    "COMBO2": Connector.IEC_62196_T2_COMBO,
    "TYPE1": Connector.IEC_62196_T1,
    "J1772": Connector.IEC_62196_T1,
    "SAEJ1772": Connector.IEC_62196_T1,
    "CCS1": Connector.IEC_62196_T1_COMBO,
    "COMBO1": Connector.IEC_62196_T1_COMBO,
    "NACS": Connector.SAE_J3400,
    "J3400": Connector.SAE_J3400,
}
"""In capitals, letters and digits only. ``CCS`` alone is not here: it is two connectors."""

_NAMES = {re.sub("[^A-Z0-9]", "", connector): connector for connector in Connector} | ALIASES


def connector_from(name: str) -> Connector | None:
    """Return the connector of that name, however it is spelled (``Type 2``, ``CHAdeMO``, ``iec-62196-t2``), if any."""
    return _NAMES.get(re.sub("[^A-Z0-9]", "", name.upper()))
