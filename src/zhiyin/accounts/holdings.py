"""What personal data the relational store holds. Erasure and export walk these declarations."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "model",
        "accounts.Person",
        "person",
        ("login", "name", "email", "language", "timezone", "password", "last_login"),
        "to sign in, and to show pages in the person's language and time",
    ),
    Holding(
        "model",
        "accounts.Membership",
        "person",
        ("person", "role", "unit", "scope", "sees_personal_data"),
        "who works where, in what role, and sees what",
    ),
    Holding(
        "model",
        "accounts.Invitation",
        "person",
        ("login", "role", "unit", "scope", "invited_by"),
        "who may join, until she does or the invitation ends",
    ),
    Holding(
        "model",
        "accounts.FailedSignIn",
        "person",
        ("bucket", "where"),
        "to slow down who guesses passwords; for a quarter of an hour",
    ),
    Holding(
        "model",
        "accounts.OpenSession",
        "person",
        ("person", "session_key", "begun_at", "seen_at", "where", "browser"),
        "so that a person sees where she is signed in, until the session ends",
    ),
    Holding(
        "model",
        "accounts.Mail",
        "person",
        ("to", "subject", "body"),
        "letters to people who work here, and to customers about their cases; the text goes when"
        " it is sent, the rest after 30 days",
    ),
    Holding(
        "model",
        "accounts.ApiKey",
        "person",
        ("made_by",),
        "what programs may do, and who let them",
    ),
    Holding(
        "model",
        "accounts.SavedView",
        "person",
        ("person", "name", "query"),
        "what a page was asked, for whoever saved it or for all who work here, until removed",
    ),
    Holding(
        "model",
        "accounts.KeptAnswer",
        "customer",
        ("body",),
        "what the API answered, for a day, so that a request sent twice is done once",
    ),
    Holding(
        "model",
        "accounts.Work",
        "person",
        ("asked_by",),
        "who asked for which background work; removed 90 days after it ended",
    ),
    Holding("model", "accounts.Unit", "nobody", (), "the organisation tree"),
    Holding(
        "model",
        "accounts.AuditEntry",
        "person",
        ("by", "by_person", "where", "subject", "before", "after"),
        "who did what, when and from where; kept as evidence",
    ),
    Holding("model", "accounts.Workspace", "nobody", (), "settings of a workspace"),
    Holding("model", "accounts.WriteKey", "nobody", (), "public keys of the sources of events"),
    Holding(
        "folder", "snapshots", "nobody", (), "what the log process reads of keys, rules and surveys"
    ),
    Holding(
        "model", "sessions.Session", "person", ("session_data",), "who is signed in, until it ends"
    ),
    Holding(
        "model",
        "mfa.Authenticator",
        "person",
        ("user", "type", "data", "last_used_at"),
        "the second step of signing in: sealed secrets, public keys of passkeys",
    ),
    Holding(
        "model",
        "socialaccount.SocialAccount",
        "person",
        ("user", "provider", "uid", "last_login"),
        "which account of the company's identity provider signs a person in",
    ),
    Holding("model", "socialaccount.SocialApp", "nobody", (), "part of allauth; unused"),
    Holding("model", "socialaccount.SocialToken", "nobody", (), "part of allauth; unused"),
    Holding("model", "account.EmailAddress", "nobody", (), "part of allauth; unused"),
    Holding("model", "account.EmailConfirmation", "nobody", (), "part of allauth; unused"),
    Holding("model", "auth.Group", "nobody", (), "part of Django; unused"),
    Holding("model", "auth.Permission", "nobody", (), "part of Django; unused"),
    Holding("model", "contenttypes.ContentType", "nobody", (), "part of Django; names of models"),
)
