"""What `make run` shows: an invented directorate, and a cycle under way in it."""

from komp_flow.demo.files import Files
from komp_flow.demo.organisation import Persona, directorate, load_organisation, organisation, personas

__all__ = ["Files", "Persona", "directorate", "load_organisation", "organisation", "personas"]
