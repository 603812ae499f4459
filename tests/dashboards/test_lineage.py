"""What a version was made from and what came of it."""

import hashlib

import pytest
from guardian.shortcuts import assign_perm

from governance.dashboards.lineage import GENERATIONS, HIDDEN, MOST_CHILDREN, lineage
from governance.evaluation import services as evaluations
from governance.jobs import runner as jobs
from governance.web.lineage import drawn
from registry import services
from tests.accounts.factories import person
from tests.evaluation.factories import COLUMNS, predictions
from tests.registry import factories
from tests.registry.factories import DIGEST
from tests.release import factories as release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_gate(settings):
    settings.REGISTRY_ALIAS_GATE = factories.OPEN


@pytest.fixture
def ada(db):
    return person("ada")


def titles(nodes):
    return [(node.kind, node.title) for node in nodes]


def test_everything_the_pipeline_named_is_a_source(ada):
    version = factories.version(
        owner=ada,
        training_data="loans 2025",
        training_data_digest=DIGEST,
        run_id="r1",
        run_link="https://tracking.example.org/r1",
        code_commit="abc",
        base_model="bert",
        container_digest=DIGEST,
    )

    found = lineage(version, user=ada)

    assert titles(found.before) == [
        ("data", "loans 2025"),
        ("run", "r1"),
        ("code", "abc"),
        ("base", "bert"),
        ("container", DIGEST),
    ]
    assert {edge.target for edge in found.edges} == {"version"}
    assert found.node("run").url == "https://tracking.example.org/r1"


def test_parents_children_and_pointers_stand_in_order(ada):
    model = factories.model(owner=ada)
    chain = [factories.version(model, owner=ada)]
    for _ in range(3):
        chain.append(factories.version(model, owner=ada, parent=chain[-1]))
    services.set_alias(model, "champion", chain[1], actor=ada)

    found = lineage(chain[1], user=ada)

    ranks = {node.title: node.rank for node in found.nodes}
    assert ranks == {
        "credit-scoring v1": -1,
        "credit-scoring v2": 0,
        "credit-scoring v3": 1,
        "credit-scoring v4": 2,
        "champion": 1,
    }
    said = {(edge.source, edge.words, edge.target) for edge in found.edges}
    assert ("ancestor-1", "followed by", "version") in said
    assert ("version", "serves as", "pointer-champion") in said
    assert (f"child-{chain[2].pk}", "followed by", f"child-{chain[3].pk}") in said


def test_a_long_line_of_parents_is_cut_and_says_so(ada):
    model = factories.model(owner=ada)
    version = factories.version(model, owner=ada)
    for _ in range(GENERATIONS + 2):
        version = factories.version(model, owner=ada, parent=version)

    found = lineage(version, user=ada)

    assert len(found.before) == GENERATIONS
    assert "its own lineage shows it" in found.left_out[0]


def test_many_children_are_cut_and_said_so(ada):
    parent = factories.version(owner=ada)
    for _ in range(MOST_CHILDREN + 1):
        factories.version(parent.model, owner=ada, parent=parent)

    found = lineage(parent, user=ada)

    assert len(found.after) == MOST_CHILDREN
    assert found.left_out == [f"Only the newest {MOST_CHILDREN} followers are shown."]


def test_what_the_reader_may_not_see_has_no_name(ada):
    secret = factories.version(factories.model("secret", owner=ada), owner=ada)
    child = factories.version(factories.model("open", owner=ada), owner=ada, parent=secret)
    bo = person("bo")
    assign_perm("registry.view_registeredmodel", bo, child.model)

    [parent] = lineage(child, user=bo).before

    assert (parent.title, parent.url, parent.detail) == (HIDDEN, "", "")
    assert lineage(secret, user=ada).after[0].title == "open v1"


def test_a_deleted_parent_is_named_without_a_link(ada):
    model = factories.model(owner=ada)
    parent = factories.version(model, owner=ada)
    child = factories.version(model, owner=ada, parent=parent)
    services.delete_version(parent, actor=ada)

    [node] = lineage(child, user=ada).before

    assert (node.title, node.url, node.note) == ("credit-scoring v1", "", "deleted")


def test_a_version_measured_on_what_it_was_trained_on_is_told_so(tmp_path, settings):
    settings.EVALUATION_ROOTS = [str(tmp_path)]
    file = tmp_path / "loans.parquet"
    predictions(60).to_parquet(file, index=False)
    digest = f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"
    told = release.ready()
    twin = services.create_version(
        told.version.model,
        actor=person("ada"),
        training_data="loans",
        training_data_digest=digest,
    )
    measured = evaluations.request_evaluation(
        twin, actor=person("mo"), source=str(file), columns=COLUMNS, dataset_name="loans"
    )
    jobs.run(str(measured.job_id))

    found = lineage(twin, user=person("ada"))

    assert [node.note for node in found.after] == ["The same file it was trained on."]


def test_boxes_of_a_drawing_do_not_overlap_and_lines_run_rightwards(ada):
    version = factories.version(owner=ada, training_data="d", code_commit="c", run_id="r")
    for _ in range(5):
        factories.version(version.model, owner=ada, parent=version)

    drawing = drawn(lineage(version, user=ada))

    places = [(box.x, box.y) for box in drawing.boxes]
    assert len(set(places)) == len(places)
    assert all(0 <= x <= drawing.width - drawing.box_width for x, _y in places)
    assert all(0 <= y <= drawing.height - drawing.box_height for _x, y in places)
    assert all(not line.path.startswith("M-") for line in drawing.lines)
