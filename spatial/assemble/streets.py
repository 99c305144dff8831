"""Streets of the study: from OpenStreetMap, or from a layer of lines of the planner's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely

from spatial.assemble.datums import check_datum
from spatial.assemble.work import Work, limited
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.operations.cleaning import consolidate
from spatial.sources.osm import OsmExtract
from spatial.sources.street_lines import networks_from_lines


def study_streets(work: Work, area: StudyArea, extract: OsmExtract | None) -> dict[str, StreetNetwork]:
    """`paths` and `streets` of the study, their nodes inside the analysed area marked; empty where it names none."""
    section = work.study.streets
    if section is None and extract is None:
        return {}
    work.tell("streets", 0.3)
    if section is None:
        assert extract is not None
        paths, driving = extract.paths, extract.driving
    else:
        named = (section.highway_column, section.oneway_column, section.name_column)
        lines = work.read_layer(
            section,
            crs=area.crs,
            layer="streets",
            columns=[column for column in named if column],
            geometry="line",
            near=area.boundary,
        )
        if extract is not None:
            name = section.file.name
            check_datum(work, lines, section, layer="streets", file_name=name, paths=extract.paths, buildings=None)
        paths, driving = networks_from_lines(
            lines,
            highway_column=section.highway_column,
            oneway_column=section.oneway_column,
            name_column=section.name_column,
            within=area.routed,
            ledger=work.ledger,
            file_name=section.file.name,
        )
    networks = {"paths": paths, "streets": consolidate(driving, ledger=work.ledger)}
    marked = {name: _with_analysed(network, area) for name, network in networks.items()}
    if section is None:
        return marked
    return {name: replace(network, status=limited(section)) for name, network in marked.items()}


def _with_analysed(network: StreetNetwork, area: StudyArea) -> StreetNetwork:
    """The network with its nodes inside the analysed area marked."""
    nodes = network.nodes
    boundary = area.analysed
    shapely.prepare(boundary)
    nodes["analysed"] = np.asarray(shapely.contains_xy(boundary, nodes["x"].to_numpy(), nodes["y"].to_numpy()))
    return StreetNetwork(nodes, network.edges, network.representation)
