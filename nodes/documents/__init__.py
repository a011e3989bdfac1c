"""Text files written by people: YAML 1.2 or JSON, read so that every error says where it is.

=====================  =====================================================================
``problems``           what is wrong and where: ``Problem``, ``DocumentError``
``wording``            how paths and values look in a message
``positions``          where each value stands
``tree``               data and positions put together, within bounds
``json_text``          JSON, fast; positions are computed only when somebody asks
``yaml_scalars``       what YAML 1.2 takes unquoted text for
``yaml_text``          YAML 1.2, by the scanner and parser of ruamel.yaml
``model_paths``        which path of the file a pydantic error speaks of
``expectations``       a pydantic error in words: what was expected, what was found
``findings``           a pydantic model against plain data, union branches sorted out
``document``           all of it together: ``read_document``, ``Document``
=====================  =====================================================================
"""

from nodes.documents.document import Document, parse_document, read_document
from nodes.documents.findings import Finding, check
from nodes.documents.positions import Mark, Path, Plain, Positions
from nodes.documents.problems import DocumentError, Problem
from nodes.documents.tree import MAX_BYTES, MAX_DEPTH, MAX_VALUES

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_VALUES",
    "Document",
    "DocumentError",
    "Finding",
    "Mark",
    "Path",
    "Plain",
    "Positions",
    "Problem",
    "check",
    "parse_document",
    "read_document",
]
