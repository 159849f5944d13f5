"""What letters about reports say, and the file that goes along."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from zhiyin.accounts.mail import Attachment
from zhiyin.accounts.models import Mail
from zhiyin.kernel.text import _, in_language
from zhiyin.reports import files
from zhiyin.reports.models import Edition, Letter


def subject(edition: Edition, language: str) -> str:
    """What the letter is called."""
    with in_language(language):
        return str(
            _("{title}: {workspace}, {day}", title=edition.report.title,
              workspace=edition.report.workspace.name, day=f"{edition.published_at:%Y-%m-%d}")
        )  # fmt: skip


def body(edition: Edition, language: str, *, attaches: bool) -> str:
    """What the letter says."""
    address = reverse(
        "edition", args=[edition.report.workspace.slug, edition.report.pk, edition.number]
    )
    link = settings.ZHIYIN_PUBLIC_URL.rstrip("/") + address
    with in_language(language):
        said = [
            _("The report {title} is published.", title=edition.report.title),
            _("It is attached as PDF. Here it is as a page, with what has changed since:")
            if attaches
            else _("Read it here, as a page, PDF or slides:"),
        ]
        end = _("You get this letter because a member of {workspace} chose you to. Whoever may"
                " publish there can end it.", workspace=edition.report.workspace.name)  # fmt: skip
        return "\n\n".join([*map(str, said), link, str(end)])


def attachments(letter: Mail) -> list[Attachment]:
    """The report that goes along with a letter, without what was erased meanwhile."""
    held = Letter.objects.filter(mail=letter, attaches=True)
    found = held.select_related("edition__report__workspace").first()
    if found is None or found.edition is None:
        return []
    path = files.of(
        found.edition, "pdf", settings.ZHIYIN_DATA, sees_personal_data=not found.is_masked
    )
    name = f"{found.edition.report.title}.pdf".replace("/", "-")
    return [Attachment(name, files.TYPES["pdf"], path.read_bytes())]
