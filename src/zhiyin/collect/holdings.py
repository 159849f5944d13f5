"""What personal data the room holds outside the log."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding("model", "collect.EventDefinition", "nobody", (), "what people say of names of events"),
    Holding(
        "model",
        "collect.Upload",
        "person",
        ("uploaded_by",),
        "who brought which file in the browser, and what its import came to",
    ),
    Holding("model", "collect.Survey", "person", ("created_by", "changed_by"), "surveys as drafts"),
    Holding(
        "model",
        "collect.SurveyVersion",
        "person",
        ("published_by",),
        "surveys as customers see them",
    ),
    Holding("model", "collect.Aspect", "nobody", (), "what chosen reasons count under"),
    Holding(
        "model",
        "collect.WidgetRule",
        "person",
        ("created_by", "changed_by"),
        "where, when and to whom surveys are shown on sites",
    ),
    Holding("model", "collect.SavedMapping", "person", ("saved_by",), "mappings that are kept"),
    Holding(
        "model",
        "collect.Distribution",
        "person",
        ("created_by", "changed_by"),
        "how a survey is sent out, and in which words",
    ),
    Holding(
        "model",
        "collect.Asking",
        "customer",
        ("customer", "address", "fields"),
        "who is asked what at which address; without names 30 days after the last letter",
    ),
    Holding(
        "model",
        "collect.Stopped",
        "nobody",
        (),
        "addresses at which nobody is asked any more, as keyed hashes: kept, so that it stays so",
    ),
    Holding(
        "model", "collect.VerbatimSource", "person", ("made_by",), "where verbatims are fetched"
    ),
    Holding("model", "collect.SourceRun", "nobody", (), "what each run of a source came to"),
    Holding("model", "collect.ContactRules", "nobody", (), "who may be asked, and when"),
    Holding("model", "collect.TriggerLook", "nobody", (), "how far a trigger has read the log"),
    Holding(
        "folder", "uploads", "customer", (), "files that wait to be imported, for two days at most"
    ),
    Holding(
        "folder", "widgets", "customer", (), "kept lists that rules of the widget name, as keys"
    ),
    Holding("folder", "holding", "nobody", (), "anonymous answers until five have come together"),
    Holding("folder", "answer_files", "customer", (), "files that customers sent with answers"),
    Holding("folder", "rejects", "customer", (), "rows of files that an import could not take"),
)
