"""Process owners draw, check and publish diagrams and forms here, and move what runs."""

from komp_flow.studio import editing, forms, moves, publishing, questions, versions, views
from komp_flow.studio.blueprint import bp

__all__ = ["bp", "editing", "forms", "moves", "publishing", "questions", "versions", "views"]
