"""What a version was made from and what came of it, as nodes and edges; draws and judges nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from governance.evaluation.models import Evaluation
from registry.models import ModelVersion, RegisteredModel, Stage

if TYPE_CHECKING:
    from governance.accounts.models import User

GENERATIONS = 3
MOST_CHILDREN = 12
MOST_DATA_SETS = 8
HIDDEN = "A version you may not see"
KINDS = {
    "version": "Version",
    "data": "Training data",
    "run": "Run",
    "code": "Code",
    "base": "Base model",
    "container": "Container",
    "environment": "Environment",
    "evaluation": "Measured on",
    "pointer": "Serves as",
}


@dataclass(frozen=True)
class Node:
    """One thing of the graph; `rank` counts from what came before (negative) to what came after."""

    key: str
    kind: str  # a key of KINDS
    title: str
    rank: int
    detail: str = ""
    url: str = ""
    note: str = ""

    @property
    def kind_words(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True)
class Edge:
    """From what was there first to what came of it, with the verb between them."""

    source: str
    target: str
    words: str


@dataclass
class Lineage:
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def node(self, key: str) -> Node:
        return next(one for one in self.nodes if one.key == key)

    @property
    def before(self) -> list[Node]:
        return [one for one in self.nodes if one.rank < 0]

    @property
    def after(self) -> list[Node]:
        return [one for one in self.nodes if one.rank > 0]


def lineage(version: ModelVersion, *, user: "User") -> Lineage:
    """Three generations back, two on, in at most six queries; hides versions the reader may not see.

    A parent exists before its child and never changes, so there is no cycle to fear.
    """
    found = Lineage()
    found.nodes.append(_version_node(version, 0))
    for node, words in _ingredients(version):
        found.nodes.append(node)
        found.edges.append(Edge(node.key, "version", words))
    _add_ancestors(found, version, user)
    _add_children(found, version, user)
    _add_evaluations(found, version)
    _add_pointers(found, version)
    return found


def _ingredients(version: ModelVersion) -> Iterator[tuple[Node, str]]:
    """What the pipeline said it was made of."""
    if version.training_data or version.training_data_digest:
        title = version.training_data or "Training data"
        yield Node("data", "data", title, -1, version.training_data_digest), "trained on"
    if version.run_id or version.run_link:
        yield (
            Node("run", "run", version.run_id or version.run_link, -1, url=version.run_link),
            "made by",
        )
    for kind, words in (
        ("code_commit", "built by"),
        ("base_model", "tuned from"),
        ("container_digest", "runs in"),
        ("environment_digest", "needs"),
    ):
        if value := getattr(version, kind):
            yield Node(kind, kind.partition("_")[0], value, -1), words


def _add_ancestors(found: Lineage, version: ModelVersion, user: "User") -> None:
    chain = _ancestors(version)
    seen = _seen_models(chain, user)
    child = "version"
    for generation, ancestor in enumerate(chain[:GENERATIONS], 1):
        if ancestor.model_id not in seen:
            hidden = Node(f"ancestor-{generation}", "version", HIDDEN, -generation)
            found.nodes.append(hidden)
            found.edges.append(Edge(hidden.key, child, "followed by"))
            return
        node = _version_node(ancestor, -generation, key=f"ancestor-{generation}")
        found.nodes.append(node)
        found.edges.append(Edge(node.key, child, "followed by"))
        child = node.key
    if len(chain) > GENERATIONS:
        oldest = chain[GENERATIONS - 1].label
        found.left_out.append(f"What came before {oldest}; its own lineage shows it.")


def _ancestors(version: ModelVersion) -> list[ModelVersion]:
    """Parent, grandparent and so on, one more than is shown, in one query."""
    path = ["__".join(["parent"] * depth) for depth in range(1, GENERATIONS + 2)]
    related = [f"{one}__model" for one in path]
    held = ModelVersion.objects.select_related(*related).get(pk=version.pk)
    chain = []
    while len(chain) <= GENERATIONS and held.parent_id:
        held = held.parent
        chain.append(held)
    return chain


def _seen_models(versions: list[ModelVersion], user: "User") -> set[int]:
    """Which models of the versions the reader may see, those deleted since included."""
    models = RegisteredModel.objects.permitted_to(user, "view_registeredmodel")
    return set(
        models.filter(pk__in={one.model_id for one in versions}).values_list("pk", flat=True)
    )


def _add_children(found: Lineage, version: ModelVersion, user: "User") -> None:
    visible = ModelVersion.objects.visible_to(user).select_related("model").order_by("-pk")
    keys = {version.pk: "version"}
    for rank in (1, 2):
        children = list(visible.filter(parent__in=keys)[: MOST_CHILDREN + 1])
        if len(children) > MOST_CHILDREN:
            found.left_out.append(f"Only the newest {MOST_CHILDREN} followers are shown.")
        parents, keys = keys, {}
        for child in children[:MOST_CHILDREN]:
            node = _version_node(child, rank, key=f"child-{child.pk}")
            found.nodes.append(node)
            found.edges.append(Edge(parents[child.parent_id], node.key, "followed by"))
            keys[child.pk] = node.key
        if not keys:
            return


def _add_evaluations(found: Lineage, version: ModelVersion) -> None:
    """Each data set once, by its newest finished evaluation."""
    finished = version.evaluations.filter(state=Evaluation.State.FINISHED)
    newest = list(
        finished.order_by("dataset_name", "dataset_version", "data_digest", "-created_at")
        .distinct("dataset_name", "dataset_version", "data_digest")
        .only("pk", "dataset_name", "dataset_version", "data_digest")[: MOST_DATA_SETS + 1]
    )
    if len(newest) > MOST_DATA_SETS:
        found.left_out.append(f"Only {MOST_DATA_SETS} evaluation data sets are shown.")
    for one in newest[:MOST_DATA_SETS]:
        same = one.data_digest and one.data_digest == version.training_data_digest
        node = Node(
            f"evaluation-{one.pk}",
            "evaluation",
            one.dataset,
            1,
            one.data_digest,
            f"/evaluations/{one.pk}/",
            "The same file it was trained on." if same else "",
        )
        found.nodes.append(node)
        found.edges.append(Edge("version", node.key, "measured on"))


def _add_pointers(found: Lineage, version: ModelVersion) -> None:
    page = version.model.get_absolute_url()
    names = [alias.name for alias in version.aliases.all()]
    names += [version.stage] if version.stage != Stage.NONE else []
    for name in names:
        node = Node(f"pointer-{name}", "pointer", name, 1, url=f"{page}history/")
        found.nodes.append(node)
        found.edges.append(Edge("version", node.key, "serves as"))


def _version_node(version: ModelVersion, rank: int, *, key: str = "version") -> Node:
    gone = "deleted" if version.is_deleted or version.model.is_deleted else ""
    url = "" if gone else version.get_absolute_url()
    return Node(key, "version", version.label, rank, version.digest, url, gone)
